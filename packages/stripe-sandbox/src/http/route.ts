import type { World } from "../core/world.ts";
import type { RawObject } from "../wire/form.ts";

/** A request whose route, key and encoding are settled. `params` are the query's or the body's, still unchecked. */
export type Call = {
  params: RawObject;
  /** What the `:name` parts of the pattern matched. */
  path: Readonly<Record<string, string>>;
  /** The path as it was asked for, which lists repeat in `url`. */
  url: string;
  apiVersion: string;
  /** The token after `Bearer`. */
  key: string;
};

/** What one method and path do. A handler is synchronous, so that a request is one step that can be undone. */
export type Route = {
  method: "GET" | "POST" | "DELETE";
  /** `/v1/customers/:id` */
  pattern: string;
  handle: (world: World, call: Call) => unknown;
  /** Names of what one call at a time may hold; a second one is refused at once. */
  exclusive?: (world: World, call: Call) => string[];
};

/** The value of a `:name` part. */
export function pathPart(call: Call, name: string): string {
  const value = call.path[name];
  if (value === undefined) throw new Error(`no :${name} in the pattern of ${call.url}`);
  return value;
}

/** Whether the caller pinned a version from before `2025-03-31.basil`, which removed usage records. */
export function isBeforeBasil(call: Call): boolean {
  return call.apiVersion.slice(0, 10) < "2025-03-31";
}

/** Finds the route of a request, and what its pattern's parts matched. */
export function matchRoute(
  routes: readonly Route[],
  method: string,
  url: string,
): { route: Route; path: Record<string, string> } | null {
  const parts = url.split("/");
  for (const route of routes) {
    if (route.method !== method) continue;
    const path = matchParts(route.pattern.split("/"), parts);
    if (path) return { route, path };
  }
  return null;
}

function matchParts(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const path: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? "";
    if (expected.startsWith(":") && part !== "") path[expected.slice(1)] = decodeURIComponent(part);
    else if (expected !== part) return null;
  }
  return path;
}
