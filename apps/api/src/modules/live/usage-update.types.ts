import { Field, ID, ObjectType } from "type-graphql";
import type { UsageSnapshot } from "./usage-snapshot.ts";

/** Pushed when a customer's numbers have moved. The module rating adds `consumption`. */
@ObjectType("UsageUpdate", {
  simpleResolvers: true,
  description: "A customer's numbers as they stand, pushed when they move; at most a few a second, the latest only.",
})
export class UsageUpdateType {
  @Field(() => ID)
  customerId: string;

  /** Not a field of the schema by itself: what rating's field answers. */
  consumption: object;
}

export function mapUsageUpdate({ customerId, consumption }: UsageSnapshot): UsageUpdateType {
  return { customerId, consumption };
}
