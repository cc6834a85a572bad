import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { addCounts, closingLine, playwrightCounts, vitestCounts } from "./counts.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "meterline-counts-"));
afterAll(() => rmSync(folder, { recursive: true }));

function report(content) {
  const file = path.join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

test("vitest: passed, failed and skipped as its report has them", () => {
  const file = report({ numPassedTests: 41, numFailedTests: 2, numPendingTests: 3, numTodoTests: 1 });
  expect(vitestCounts(file, 1)).toEqual({ passed: 41, failed: 2, skipped: 4 });
});

test("a run that fails without a failed test, or leaves no report, counts as one failure", () => {
  expect(vitestCounts(report({ numPassedTests: 5, numFailedTests: 0 }), 1)).toEqual({
    passed: 5,
    failed: 1,
    skipped: 0,
  });
  expect(playwrightCounts(path.join(folder, "missing.json"), 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("playwright: a flaky test passed in the end", () => {
  const file = report({ stats: { expected: 7, unexpected: 0, flaky: 1, skipped: 2 } });
  expect(playwrightCounts(file, 0)).toEqual({ passed: 8, failed: 0, skipped: 2 });
});

test("the closing line names skipped tests only when there are any", () => {
  const counts = addCounts({ passed: 41, failed: 0, skipped: 0 }, { passed: 8, failed: 0, skipped: 0 });
  expect(closingLine(counts)).toBe("49 passed, 0 failed");
  expect(closingLine({ ...counts, skipped: 2 })).toBe("49 passed, 0 failed, 2 skipped");
});
