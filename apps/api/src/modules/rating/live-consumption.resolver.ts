import { FieldResolver, Resolver, Root } from "type-graphql";
import { UsageUpdateType } from "../live/index.ts";
import { Consumption } from "./consumption.types.ts";

/** The bill so far, as live updates carry it. */
@Resolver(() => UsageUpdateType)
export class LiveConsumptionResolver {
  @FieldResolver(() => Consumption, { description: "The open billing period, as `consumption` answers it." })
  consumption(@Root() update: UsageUpdateType): Consumption {
    // Made by mapConsumption, once for everybody who watches.
    return update.consumption as Consumption;
  }
}
