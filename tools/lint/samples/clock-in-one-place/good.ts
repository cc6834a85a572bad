import type { Clock } from "./clock.ts";

export function age(clock: Clock, bornAt: number): number {
  return clock.now() - bornAt;
}
export const epoch = new Date(0).toISOString();
export const startedAt = performance.now();
