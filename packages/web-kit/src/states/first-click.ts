import type { MouseEvent } from "react";

/** False for the second click of a double click, which would answer or take back what the first one began. */
export function isFirstClick(event: MouseEvent): boolean {
  return event.detail <= 1;
}
