import { existsSync, readFileSync } from "node:fs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @param {string} report Vitest's JSON report @param {number} code its exit code @returns {Counts} */
export function vitestCounts(report, code) {
  const found = read(report);
  const skipped = Number(found.numPendingTests ?? 0) + Number(found.numTodoTests ?? 0);
  return atLeastOneFailure(
    { passed: Number(found.numPassedTests ?? 0), failed: Number(found.numFailedTests ?? 0), skipped },
    code,
  );
}

/** @param {string} report Playwright's JSON report @param {number} code its exit code @returns {Counts} */
export function playwrightCounts(report, code) {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = read(report).stats ?? {};
  return atLeastOneFailure({ passed: expected + flaky, failed: unexpected, skipped }, code);
}

/** @param {Counts} one @param {Counts} other @returns {Counts} */
export function addCounts(one, other) {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed, skipped: one.skipped + other.skipped };
}

/** The closing line of a run. @param {Counts} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

// A run that failed before or beside its tests (a suite that does not load, a leak) must never look green.
/** @param {Counts} counts @param {number} code @returns {Counts} */
function atLeastOneFailure(counts, code) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** @param {string} file @returns {Record<string, any>} */
function read(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}
