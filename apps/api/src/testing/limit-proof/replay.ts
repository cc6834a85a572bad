import type { HoldOutcome } from "../../modules/holds/index.ts";
import type { IngestOutcome } from "../../modules/ingestion/index.ts";
import type { IngestEvent } from "../../modules/ingestion/ingest-event.ts";
import type { HoldRecord } from "../../modules/limits/index.ts";
import type { LoggedDecision } from "./decision-log.ts";
import { LimitModel, type ModelLimit, type ModelUsage } from "./limit-model.ts";

/** What a caller did, where a decision does not say it by itself. */
export type Doing =
  | { do: "hold"; customerId: string; usage: ModelUsage; expiresAt: number }
  | { do: "release"; customerId: string; holdId: string }
  | { do: "void"; customerId: string; eventKey: string }
  | { do: "limit"; customerId: string; limit: ModelLimit };

/** How the replay went: each decision that the model would have taken otherwise, and how many there were of each kind. */
export type Replay = { faults: string[]; counts: Record<string, number>; model: LimitModel };

/** Replays the decisions of one customer in the order in which they were taken, and compares each with the model's. */
export function replay(customerId: string, log: readonly LoggedDecision[], committed: ReadonlySet<string>): Replay {
  const result: Replay = { faults: [], counts: {}, model: new LimitModel() };
  const happened = log.filter((one) => one.undone || committed.has(one.id)).toSorted((left, right) => left.n - right.n);
  for (const entry of happened) {
    if (Array.isArray(entry.decided)) replayGroup(result, customerId, entry, entry.decided as IngestOutcome[]);
    else if ((entry.doing as Doing | undefined)?.customerId === customerId) replayOne(result, entry);
  }
  return result;
}

function replayGroup(
  result: Replay,
  customerId: string,
  entry: LoggedDecision,
  outcomes: readonly IngestOutcome[],
): void {
  // A group of repeats, too, writes down which holds have ended.
  if (entry.now !== null && outcomes.some((one) => customerOf(one) === customerId)) result.model.expire(entry.now);
  for (const outcome of outcomes) {
    const placed = placedOf(outcome);
    if (placed?.customerId === customerId) replayEvent(result, entry, placed, outcome.outcome === "RECORDED");
  }
}

function customerOf(outcome: IngestOutcome): string | undefined {
  return outcome.outcome === "DUPLICATE" ? outcome.event.customerId : placedOf(outcome)?.customerId;
}

function placedOf(outcome: IngestOutcome): IngestEvent | null {
  if (outcome.outcome === "DUPLICATE") return null;
  return outcome.placed ?? null;
}

function replayEvent(
  { model, faults, counts }: Replay,
  entry: LoggedDecision,
  event: IngestEvent,
  fits: boolean,
): void {
  const usage: ModelUsage = {
    key: event.idempotencyKey,
    meter: event.meter.key,
    units: BigInt(event.quantityText),
    at: event.occurredAt,
    properties: event.properties ?? {},
  };
  if (model.recorded.has(usage.key)) faults.push(`${entry.n}: ${usage.key} was decided twice`);
  const hold = event.holdId ? model.holds.get(event.holdId) : undefined;
  const given = hold?.state === "HELD" ? hold : undefined;
  const verdict = model.judge(usage, given === undefined ? {} : { given, promised: given.units });
  const word = hold === undefined ? "record" : `commit ${given === undefined ? "ended" : "held"}`;
  tally(counts, `${word} ${fits ? "fits" : "refused"}`);
  if (verdict.fits !== fits)
    faults.push(
      `${entry.n}: ${word} ${usage.key} ${usage.meter} ${usage.units}: ${fits ? "was recorded" : "was refused"}, and the model says ${verdict.why || "it fits"}`,
    );
  if (!fits) return;
  model.recorded.set(usage.key, { ...usage, voided: false });
  if (hold !== undefined) hold.state = "COMMITTED";
}

function replayOne(result: Replay, entry: LoggedDecision): void {
  const { model, faults, counts } = result;
  const doing = entry.doing as Doing;
  // What was undone left no hold ended, either: one whose time is nearly up may still be held by a clock that is behind.
  const states = new Map([...model.holds].map(([id, hold]) => [id, hold.state]));
  if (entry.now !== null) model.expire(entry.now);
  if (entry.undone) {
    replayVoid(result, entry, (doing as Doing & { do: "void" }).eventKey);
    for (const [id, hold] of model.holds) hold.state = states.get(id) ?? hold.state;
    return;
  }
  switch (doing.do) {
    case "limit":
      model.limits.set(doing.limit.id, doing.limit);
      tally(counts, "limit changed");
      return;
    case "hold": {
      const outcome = entry.decided as HoldOutcome;
      if (outcome.ok && model.holds.has(outcome.hold.id)) return;
      const at = entry.now ?? doing.usage.at;
      const verdict = model.judge({ ...doing.usage, at });
      tally(counts, `hold ${outcome.ok ? "fits" : "refused"}`);
      if (verdict.fits !== outcome.ok)
        faults.push(
          `${entry.n}: hold ${doing.usage.meter} ${doing.usage.units}: ${outcome.ok ? "was held" : "was refused"}, and the model says ${verdict.why || "it fits"}`,
        );
      if (!outcome.ok) return;
      const { id, expiresAt } = outcome.hold;
      model.holds.set(id, { ...doing.usage, at, expiresAt, state: "HELD" });
      return;
    }
    case "release": {
      const hold = model.holds.get(doing.holdId);
      if (hold?.state === "HELD") hold.state = "RELEASED";
      const { state } = entry.decided as HoldRecord;
      if (hold?.state !== state)
        faults.push(`${entry.n}: a released hold is ${state}, and the model says ${hold?.state}`);
      tally(counts, `release ${state}`);
      return;
    }
    case "void":
      replayVoid(result, entry, doing.eventKey);
  }
}

function replayVoid({ model, faults, counts }: Replay, entry: LoggedDecision, eventKey: string): void {
  const outcome = entry.decided as IngestOutcome;
  const target = model.recorded.get(eventKey);
  if (outcome.outcome === "DUPLICATE") return;
  if (target === undefined || target.voided) {
    faults.push(`${entry.n}: ${eventKey} was taken back, and the model does not hold it`);
    return;
  }
  const verdict = target.units < 0n ? model.judge({ ...target, units: -target.units }) : { fits: true, why: "" };
  const fits = outcome.outcome === "RECORDED";
  tally(counts, `void ${fits ? "fits" : "refused"}`);
  if (verdict.fits !== fits)
    faults.push(
      `${entry.n}: void of ${target.units}: ${fits ? "recorded" : "refused"}, and the model says ${verdict.why || "it fits"}`,
    );
  if (fits) target.voided = true;
}

function tally(counts: Record<string, number>, word: string): void {
  counts[word] = (counts[word] ?? 0) + 1;
}
