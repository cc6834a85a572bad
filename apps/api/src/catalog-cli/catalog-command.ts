import { CatalogApi, type CatalogAnswer, type ShownChange, type ShownDifference } from "./catalog-api.ts";
import { type CatalogFile, type FileFault, readCatalogFile } from "./catalog-file.ts";
import type { Connection } from "./connection.ts";

/** What a person asked for on the command line. */
export type CatalogRequest = { command: "plan" | "apply"; file: string; json: boolean; yes: boolean };

/** The terminal. `ask` is null where nobody can answer. */
export type Terminal = {
  out: (text: string) => void;
  error: (text: string) => void;
  paint: (color: "green" | "yellow" | "gray" | "red", text: string) => string;
  ask: ((question: string) => Promise<boolean>) | null;
};

/** 0: nothing to do, or done. 1: Meterline could not be reached, or would not. 2: the file is at fault. */
export type ExitCode = 0 | 1 | 2;

/** Shows the difference between a catalog file and the running Meterline, and applies it where that is asked for. */
export async function runCatalogCommand(
  request: CatalogRequest,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const read = readCatalogFile(request.file);
  if (!read.ok) return showFaults(request, terminal, read.faults);
  const api = new CatalogApi(connection);
  const compared = await api.difference(read.file.content);
  if (compared.kind !== "DIFFERENCE") return showFailure(request, terminal, compared, read.file);
  const { difference } = compared;
  const pending = difference.changes.filter((change) => change.kind !== "KEEP").length;
  if (!request.json) terminal.out(differenceText(difference, connection.url, terminal.paint));
  if (request.command === "plan" || pending === 0) return finish(request, terminal, difference, false);
  const consent = await consentOf(request, terminal);
  if (consent !== "YES") {
    if (consent === "NO") return finish(request, terminal, difference, false);
    terminal.error("Nobody can be asked here; add --yes to apply without asking.");
    return 2;
  }
  const applied = await api.apply(read.file.content, difference.digest);
  if (applied.kind !== "DIFFERENCE") return showFailure(request, terminal, applied, read.file);
  return finish(request, terminal, applied.difference, true);
}

async function consentOf(request: CatalogRequest, terminal: Terminal): Promise<"YES" | "NO" | "NOBODY"> {
  if (request.yes) return "YES";
  // With --json the answer is for a program, which cannot answer back.
  if (terminal.ask === null || request.json) return "NOBODY";
  return (await terminal.ask("Apply?")) ? "YES" : "NO";
}

function finish(request: CatalogRequest, terminal: Terminal, difference: ShownDifference, applied: boolean): ExitCode {
  if (request.json) terminal.out(JSON.stringify({ applied, ...difference }, null, 2));
  else if (applied) terminal.out("Applied.");
  else if (request.command === "apply" && difference.changes.some((change) => change.kind !== "KEEP"))
    terminal.out("Nothing was applied.");
  return 0;
}

function showFailure(
  request: CatalogRequest,
  terminal: Terminal,
  answer: Exclude<CatalogAnswer, { kind: "DIFFERENCE" }>,
  file: CatalogFile,
): ExitCode {
  if (answer.kind === "FAULTS") {
    const faults = answer.faults.map((fault) => ({ ...fault, line: file.lineOf(fault.path) }));
    return showFaults(request, terminal, faults);
  }
  if (request.json) terminal.out(JSON.stringify({ applied: false, error: answer.message }, null, 2));
  else terminal.error(printable(answer.message));
  return 1;
}

function showFaults(request: CatalogRequest, terminal: Terminal, faults: readonly FileFault[]): ExitCode {
  if (request.json) terminal.out(JSON.stringify({ applied: false, faults }, null, 2));
  else {
    for (const fault of faults) {
      const place = fault.line === null ? request.file : `${request.file}:${fault.line}`;
      const path = fault.path === "" ? "" : `${fault.path} `;
      terminal.error(printable(`${place}  ${path}${fault.message}`));
    }
    terminal.error(`${faults.length === 1 ? "1 fault" : `${faults.length} faults`}; nothing was applied.`);
  }
  return 2;
}

const signs: Record<string, { sign: string; color: "green" | "yellow" | "gray" }> = {
  ADD: { sign: "+", color: "green" },
  CHANGE: { sign: "~", color: "yellow" },
  KEEP: { sign: "=", color: "gray" },
};

/** The difference for people: one line a change, then how many there are of each kind. */
export function differenceText(difference: ShownDifference, url: string, paint: Terminal["paint"]): string {
  const { changes } = difference;
  const width = Math.max(0, ...changes.map((change) => change.path.length));
  const lines = changes.map((change) => changeLine(change, width, paint));
  const count = (kind: string) => changes.filter((change) => change.kind === kind).length;
  const summary =
    count("ADD") + count("CHANGE") === 0
      ? `Nothing to do: ${url} holds what the file says.`
      : `${count("ADD")} to add, ${count("CHANGE")} to change at ${url}.`;
  return [...lines, ...(lines.length === 0 ? [] : [""]), summary].join("\n");
}

function changeLine(change: ShownChange, width: number, paint: Terminal["paint"]): string {
  const { sign, color } = signs[change.kind] ?? { sign: "?", color: "gray" };
  return paint(color, printable(`${sign} ${change.path.padEnd(width)}  ${change.summary}`));
}

/** Names come from files and databases; a control character among them must not move the cursor. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, "�");
