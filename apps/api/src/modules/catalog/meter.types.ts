import type { Aggregation, MeterFilter, StripeTransport } from "@meterline/billing-domain";
import { Field, ID, ObjectType } from "type-graphql";
import { DateTimeScalar } from "../../platform/graphql/index.ts";
import { AggregationEnum, FilterOperatorEnum, StripeTransportEnum } from "./catalog-enums.ts";
import type { MeterRow } from "./meters.ts";

/** Which events of a meter count. */
@ObjectType("MeterFilter", {
  simpleResolvers: true,
  description: "Events that fail a filter are kept and not counted.",
})
export class MeterFilterType {
  @Field(() => String)
  property: string;

  @Field(() => FilterOperatorEnum)
  operator: MeterFilter["operator"];

  @Field(() => [String])
  values: string[];
}

/** What is counted. */
@ObjectType("Meter", { simpleResolvers: true })
export class MeterType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  key: string;

  @Field(() => String)
  name: string;

  @Field(() => String)
  unit: string;

  @Field(() => AggregationEnum)
  aggregation: Aggregation;

  @Field(() => String, {
    nullable: true,
    description: "The property that holds the value; null: the event's quantity.",
  })
  valueProperty: string | null;

  @Field(() => [String])
  groupBy: string[];

  @Field(() => [MeterFilterType])
  filters: MeterFilterType[];

  @Field(() => Boolean)
  allowNegative: boolean;

  @Field(() => Boolean)
  requiresSubscription: boolean;

  @Field(() => Boolean)
  carryOver: boolean;

  @Field(() => StripeTransportEnum, { description: "How reports of the meter reach Stripe." })
  stripeTransport: StripeTransport;

  @Field(() => String, { nullable: true, description: "Its event_name at Stripe; null: the key." })
  stripeEventName: string | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

/** A meter as the API shows it. */
export function mapMeter(row: MeterRow): MeterType {
  const { groupBy, filters, ...definition } = row.definition;
  return {
    ...definition,
    id: row.id,
    createdAt: row.createdAt,
    groupBy: [...groupBy],
    filters: filters.map((filter) => ({ ...filter, values: [...filter.values] })),
  };
}
