import { Arg, Args, Ctx, Query, Resolver } from "type-graphql";
import type { Clock } from "../../platform/clock.ts";
import { DateTimeScalar, invariant, parseInstant, type RequestContext } from "../../platform/graphql/index.ts";
import { type BillingProfiles, viewedProfile } from "../catalog/index.ts";
import { type CustomerService, mapCustomer } from "../customers/index.ts";
import { CustomerArgs } from "../usage/index.ts";
import { mapConsumption } from "./consumption.mapping.ts";
import type { ConsumptionService } from "./consumption.service.ts";
import { Consumption } from "./consumption.types.ts";

/** What customers owe so far, and owed. */
@Resolver()
export class ConsumptionResolver {
  readonly #on: {
    consumption: ConsumptionService;
    customers: CustomerService;
    profiles: BillingProfiles;
    clock: Clock;
  };

  constructor(on: {
    consumption: ConsumptionService;
    customers: CustomerService;
    profiles: BillingProfiles;
    clock: Clock;
  }) {
    this.#on = on;
  }

  @Query(() => Consumption, { description: "The billing period at an instant; default now." })
  async consumption(
    @Ctx() context: RequestContext,
    @Args(() => CustomerArgs) args: CustomerArgs,
    @Arg("at", () => DateTimeScalar, { nullable: true }) at?: string | null,
  ): Promise<Consumption> {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    const view = await this.#on.consumption.consumption(
      viewer,
      profile,
      at ? parseInstant(at, "at") : this.#on.clock.now(),
    );
    const customer = await this.#on.customers.find(viewer, { id: profile.customerId, externalId: null });
    invariant(customer, `customer ${profile.customerId} is there`);
    return mapConsumption(view, mapCustomer(customer));
  }
}
