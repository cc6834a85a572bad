import { useEffect, useRef, useState } from "react";
import { useThrottled } from "./use-throttled.ts";

/** How often at most a moving figure is spoken. */
const SPOKEN_EVERY_MS = 60_000;

/**
 * For screen readers: a figure that has moved, in a polite sentence and at most once a minute. Figures themselves are in
 * no live region, since several updates a second would drown everything else; alerts have a region of their own.
 */
export function MovedTotal({ words }: { words: string }) {
  const first = useRef(words);
  const settled = useThrottled(words, SPOKEN_EVERY_MS);
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    if (settled !== first.current) setSpoken(settled);
  }, [settled]);
  return (
    <span className="ml-hidden" role="status">
      {spoken}
    </span>
  );
}
