import { expect, test } from "vitest";
import { laterSequence, mostUrgent } from "./alert-words.ts";

const alert = (severity: "INFO" | "WARNING" | "CRITICAL", sequence: string) => ({ severity, sequence });

test("the most severe alert is the most urgent, and of those the latest, by number and not by text", () => {
  expect(mostUrgent([alert("WARNING", "9"), alert("WARNING", "10"), alert("INFO", "11")])).toEqual(
    alert("WARNING", "10"),
  );
  expect(mostUrgent([alert("CRITICAL", "1"), alert("WARNING", "2")])?.severity).toBe("CRITICAL");
  expect(mostUrgent([])).toBeNull();
  expect(laterSequence("9007199254740993", "9007199254740992")).toBe(true);
});
