import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { RejectsFile } from "./rejects-file.ts";

test("refused rows are all in the file, however long it is waited for room, and leave nothing listening on it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "rejects-"));
  const warned = vi.fn<(warning: Error) => void>();
  process.on("warning", warned);
  try {
    const file = new RejectsFile(join(directory, "a.rejects.csv"), ["at", "text"]);
    // Each is more than the stream takes before it asks to wait.
    const text = "x".repeat(20_000);
    for (let line = 2; line < 102; line += 1) {
      await file.write({ line, values: ["now", text], fault: null }, { code: "NO_KEY", message: "No key." });
    }
    await file.close();
    const lines = readFileSync(file.path, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe(`101,NO_KEY,No key.,now,${text}`);
    expect(warned).not.toHaveBeenCalled();
  } finally {
    process.off("warning", warned);
    rmSync(directory, { recursive: true });
  }
});
