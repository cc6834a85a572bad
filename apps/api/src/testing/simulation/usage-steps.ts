import type { IngestItem, IngestOutcome } from "../../modules/ingestion/index.ts";
import type { UsagePlan } from "./schedule.ts";
import { fail } from "./simulation-failure.ts";
import type { BookedUsage } from "./usage-book.ts";
import type { World } from "./world.ts";

/** How the usage of a schedule reaches the product: as a backend sends it, again and again until it is answered. */

/** Sends new items. */
export async function recordItems(world: World, plans: readonly UsagePlan[]): Promise<void> {
  const now = world.time.ours.now();
  const entries = plans.map((plan): BookedUsage => {
    const { key, customer, meterKey, quantity, properties } = plan;
    return {
      key,
      customer,
      meterKey,
      quantity,
      occurredAt: now - plan.agoMs,
      properties,
      recorded: null,
      voided: false,
    };
  });
  world.book.entries.push(...entries);
  await send(world, entries);
}

/** Sends earlier items again, as they were. Each is counted already, so each is a DUPLICATE. */
export async function resendItems(world: World, picks: readonly number[]): Promise<void> {
  const entries = picks.flatMap((pick) => world.book.entries.at(pick % Math.max(1, world.book.entries.length)) ?? []);
  // Sent late enough, even a repetition is too old to be looked at; the first answer stands.
  const fresh = entries.filter((entry) => world.time.ours.now() - entry.occurredAt < oldestMs);
  if (fresh.length > 0) await send(world, fresh);
}

/** The greatest age that is taken, less a little for clocks that differ. */
const oldestMs = 35 * 86_400_000 - 600_000;

async function send(world: World, entries: readonly BookedUsage[]): Promise<void> {
  const items = entries.map((entry) => itemOf(world, entry));
  const outcomes = await world.process.untilAnswered(
    (container) => container.ingestion.record(items, { mayBackfill: false }),
    (death) => world.trace.say(`  ${death.message}; the caller sends again`),
  );
  for (const [index, entry] of entries.entries()) book(entry, outcomes[index]);
  const words = Map.groupBy(outcomes, (outcome) => outcome.outcome);
  const summary = [...words].map(([word, list]) => `${list.length} ${word}`).join(", ");
  world.trace.say(`usage: ${entries.map(shortOf).join(" ")}: ${summary}`);
}

function book(entry: BookedUsage, outcome: IngestOutcome | undefined): void {
  if (outcome === undefined || outcome.outcome === "REJECTED") {
    fail("USAGE_REFUSED", `${entry.key} was refused: ${JSON.stringify(outcome)}`);
  }
  const { id, receivedAt } = outcome.event;
  if (entry.recorded !== null && entry.recorded.eventId !== id) {
    fail("RECORDED_TWICE", `${entry.key} is event ${id} and event ${entry.recorded.eventId}`);
  }
  if (entry.recorded !== null && outcome.outcome === "RECORDED") {
    fail("RECORDED_TWICE", `${entry.key} was recorded again`);
  }
  entry.recorded = { eventId: id, receivedAt: receivedAt.getTime() };
}

function itemOf(world: World, entry: BookedUsage): IngestItem {
  return {
    customerId: world.customers[entry.customer]?.id ?? null,
    externalCustomerId: null,
    meterKey: entry.meterKey,
    quantity: entry.quantity,
    occurredAt: new Date(entry.occurredAt).toISOString(),
    idempotencyKey: entry.key,
    properties: entry.properties,
  };
}

/** Sends an earlier key with other content, which must be refused. */
export async function conflictItem(world: World, pick: number): Promise<void> {
  const entry = world.book.entries[pick % Math.max(1, world.book.entries.length)];
  if (entry === undefined) return;
  const item =
    entry.meterKey === "users"
      ? { ...itemOf(world, entry), properties: { user: "somebody else" } }
      : { ...itemOf(world, entry), quantity: `${entry.quantity}9` };
  const [outcome] = await world.process.untilAnswered(
    (container) => container.ingestion.record([item], { mayBackfill: false }),
    (death) => world.trace.say(`  ${death.message}; the caller sends again`),
  );
  const word = outcome?.outcome === "REJECTED" ? outcome.rejection.code : (outcome?.outcome ?? "nothing");
  world.trace.say(`usage: ${entry.key} with other content: ${word}`);
  const isKnown = entry.recorded !== null || world.time.ours.now() - entry.occurredAt < oldestMs;
  const expected = isKnown ? ["IDEMPOTENCY_CONFLICT"] : conflictOrOld;
  if (!expected.includes(word)) fail("CONFLICT_TAKEN", `${entry.key} with other content was answered ${word}`);
}

const conflictOrOld = ["IDEMPOTENCY_CONFLICT", "TIMESTAMP_TOO_OLD"];

/** Takes an earlier item back. */
export async function voidItem(world: World, pick: number): Promise<void> {
  const entry = world.book.entries[pick % Math.max(1, world.book.entries.length)];
  const eventId = entry?.recorded?.eventId;
  const customerId = world.customers[entry?.customer ?? 0]?.id;
  if (entry === undefined || eventId === undefined || customerId === undefined) return;
  const request = { customerId, eventId, reason: "taken back by the schedule", idempotencyKey: `void ${entry.key}` };
  const outcome = await world.process.untilAnswered(
    (container) => container.voids.voidEvent(request),
    (death) => world.trace.say(`  ${death.message}; the caller sends again`),
  );
  if (outcome.outcome === "REJECTED") fail("VOID_REFUSED", `${entry.key}: ${JSON.stringify(outcome)}`);
  entry.voided = true;
  world.trace.say(`void: ${shortOf(entry)}: ${outcome.outcome}`);
}

/** Such as `usage-3 calls 250`. */
function shortOf(entry: BookedUsage): string {
  const at = new Date(entry.occurredAt).toISOString().slice(0, 16);
  return `[${entry.key} ${entry.meterKey} ${entry.quantity} of ${at}]`;
}
