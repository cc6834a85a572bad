import type { UsageFailure } from "../core/usage-ledger.ts";
import type { World } from "../core/world.ts";
import { emitThin } from "../webhooks/emit.ts";
import { rfc3339 } from "../wire/wire.ts";

/** The span that one report covers; the published samples all span ten seconds. */
const WINDOW_MS = 10_000;

/** Sends a thin event for each meter and window with failures, once the window and the set delay are over. */
export function reportErrors(world: World): void {
  const { usage } = world.state;
  const now = world.clock.now();
  const isDue = (failure: UsageFailure) => windowEnd(failure) + world.options.errorReportDelayMs <= now;
  const due = usage.failures.filter(isDue);
  if (due.length === 0) return;
  usage.failures = usage.failures.filter((failure) => !isDue(failure));
  const groups = Map.groupBy(due, (failure) => `${failure.meter ?? ""} ${windowEnd(failure)}`);
  for (const failures of groups.values()) report(world, failures);
}

function windowEnd(failure: UsageFailure): number {
  return (Math.floor(failure.failedAt / WINDOW_MS) + 1) * WINDOW_MS;
}

function report(world: World, failures: readonly UsageFailure[]): void {
  const [first] = failures;
  if (!first) return;
  const end = windowEnd(first);
  const byCode = Map.groupBy(failures, (failure) => failure.code);
  const data = {
    developer_message_summary: `There ${failures.length === 1 ? "is 1 invalid event" : `are ${failures.length} invalid events`}`,
    reason: {
      error_count: failures.length,
      error_types: [...byCode].map(([code, ofCode]) => ({
        code,
        error_count: ofCode.length,
        // Samples only: which events failed cannot always be told from a report.
        sample_errors: ofCode.slice(0, world.options.errorSamples).map((failure) => ({
          error_message: failure.message,
          request: { identifier: failure.identifier },
        })),
      })),
    },
    validation_start: rfc3339(end - WINDOW_MS),
    validation_end: rfc3339(end),
  };
  if (first.meter === null) {
    emitThin(world, "v1.billing.meter.no_meter_found", { related: null, data });
    return;
  }
  const related = { id: first.meter, type: "billing.meter", url: `/v1/billing/meters/${first.meter}` };
  emitThin(world, "v1.billing.meter.error_report_triggered", { related, data });
}
