import { ProcessScope } from "./process-scope.ts";

/** Any instant but 0, which a cache takes for none. */
const standing = 1;

/**
 * Has real time stand still inside a process of the simulation, so that what is cached for ten real seconds, or done for
 * so long at a time, does not depend on how busy the machine is. Answers the way back.
 */
export function openTimeGate(): () => void {
  const now = performance.now.bind(performance);
  performance.now = () => (ProcessScope.current() === undefined ? now() : standing);
  return () => {
    performance.now = now;
  };
}
