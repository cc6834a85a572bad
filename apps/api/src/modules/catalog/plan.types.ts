import {
  type BillingInterval,
  decimal,
  formatDecimal,
  includedQuantityOf,
  type PriceModelName,
  type RateCard,
  roundToMoney,
} from "@meterline/billing-domain";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { DateTimeScalar, DecimalScalar, JSONObjectScalar, mapMoney, MoneyType } from "../../platform/graphql/index.ts";
import type { SubscriptionRow } from "./billing-profile.ts";
import { BillingIntervalEnum, PricingModelEnum } from "./catalog-enums.ts";
import type { PlanVersionRow } from "./plan-version.read-model.ts";

/** How a plan prices one meter. */
@ObjectType("RateCard", { simpleResolvers: true })
export class RateCardType {
  @Field(() => String)
  meterKey: string;

  @Field(() => PricingModelEnum)
  model: PriceModelName;

  @Field(() => DecimalScalar, { description: "Units of a period that cost nothing; of a percentage, the free amount." })
  includedQuantity: string;

  @Field(() => JSONObjectScalar, { description: "The card as it stands in the catalog file." })
  definition: Record<string, unknown>;
}

/** A plan as it stood when it was applied; never changed. */
@ObjectType("PlanVersion", { simpleResolvers: true })
export class PlanVersionType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  planKey: string;

  @Field(() => Int)
  version: number;

  @Field(() => String)
  name: string;

  @Field(() => String)
  currency: string;

  @Field(() => MoneyType, { description: "Of a full billing period." })
  baseFee: MoneyType;

  @Field(() => BillingIntervalEnum)
  interval: BillingInterval;

  @Field(() => Int)
  intervalCount: number;

  @Field(() => [RateCardType])
  rateCards: RateCardType[];

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

/** What customers can be on. */
@ObjectType("Plan", { simpleResolvers: true })
export class PlanType {
  @Field(() => String)
  key: string;

  @Field(() => String)
  name: string;

  @Field(() => PlanVersionType)
  latest: PlanVersionType;
}

/** A customer's plan over a stretch of time. */
@ObjectType("PlanSubscription", { simpleResolvers: true })
export class PlanSubscriptionType {
  @Field(() => ID)
  id: string;

  @Field(() => PlanVersionType)
  plan: PlanVersionType;

  @Field(() => DateTimeScalar, { description: "Inclusive." })
  startsAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: "Exclusive; null while it runs." })
  endsAt: Date | null;

  @Field(() => DateTimeScalar, { description: "The instant that billing periods are counted from." })
  anchorAt: Date;
}

/** A plan version as the API shows it. */
export function mapPlanVersion(row: PlanVersionRow): PlanVersionType {
  const { key, name, currency, baseAmount, interval, intervalCount, rateCards } = row.definition;
  return {
    id: row.id,
    planKey: key,
    version: row.version,
    name,
    currency,
    baseFee: mapMoney(roundToMoney(decimal(baseAmount), currency)),
    interval,
    intervalCount,
    rateCards: rateCards.map(mapRateCard),
    createdAt: new Date(row.createdAt),
  };
}

/** A plan as the API shows it, from its latest version. */
export function mapPlan(latest: PlanVersionRow): PlanType {
  return { key: latest.definition.key, name: latest.definition.name, latest: mapPlanVersion(latest) };
}

/** A subscription as the API shows it. */
export function mapPlanSubscription(row: SubscriptionRow): PlanSubscriptionType {
  const { id, planVersionId, planVersion: version, planVersionCreatedAt: createdAt, plan: definition } = row;
  return {
    id,
    plan: mapPlanVersion({ id: planVersionId, version, definition, createdAt }),
    startsAt: new Date(row.startsAt),
    endsAt: row.endsAt === null ? null : new Date(row.endsAt),
    anchorAt: new Date(row.anchorAt),
  };
}

function mapRateCard(card: RateCard): RateCardType {
  const { meterKey, model } = card;
  return { meterKey, model, includedQuantity: formatDecimal(includedQuantityOf(card)), definition: { ...card } };
}
