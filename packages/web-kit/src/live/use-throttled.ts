import { useEffect, useRef, useState } from "react";

/** The value, changed at most once in `everyMs`; the last one always arrives. */
export function useThrottled<T>(value: T, everyMs: number): T {
  const [shown, setShown] = useState(value);
  const changedAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (value === shown) return undefined;
    const dueInMs = Math.max(0, changedAt.current + everyMs - performance.now());
    const timer = setTimeout(() => {
      changedAt.current = performance.now();
      setShown(value);
    }, dueInMs);
    return () => clearTimeout(timer);
  }, [value, shown, everyMs]);
  return shown;
}
