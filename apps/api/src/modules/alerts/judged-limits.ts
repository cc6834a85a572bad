import { type AlertTarget, decimal, type EpochMs, isCrossed, type LimitTally, usedOf } from "@meterline/billing-domain";
import type { TallyRequest } from "../limits/index.ts";
import { type CustomerWatch, isSeenInTotals } from "./customer-watch.ts";
import type { AlertCandidate } from "./raise-alerts.ts";

/** A limit that was decided on, and what it has counted now. */
export type JudgedLimit = { request: TallyRequest; tally: LimitTally };

/** A threshold of a limit to raise, and the name under which its customer's watch remembers that. */
export type JudgedTarget = { watch: CustomerWatch; key: string; candidate: AlertCandidate };

const whole = decimal("100");

/**
 * The thresholds that limits have reached: of those whose window no total holds by what was counted, and of any limit
 * that has just refused something by that, since a hard limit may refuse long before its last unit is used.
 */
export function judgedTargets(
  watchOf: (customerId: string) => CustomerWatch | undefined,
  decided: { counted(): readonly JudgedLimit[]; refused(): readonly JudgedLimit[] },
  now: EpochMs,
): JudgedTarget[] {
  const judged = new Map<string, JudgedTarget>();
  const judge = (limit: JudgedLimit, isReached: (target: AlertTarget) => boolean) => {
    const watch = watchOf(limit.request.profile.customerId);
    for (const target of watch?.limitTargets.get(limit.request.limit.id) ?? []) {
      if (watch === undefined || !isReached(target)) continue;
      const key = `${target.ruleId} ${target.thresholdKey} ${target.thresholdValue.toFixed()} ${limit.tally.window.startAt}`;
      if (watch.raisedLimits.has(key)) continue;
      judged.set(`${watch.customerId} ${key}`, { watch, key, candidate: candidateOf(target, { watch, limit, now }) });
    }
  };
  for (const limit of decided.counted()) {
    const watch = watchOf(limit.request.profile.customerId);
    const targets = watch?.limitTargets.get(limit.request.limit.id)?.filter((target) => !isSeenInTotals(target)) ?? [];
    if (targets.length === 0) continue;
    const used = usedOf(limit.tally);
    judge(limit, (target) => !isSeenInTotals(target) && isCrossed(target, used));
  }
  for (const limit of decided.refused()) judge(limit, (target) => target.percent.eq(whole));
  return [...judged.values()];
}

function candidateOf(
  target: AlertTarget,
  of: { watch: CustomerWatch; limit: JudgedLimit; now: EpochMs },
): AlertCandidate {
  const { watch, limit } = of;
  return {
    customerId: watch.customerId,
    target,
    meterId: limit.request.limit.definition.meterKey === undefined ? null : (limit.request.meter?.id ?? null),
    aggregation: null,
    currency: watch.currency,
    period: limit.tally.window,
    crossedAt: of.now,
    value: usedOf(limit.tally),
    expected: null,
  };
}
