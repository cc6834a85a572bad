import type { InvoiceRecord, SubscriptionRecord } from "../core/records.ts";
import type { EpochMs, TimeScope } from "../core/time.ts";
import { scopeNow, type World } from "../core/world.ts";
import { deliverWebhooks } from "../webhooks/deliver.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { seconds } from "../wire/wire.ts";
import { chargeInvoice, finalizeInvoice } from "./invoices.ts";
import { INCOMPLETE_MS, setStatus } from "./payments.ts";
import { tell } from "./tell-invoice.ts";
import { periodEndS, renew } from "./renew.ts";

/** An unanswered `invoice.created` holds finalization this long: https://docs.stripe.com/billing/subscriptions/webhooks */
const HOLD_MS = 72 * 3_600_000;
/** Bounds one pass: a daily subscription advanced by years takes several. */
const MAX_STEPS = 10_000;

type Step = { at: EpochMs; run: () => void };

/** Renews, finalizes and advances test clocks, as far as each scope's time has come. */
export async function runBilling(world: World): Promise<void> {
  await runScope(world, null, world.clock.now());
  for (const clock of world.state.testClocks.values()) {
    if (clock.targetMs === null || clock.advanceDueAt === null || clock.advanceDueAt > world.clock.now()) continue;
    await runScope(world, clock.id, clock.targetMs);
    const current = world.state.testClocks.get(clock.id);
    if (!current) continue;
    const wire = {
      ...current.wire,
      frozen_time: seconds(clock.targetMs),
      status: "ready" as const,
      status_details: {},
    };
    world.state.testClocks.put({ ...current, nowMs: clock.targetMs, targetMs: null, advanceDueAt: null, wire });
    emitSnapshot(world, "test_helpers.test_clock.ready", wire, clock.targetMs);
  }
}

/** Does everything of a scope that is due until an instant, in order of time, webhooks between the steps. */
async function runScope(world: World, scope: TimeScope, until: EpochMs): Promise<void> {
  for (let count = 0; count < MAX_STEPS; count += 1) {
    const step = nextStep(world, scope, until);
    if (!step) return;
    const clock = scope === null ? undefined : world.state.testClocks.get(scope);
    if (clock && step.at > clock.nowMs) world.state.testClocks.patch(clock.id, { nowMs: step.at });
    world.state.journal.run(step.run);
    await deliverWebhooks(world);
  }
  throw new Error(`more than ${MAX_STEPS} billing steps in one pass; advance the clock in smaller ones`);
}

function nextStep(world: World, scope: TimeScope, until: EpochMs): Step | null {
  const now = scopeNow(world, scope);
  const steps: Step[] = [];
  for (const row of world.state.subscriptions.values()) {
    if (row.testClock !== scope || row.wire.status === "canceled" || row.wire.status === "incomplete_expired") continue;
    const isWaiting = row.wire.status === "incomplete";
    const at = isWaiting ? row.wire.created * 1000 + INCOMPLETE_MS : periodEndS(world, row) * 1000;
    const run = isWaiting ? () => expire(world, row, at) : () => void renew(world, row, at);
    if (at <= until) steps.push({ at, run });
  }
  for (const row of world.state.invoices.by("drafts", "yes")) {
    if (row.testClock !== scope) continue;
    const dueAt = finalizationDue(world, row);
    if (dueAt === null || dueAt > until) continue;
    // A test clock does not go back for an answer that came late; the wall clock's answer has its own instant.
    const at = scope === null ? dueAt : Math.max(dueAt, now);
    steps.push({ at, run: () => void finalizeInvoice(world, row.id, at) });
  }
  for (const row of world.state.invoices.by("retries", "yes")) {
    const at = (row.wire.next_payment_attempt ?? 0) * 1000;
    if (row.testClock === scope && at <= until) steps.push({ at, run: () => void chargeInvoice(world, row.id, at) });
  }
  return steps.reduce<Step | null>((first, step) => (first === null || step.at < first.at ? step : first), null);
}

/** A subscription whose first invoice nobody paid is over, and so is the invoice. */
function expire(world: World, row: SubscriptionRecord, at: EpochMs): void {
  for (const invoice of world.state.invoices.by("customer", row.customer)) {
    if (invoice.subscription !== row.id || invoice.wire.status !== "open") continue;
    const transitions = { ...invoice.wire.status_transitions, voided_at: seconds(at) };
    const voided = { status: "void" as const, amount_remaining: 0, next_payment_attempt: null };
    world.state.invoices.patch(invoice.id, { wire: { ...invoice.wire, ...voided, status_transitions: transitions } });
    tell(world, invoice.id, "invoice.voided", at);
  }
  setStatus(world, row.id, { from: ["incomplete"], to: "incomplete_expired", at });
}

/** When a draft finalizes: an hour after it was made, but not before every endpoint took its event, 72 hours at most. */
function finalizationDue(world: World, row: InvoiceRecord): EpochMs | null {
  if (row.wire.automatically_finalizes_at === null) return null;
  const deliveries = row.createdEvent === null ? [] : world.state.deliveries.by("event", row.createdEvent);
  const latest = row.wire.created * 1000 + HOLD_MS;
  if (deliveries.some((delivery) => delivery.state !== "delivered")) return latest;
  const answers = row.testClock === null ? deliveries.map((delivery) => delivery.answeredAt ?? 0) : [];
  return Math.min(latest, Math.max(row.wire.automatically_finalizes_at * 1000, ...answers));
}
