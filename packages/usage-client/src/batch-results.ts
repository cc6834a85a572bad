import type { UsageOutcome } from "./outcome.ts";

/** Reads the answer to `recordUsageBatch`. Null unless it holds exactly `count` results that can be understood. */
export function readBatchResults(data: Record<string, unknown>, count: number): readonly UsageOutcome[] | null {
  const batch = data["recordUsageBatch"];
  if (!isObject(batch)) return null;
  const results = batch["results"];
  if (!Array.isArray(results) || results.length !== count) return null;
  const outcomes: UsageOutcome[] = [];
  for (const result of results) {
    const outcome = readResult(result);
    if (outcome === null) return null;
    outcomes.push(outcome);
  }
  return outcomes;
}

const RECORDED: UsageOutcome = { outcome: "RECORDED" };
const DUPLICATE: UsageOutcome = { outcome: "DUPLICATE" };

function readResult(result: unknown): UsageOutcome | null {
  if (!isObject(result)) return null;
  if (result["outcome"] === "RECORDED") return RECORDED;
  if (result["outcome"] === "DUPLICATE") return DUPLICATE;
  if (result["outcome"] !== "REJECTED") return null;
  const rejection = isObject(result["rejection"]) ? result["rejection"] : {};
  const { code, message, field } = rejection as { code?: unknown; message?: unknown; field?: unknown };
  return {
    outcome: "REJECTED",
    rejection: {
      code: typeof code === "string" ? code : "UNKNOWN",
      message: typeof message === "string" ? message : "The API gave no reason.",
      field: typeof field === "string" ? field : null,
    },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
