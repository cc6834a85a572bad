import { decimal } from "../decimal.ts";
import type { Fault } from "../fault.ts";
import type { MeterDefinition } from "../meter.ts";
import type { RateCard } from "../rate-card.ts";
import { needsCarriedQuantity, needsEvents } from "../rating/index.ts";
import { type LimitDefinition, limitPeriodOf } from "./limit-definition.ts";

/** What a limit is checked against: every meter by key, and the cards that price the customer's usage. */
export type LimitContext = { meters: ReadonlyMap<string, MeterDefinition>; rateCards: readonly RateCard[] };

/**
 * Refuses what a limit cannot hold exactly, with the reason and what to write instead. A hard limit must be decided
 * before an event is recorded, from what was recorded before it; what cannot be decided so is not offered.
 */
export function faultsOfLimit(limit: LimitDefinition, context: LimitContext): Fault[] {
  const meter = limit.meterKey === undefined ? null : context.meters.get(limit.meterKey);
  if (meter === undefined) {
    const message = `names the meter "${limit.meterKey}", which does not exist; add it, or correct the key`;
    return [{ path: "meterKey", message }];
  }
  if (limit.amount === undefined) return meter === null ? [] : faultsOfUnits(limit, meter);
  return faultsOfAmount(limit, context);
}

function faultsOfUnits(limit: LimitDefinition, meter: MeterDefinition): Fault[] {
  const faults: Fault[] = [];
  const period = limitPeriodOf(limit);
  const refuse = (path: string, message: string) => faults.push({ path, message });
  const { aggregation, key } = meter;
  if (aggregation === "WEIGHTED_SUM") {
    if (limit.policy === "HARD") {
      const why = `cannot be HARD: "${key}" grows with time while nothing is recorded, so no event could be refused for it`;
      refuse("policy", `${why}; use SOFT or NOTIFY, or a hard limit on a MAX meter of the level`);
    }
    if (period === "LIFETIME") refuse("period", `cannot be LIFETIME: "${key}" is measured a period at a time`);
    if (limit.property !== undefined) refuse("property", `cannot be set: "${key}" keeps one level for all properties`);
  }
  if (aggregation === "LATEST" && period === "LIFETIME") {
    refuse(
      "period",
      `cannot be LIFETIME: "${key}" has one value a period; use BILLING_PERIOD, which holds every value`,
    );
  }
  if (aggregation === "LATEST" && limit.property !== undefined) {
    refuse("property", `cannot be set: "${key}" keeps one value for all properties; make a meter with a filter on it`);
  }
  if (aggregation === "UNIQUE_COUNT" && period !== "BILLING_PERIOD") {
    const why = `must be BILLING_PERIOD: the distinct values of "${key}" are kept a billing period at a time`;
    refuse("period", why);
  }
  if (aggregation === "UNIQUE_COUNT" && limit.property !== undefined) {
    refuse("property", `cannot be set: "${key}" keeps its distinct values for all properties together`);
  }
  return faults;
}

/** Soft limits on money may look back at any bill; a hard one must know what an event adds to it before it is there. */
function faultsOfAmount(limit: LimitDefinition, { meters, rateCards }: LimitContext): Fault[] {
  if (limit.policy !== "HARD") return [];
  const cards = limit.meterKey === undefined ? rateCards : rateCards.filter((one) => one.meterKey === limit.meterKey);
  return cards.flatMap((card) => {
    const meter = meters.get(card.meterKey);
    const why = meter === undefined ? null : whyNotDecidable(card, meter);
    if (why === null) return [];
    const message = `cannot be HARD with an amount: the line "${card.meterKey}" ${why}; use SOFT or NOTIFY, or limit its units`;
    return [{ path: "policy", message }];
  });
}

function whyNotDecidable(card: RateCard, meter: MeterDefinition): string | null {
  if (meter.aggregation === "WEIGHTED_SUM") return "grows with time while nothing is recorded";
  if (meter.aggregation === "LATEST") return "can rise when an event is taken back";
  return whyPriceNotDecidable(card);
}

/** Whether the prices of a plan let a hard limit on its bill, or on one line of it, be decided before recording. */
export function canHoldAmount(limit: LimitDefinition, rateCards: readonly RateCard[]): boolean {
  const { meterKey } = limit;
  const cards = meterKey === undefined ? rateCards : rateCards.filter((card) => card.meterKey === meterKey);
  return cards.every((card) => whyPriceNotDecidable(card) === null);
}

function whyPriceNotDecidable(card: RateCard): string | null {
  if (needsCarriedQuantity(card)) return "depends on earlier periods, which late usage changes";
  if (needsEvents(card) || (card.model === "PERCENTAGE" && card.fixedAmount !== undefined)) {
    return "prices each event, so units that are held have no price yet";
  }
  return chargeNeverFalls(card)
    ? null
    : "gets cheaper at some point as usage grows, so units given back could raise it";
}

/** Whether more usage never costs less under a card. Volume and stairstep prices may step down at a tier's bound. */
export function chargeNeverFalls(card: RateCard): boolean {
  if (card.model !== "VOLUME" && card.model !== "STAIRSTEP") return true;
  const { tiers } = card;
  return tiers.every((tier, index) => {
    const next = tiers[index + 1];
    if (next === undefined || tier.upTo === null) return true;
    const bound = decimal(tier.upTo);
    return !chargeIn(next, bound).lt(chargeIn(tier, bound));
  });
}

function chargeIn(tier: { unitPrice?: string; flatAmount?: string }, quantity: ReturnType<typeof decimal>) {
  return quantity.times(decimal(tier.unitPrice ?? "0")).plus(decimal(tier.flatAmount ?? "0"));
}
