import {
  boundOf,
  decimal,
  formatDecimal,
  type LimitStanding,
  refusalInWords,
  standingOf,
  takenOf,
  ZERO,
} from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { BillingProfile } from "../catalog/index.ts";
import {
  expireHolds,
  type LimitMeter,
  type LimitPorts,
  limitedUseOf,
  mapLimitState,
  readTallies,
  takeBackFromCounters,
  tallyKey,
  wordsContext,
} from "../limits/index.ts";
import type { UsageEventRecord } from "../usage/index.ts";
import type { IngestOutcome } from "./ingest-outcome.ts";

/** Thrown to undo a void that would take a customer past a hard limit. */
export class VoidRefusedError extends Error {
  constructor(readonly outcome: IngestOutcome) {
    super("the void would take the customer past a hard limit");
  }
}

type Voiding = {
  profile: BillingProfile;
  meter: LimitMeter;
  target: UsageEventRecord;
  ports: LimitPorts;
  now: number;
};

/**
 * Takes an event back, by `takeBack`, and what it counted towards limits with it. Taking back a negative quantity takes
 * units, and is decided like usage; any other void only gives back and is never refused. Under the exclusive usage lock,
 * which keeps every other decision of the customer away.
 */
export async function voidUnderLimits(sql: Sql, of: Voiding, takeBack: () => Promise<void>): Promise<void> {
  const { profile, meter, target, ports, now } = of;
  const decided = decimal(target.quantity).lt(ZERO) ? hardLimitsOf(of) : [];
  await expireHolds(sql, decided.length === 0 ? [] : [profile.customerId], now);
  const before = await readTallies(decided, { sql, ports, now });
  await takeBack();
  await takeBackFromCounters(sql, target);
  const after = await readTallies(decided, { sql, ports, now });
  for (const request of decided) {
    const [earlier, later] = [before.get(tallyKey(request)), after.get(tallyKey(request))];
    if (earlier === undefined || later === undefined) continue;
    const taken = takenOf(later);
    if (!taken.gt(boundOf(later)) || !taken.gt(takenOf(earlier))) continue;
    throw new VoidRefusedError(refused({ standing: standingOf(earlier, false), target, profile, meter }));
  }
}

function hardLimitsOf({ profile, meter, target, now }: Voiding) {
  const event = {
    meterId: meter.id,
    meter: meter.definition,
    quantity: decimal(target.quantity),
    occurredAt: target.occurredAt.getTime(),
    receivedAt: now,
    uniqueValue: target.uniqueValue,
    properties: target.properties as Record<string, never>,
    dimensionKey: target.dimensionKey,
    counted: target.counted,
    historical: target.historical,
  };
  const touched = limitedUseOf(profile, event)?.touched ?? [];
  return touched.filter(({ limit }) => limit.definition.policy === "HARD");
}

function refused(of: {
  standing: LimitStanding;
  target: UsageEventRecord;
  profile: BillingProfile;
  meter: LimitMeter;
}): IngestOutcome {
  const { standing, target, profile, meter } = of;
  const context = wordsContext(profile, standing.limit.definition.meterKey === undefined ? null : meter);
  const taken = formatDecimal(decimal(target.quantity).neg());
  return {
    outcome: "REJECTED",
    rejection: {
      code: "LIMIT_REACHED",
      field: "eventId",
      message: `Taking this negative quantity back takes ${taken}. ${refusalInWords(standing, taken, context)}`,
    },
    limit: () => mapLimitState(standing, { profile, meter, meterKey: meter.definition.key }),
  };
}
