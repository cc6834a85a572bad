import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver } from "type-graphql";
import { authorize, ViewerType } from "../../platform/auth/index.ts";
import { pageSize, type RequestContext } from "../../platform/graphql/index.ts";
import type { CustomerService } from "./customer.service.ts";
import {
  CreateCustomerInput,
  CustomerConnection,
  CustomerType,
  mapCustomer,
  UpdateCustomerInput,
} from "./customer.types.ts";

/** Customers, for staff and for product backends. */
@Resolver()
export class CustomerResolver {
  readonly #customers: CustomerService;

  constructor(services: { customers: CustomerService }) {
    this.#customers = services.customers;
  }

  @Query(() => CustomerType, { nullable: true, description: "By exactly one of the two ids." })
  async customer(
    @Ctx() context: RequestContext,
    @Arg("id", () => ID, { nullable: true }) id?: string | null,
    @Arg("externalId", () => String, { nullable: true }) externalId?: string | null,
  ): Promise<CustomerType | null> {
    const viewer = authorize(context.viewer, { to: "READ_SELF" });
    const found = await this.#customers.find(viewer, { id: id ?? null, externalId: externalId ?? null });
    // Asked before the answer is known to exist, so that a refusal says the same either way.
    authorize(viewer, { to: "READ_CUSTOMER", customerId: found?.id ?? "" });
    return found === null ? null : mapCustomer(found);
  }

  @Query(() => CustomerConnection, { description: "Staff and keys with customers:write. At most 200 a page." })
  async customers(
    @Ctx() context: RequestContext,
    @Arg("search", () => String, { nullable: true, description: "Part of name, external id or e-mail." })
    search: string | null | undefined,
    @Arg("first", () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg("after", () => String, { nullable: true }) after?: string | null,
  ): Promise<CustomerConnection> {
    const viewer = authorize(context.viewer, { to: "LIST_CUSTOMERS" });
    const query = { search: search ?? null, first: pageSize(first ?? 50), after: after ?? null };
    const page = await this.#customers.list(viewer, query);
    return { ...page, nodes: page.nodes.map(mapCustomer) };
  }

  @Mutation(() => CustomerType, {
    description:
      "Idempotent on externalId: the same content again answers the same customer; other content is refused.",
  })
  async createCustomer(
    @Ctx() context: RequestContext,
    @Arg("input", () => CreateCustomerInput) input: CreateCustomerInput,
  ): Promise<CustomerType> {
    const viewer = authorize(context.viewer, { to: "WRITE_CUSTOMERS" });
    return mapCustomer(await this.#customers.create(viewer, input));
  }

  @Mutation(() => CustomerType)
  async updateCustomer(
    @Ctx() context: RequestContext,
    @Arg("input", () => UpdateCustomerInput) input: UpdateCustomerInput,
  ): Promise<CustomerType> {
    const viewer = authorize(context.viewer, { to: "WRITE_CUSTOMERS" });
    return mapCustomer(await this.#customers.update(viewer, input.id, input));
  }
}

/** Adds to a member its customer. */
@Resolver(() => ViewerType)
export class ViewerCustomerResolver {
  readonly #customers: CustomerService;

  constructor(services: { customers: CustomerService }) {
    this.#customers = services.customers;
  }

  @FieldResolver(() => CustomerType, { nullable: true, description: "Of a member; null for staff and API keys." })
  async customer(@Ctx() context: RequestContext): Promise<CustomerType | null> {
    const viewer = authorize(context.viewer, { to: "READ_SELF" });
    if (viewer.kind !== "MEMBER") return null;
    const found = await this.#customers.find(viewer, { id: viewer.customerId, externalId: null });
    return found === null ? null : mapCustomer(found);
  }
}
