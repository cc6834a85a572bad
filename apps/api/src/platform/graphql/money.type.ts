import type { Money } from "@meterline/billing-domain";
import { Field, ObjectType } from "type-graphql";

/** An amount in whole minor units of its currency. */
@ObjectType("Money", { simpleResolvers: true, description: '"41237" "USD" is 412.37 dollars.' })
export class MoneyType {
  @Field(() => String)
  amountMinor: string;

  @Field(() => String)
  currency: string;
}

/** How money crosses GraphQL: the minor units as text, since they may pass 2^53. */
export function mapMoney(money: Money): MoneyType {
  return { amountMinor: money.amountMinor.toString(), currency: money.currency };
}
