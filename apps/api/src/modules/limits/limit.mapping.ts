import {
  decimal,
  formatDecimal,
  limitInWords,
  limitPeriodOf,
  roundToMoney,
  warningsOf,
} from "@meterline/billing-domain";
import { mapMoney } from "../../platform/graphql/index.ts";
import type { BillingProfile } from "../catalog/index.ts";
import type { CustomerLimitRecord } from "./customer-limit.repository.ts";
import type { LimitInput, LimitType } from "./limit.types.ts";
import type { ListedLimit } from "./limit-reader.ts";
import { mapLimitState, wordsContext } from "./limit-state.mapping.ts";

/** An input as `parseLimitDefinition` reads it: what was left out or null is not there. */
export function mapLimitInput(input: LimitInput): object {
  const { property, ...rest } = input;
  const fields = { ...rest, property: property ? { name: property.name, value: property.value } : null };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

/** A limit as the API shows it. `record` is what is known of one that a person set; null hides who and why. */
export function mapLimit(
  listed: ListedLimit,
  of: { profile: BillingProfile; record: CustomerLimitRecord | null; showsWhy: boolean },
): LimitType {
  const { limit, meter, inForce, standing } = listed;
  const { profile, record, showsWhy } = of;
  const { definition } = limit;
  const meterKey = definition.meterKey ?? null;
  return {
    id: limit.id,
    source: limit.source,
    meterKey,
    policy: definition.policy,
    period: limitPeriodOf(definition),
    quantity: definition.quantity === undefined ? null : formatDecimal(decimal(definition.quantity)),
    amount:
      definition.amount === undefined ? null : mapMoney(roundToMoney(decimal(definition.amount), profile.currency)),
    property: definition.property ?? null,
    warnAtPercent: [...warningsOf(definition)],
    words: limitInWords(definition, wordsContext(profile, meter)),
    inForce,
    state: mapLimitState(standing, { profile, meter, meterKey: meterKey ?? "" }),
    startsAt: record === null ? null : new Date(record.startsAt),
    endsAt: record === null || record.endsAt === null ? null : new Date(record.endsAt),
    reason: showsWhy ? (record?.reason ?? null) : null,
    setBy: showsWhy ? (record?.createdBy ?? null) : null,
  };
}
