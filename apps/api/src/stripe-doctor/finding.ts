/** How a check went. ASK: only a person can tell, and how. */
export type Outcome = "OK" | "FAULT" | "ASK";

/** One check of the account; `answer` is what was seen, `expected` what Meterline was built on. */
export type Finding = {
  id: string;
  title: string;
  outcome: Outcome;
  expected: string;
  answer: string;
};

/** What a call was answered with, in one line: its refusal, or that it was taken. */
export type Reply = { taken: boolean; text: string };

/** What the whole run found, as it is written down. */
export type Report = { place: string; apiVersion: string; ranAt: string; findings: Finding[] };
