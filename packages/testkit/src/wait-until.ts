const PAUSE_MS = 10;

/**
 * Waits until the condition answers true, asking again every 10 ms; instead of sleeping for a guessed time.
 * Fails with `what` in its message when `timeoutMs` have passed. An error of the condition counts as "not yet" and is
 * the cause of that failure.
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
  what = "the condition",
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  do {
    try {
      if (await condition()) return;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } while (performance.now() < deadline);
  throw new Error(`Waited ${timeoutMs} ms for ${what}`, { cause: lastError });
}
