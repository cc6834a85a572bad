import type { Finding, Outcome, Report } from "./finding.ts";

const signs: Record<Outcome, string> = { OK: "✓", FAULT: "✗", ASK: "?" };

/** One finding, for people. */
export function findingText({ outcome, title, expected, answer }: Finding): string {
  const seen = outcome === "OK" ? answer : `${answer}\n      expected: ${expected}`;
  return `  ${signs[outcome]} ${title}\n      ${seen}`;
}

/** How it went in all. Against a sandbox every answer is the sandbox's own, and says nothing of Stripe. */
export function summaryText(report: Report, file: string): string {
  const count = (outcome: Outcome) => report.findings.filter((finding) => finding.outcome === outcome).length;
  const about =
    report.place === "SANDBOX"
      ? "These are the answers of the local sandbox, NOT of Stripe: set STRIPE_API_KEY to the key of a test account."
      : "These are the answers of Stripe's test mode.";
  const counts = `${count("OK")} as expected, ${count("FAULT")} not, ${count("ASK")} for you to look at.`;
  return `\n${counts} ${about}\nWritten to ${file}.`;
}
