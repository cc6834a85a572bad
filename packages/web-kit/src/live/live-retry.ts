/** Close codes after which trying again alone cannot help: see docs/data-flow.md. */
const FINAL_CODES: ReadonlySet<number> = new Set([1009, 4400, 4401, 4403, 4406, 4409, 4410, 4429]);

/** Of those, the ones that say the session is gone. */
const SIGNED_OUT_CODES: ReadonlySet<number> = new Set([4403, 4410]);

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 20_000;

/** Whether a connection that ended is worth making again. */
export function mayRetry(closed: unknown): boolean {
  const code = closeCodeOf(closed);
  return code === null || !FINAL_CODES.has(code);
}

/** Whether it ended because nobody is signed in any more. */
export function saysSignedOut(closed: unknown): boolean {
  const code = closeCodeOf(closed);
  return code !== null && SIGNED_OUT_CODES.has(code);
}

/**
 * How long to wait before the next try, in milliseconds: doubling, at most 20 s, and anything from half of that to all
 * of it by chance, so that the clients of a server that restarted do not come back in one wave.
 */
export function retryWaitMs(attempt: number, random: () => number = Math.random): number {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  return most * (0.5 + random() / 2);
}

function closeCodeOf(closed: unknown): number | null {
  if (typeof closed !== "object" || closed === null || !("code" in closed)) return null;
  return typeof closed.code === "number" ? closed.code : null;
}
