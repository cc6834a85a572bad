import { LRUCache } from "lru-cache";

/**
 * A cache of at most so many entries, those used last; forgets them after `ttl` real milliseconds if given. Takes memory
 * for what is in it: with a `max`, LRUCache sets memory aside for all that could be, megabytes at each start.
 */
export function boundedCache<K extends {}, V extends {}>(most: number, ttl?: number): LRUCache<K, V> {
  return new LRUCache<K, V>({ maxSize: most, sizeCalculation: () => 1, ...(ttl === undefined ? {} : { ttl }) });
}
