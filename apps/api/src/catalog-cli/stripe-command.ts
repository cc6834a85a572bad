import type { Connection } from "./connection.ts";
import type { ExitCode, Terminal } from "./catalog-command.ts";
import { CatalogApi, type ShownChange, type ShownDifference } from "./catalog-api.ts";

/** What a person asked for: show what bringing the catalog to Stripe would do, or do it. */
export type StripeRequest = { command: "plan" | "apply"; json: boolean; yes: boolean };

/** One call applies 200 changes; past this many calls something is wrong. */
const mostCalls = 1_000;

const differenceQuery = "query { answer: stripeCatalogDifference { changes { kind path summary } digest } }";
const applyMutation = `mutation ($digest: String!) {
  answer: applyStripeCatalog(digest: $digest) { left applied { kind path summary } } }`;

/** Compares the running Meterline's catalog with its Stripe account, and brings it there where that is asked for. */
export async function runStripeCommand(
  request: StripeRequest,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const api = new CatalogApi(connection);
  const compared = await api.ask<ShownDifference>(differenceQuery, {});
  if (compared.kind !== "ANSWER") return refused(request, terminal, compared.message);
  const { answer: difference } = compared;
  const pending = difference.changes.filter(isDone).length;
  if (!request.json) terminal.out(stripeDifferenceText(difference, terminal.paint));
  if (request.command === "plan" || pending === 0) return finish(request, terminal, difference.changes, 0);
  if (!request.yes) {
    if (terminal.ask === null || request.json) {
      terminal.error("Nobody can be asked here; add --yes to apply without asking.");
      return 2;
    }
    if (!(await terminal.ask("Bring it to Stripe?"))) return finish(request, terminal, difference.changes, 0);
  }
  return applyAll(request, { api, terminal, difference });
}

async function applyAll(
  request: StripeRequest,
  on: { api: CatalogApi; terminal: Terminal; difference: ShownDifference },
): Promise<ExitCode> {
  const { api, terminal } = on;
  let { digest } = on.difference;
  let count = 0;
  for (let call = 0; call < mostCalls; call += 1) {
    const applied = await api.ask<{ left: number; applied: ShownChange[] }>(applyMutation, { digest });
    if (applied.kind !== "ANSWER") return refused(request, terminal, applied.message);
    count += applied.answer.applied.length;
    if (applied.answer.left === 0) break;
    // What is left is a difference of its own, with its own digest.
    const rest = await api.ask<ShownDifference>(differenceQuery, {});
    if (rest.kind !== "ANSWER") return refused(request, terminal, rest.message);
    ({ digest } = rest.answer);
  }
  return finish(request, terminal, on.difference.changes, count);
}

const isDone = (change: ShownChange): boolean => change.kind !== "RATED_HERE" && change.kind !== "REFUSE";

function finish(
  request: StripeRequest,
  terminal: Terminal,
  changes: readonly ShownChange[],
  applied: number,
): ExitCode {
  if (request.json) terminal.out(JSON.stringify({ applied, changes }, null, 2));
  else if (applied > 0) terminal.out(`${applied} done at Stripe.`);
  return 0;
}

function refused(request: StripeRequest, terminal: Terminal, message: string): ExitCode {
  if (request.json) terminal.out(JSON.stringify({ applied: 0, error: message }, null, 2));
  else terminal.error(message);
  return 1;
}

const signs: Record<string, { sign: string; color: "green" | "yellow" | "gray" | "red" }> = {
  ADD: { sign: "+", color: "green" },
  ADOPT: { sign: "&", color: "green" },
  REPLACE: { sign: "~", color: "yellow" },
  MEND: { sign: "~", color: "yellow" },
  RATED_HERE: { sign: "=", color: "gray" },
  REFUSE: { sign: "!", color: "red" },
};

/** The difference for people: one line a change, then how many there are. */
export function stripeDifferenceText({ changes }: ShownDifference, paint: Terminal["paint"]): string {
  const width = Math.max(0, ...changes.map((change) => change.path.length));
  const lines = changes.map((change) => {
    const { sign, color } = signs[change.kind] ?? { sign: "?", color: "gray" };
    return paint(color, `${sign} ${change.path.padEnd(width)}  ${change.summary}`.replace(/\p{Cc}/gu, "�"));
  });
  const count = (kind: string) => changes.filter((change) => change.kind === kind).length;
  const pending = changes.filter(isDone).length;
  const summary =
    pending === 0
      ? "Nothing to do: Stripe has what the catalog needs."
      : `${count("ADD")} to make, ${count("ADOPT")} to adopt, ${count("REPLACE")} to supersede, ${count("MEND")} to put right.`;
  const refusals = count("REFUSE") === 0 ? "" : ` ${count("REFUSE")} cannot be; see above.`;
  return [...lines, ...(lines.length === 0 ? [] : [""]), `${summary}${refusals}`].join("\n");
}
