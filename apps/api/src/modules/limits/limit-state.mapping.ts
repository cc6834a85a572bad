import {
  DEFAULT_UPGRADE,
  formatDecimal,
  limitInWords,
  limitPeriodOf,
  type LimitStanding,
  type LimitWordsContext,
  measuredUnit,
} from "@meterline/billing-domain";
import type { BillingProfile } from "../catalog/index.ts";
import type { LimitStateType } from "../usage/index.ts";
import type { LimitMeter } from "./tally-request.ts";

/** What the words of a limit need. `meter` is null for the whole bill. */
export function wordsContext(profile: BillingProfile, meter: LimitMeter | null): LimitWordsContext {
  return {
    unit: meter === null ? null : measuredUnit(meter.definition),
    meterName: meter?.definition.name ?? null,
    currency: profile.currency,
    timeZone: profile.timeZone,
  };
}

/** A standing as the API shows it. `meterKey` is the meter that was asked about, also where the whole bill is limited. */
export function mapLimitState(
  standing: LimitStanding,
  of: { profile: BillingProfile; meter: LimitMeter | null; meterKey: string },
): LimitStateType {
  const { definition } = standing.limit;
  return {
    meterKey: of.meterKey,
    policy: definition.policy,
    used: formatDecimal(standing.used),
    reserved: formatDecimal(standing.held),
    limit: formatDecimal(standing.bound),
    remaining: formatDecimal(standing.remaining),
    state: standing.standing,
    resetsAt: standing.resetsAt === null ? null : new Date(standing.resetsAt),
    limitId: standing.limit.id,
    period: limitPeriodOf(definition),
    currency: definition.amount === undefined ? null : of.profile.currency,
    words: limitInWords(definition, wordsContext(of.profile, definition.meterKey === undefined ? null : of.meter)),
    upgrade: definition.upgrade ?? DEFAULT_UPGRADE,
  };
}

/** Where a customer without a limit stands on a meter: what it used in the billing period. */
export function mapUnlimited(meterKey: string, used: string, resetsAt: number): LimitStateType {
  return {
    meterKey,
    policy: "NONE",
    used,
    reserved: "0",
    limit: null,
    remaining: null,
    state: "OK",
    resetsAt: new Date(resetsAt),
    limitId: null,
    period: "BILLING_PERIOD",
    currency: null,
    words: null,
    upgrade: null,
  };
}
