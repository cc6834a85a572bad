import type { InvoiceRecord } from "../core/records.ts";
import type { EpochMs, TimeScope } from "../core/time.ts";
import { scopeNow, type World } from "../core/world.ts";
import { deliverWebhooks } from "../webhooks/deliver.ts";
import { emitSnapshot } from "../webhooks/emit.ts";
import { seconds } from "../wire/wire.ts";
import { finalizeInvoice } from "./invoices.ts";
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
    if (row.testClock !== scope || row.wire.status === "canceled") continue;
    const at = periodEndS(world, row) * 1000;
    if (at <= until) steps.push({ at, run: () => void renew(world, row, at) });
  }
  for (const row of world.state.invoices.by("drafts", "yes")) {
    if (row.testClock !== scope) continue;
    const dueAt = finalizationDue(world, row);
    if (dueAt === null || dueAt > until) continue;
    // A test clock does not go back for an answer that came late; the wall clock's answer has its own instant.
    const at = scope === null ? dueAt : Math.max(dueAt, now);
    steps.push({ at, run: () => void finalizeInvoice(world, row.id, at) });
  }
  return steps.reduce<Step | null>((first, step) => (first === null || step.at < first.at ? step : first), null);
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
