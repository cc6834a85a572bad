import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { authorize } from "../../platform/auth/index.ts";
import type { RequestContext } from "../../platform/graphql/index.ts";
import { type BillingProfiles, type Meters, viewedProfile } from "../catalog/index.ts";
import { CustomerArgs } from "../usage/index.ts";
import type { CurrentInvoiceLinks } from "./invoice-links.ts";
import type { LateCreditService } from "./late-credit.service.ts";
import { mapStatement, mapStatementLine } from "./statement.mapping.ts";
import type { StatementService } from "./statement.service.ts";
import type { StatementSettlementService } from "./statement-settlement.service.ts";
import { InvoiceLinksType, StatementConnection, StatementLineType, StatementType } from "./statement.types.ts";

/** What the resolver stands on. */
export type StatementDependencies = {
  statements: StatementService;
  settlements: StatementSettlementService;
  lateCredits: LateCreditService;
  invoiceLinks: CurrentInvoiceLinks;
  profiles: BillingProfiles;
  meters: Meters;
};

/** What customers were charged, period by period. */
@Resolver(() => StatementType)
export class StatementResolver {
  readonly #on: StatementDependencies;

  constructor(dependencies: StatementDependencies) {
    this.#on = dependencies;
  }

  @Query(() => StatementConnection, { description: "A customer's statements, latest first; at most 200 a page." })
  async statements(
    @Ctx() context: RequestContext,
    @Args(() => CustomerArgs) args: CustomerArgs,
    @Arg("first", () => Int, { defaultValue: 20 }) first: number,
    @Arg("after", () => String, { nullable: true }) after?: string | null,
  ): Promise<StatementConnection> {
    const { viewer, profile } = await viewedProfile(this.#on.profiles, context.viewer, args);
    const page = await this.#on.statements.list(viewer, profile, { first, after: after ?? null });
    return { nodes: page.nodes.map(mapStatement), pageInfo: page.pageInfo };
  }

  @Query(() => StatementType, { nullable: true, description: "One statement by its id; null when there is none." })
  async statement(@Ctx() context: RequestContext, @Arg("id", () => ID) id: string): Promise<StatementType | null> {
    const viewer = authorize(context.viewer, { to: "READ_SELF" });
    const found = await this.#on.statements.find(viewer, id);
    return found === null ? null : mapStatement(found);
  }

  @FieldResolver(() => [StatementLineType], { description: "Its lines in order; they sum to the total." })
  async lines(@Ctx() context: RequestContext, @Root() shown: StatementType): Promise<StatementLineType[]> {
    const viewer = authorize(context.viewer, { to: "READ_USAGE", customerId: shown.customerId });
    const { id, customerId, total } = shown;
    const lines = await this.#on.statements.lines(viewer, { id, customerId, currency: total.currency });
    const meters = new Map((await this.#on.meters.all()).map((meter) => [meter.definition.key, meter]));
    return lines.map((line) => mapStatementLine(line, meters));
  }

  @FieldResolver(() => InvoiceLinksType, {
    nullable: true,
    description: "Its invoice's links, asked of Stripe again where those that were kept may have ended.",
  })
  async invoiceLinks(@Ctx() context: RequestContext, @Root() shown: StatementType): Promise<InvoiceLinksType | null> {
    const viewer = authorize(context.viewer, { to: "READ_USAGE", customerId: shown.customerId });
    const found = await this.#on.statements.find(viewer, shown.id);
    return found === null ? null : this.#on.invoiceLinks.of(found);
  }

  @Mutation(() => StatementType, { description: "Has a held statement's period end tried again with Stripe." })
  async retryStatement(@Ctx() context: RequestContext, @Arg("id", () => ID) id: string): Promise<StatementType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    return mapStatement(await this.#on.settlements.retry(viewer, id));
  }

  @Mutation(() => StatementType, {
    description: "Goes on with a held statement in spite of what was found; once its invoice is final, makes it FINAL.",
  })
  async acceptStatement(
    @Ctx() context: RequestContext,
    @Arg("id", () => ID) id: string,
    @Arg("reason", () => String) reason: string,
  ): Promise<StatementType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    return mapStatement(await this.#on.settlements.accept(viewer, id, reason));
  }

  @Mutation(() => StatementType, {
    description:
      "Gives back what was taken back of closed periods to a customer whose plan has ended: a credit note of the last invoice.",
  })
  async creditLateUsage(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
  ): Promise<StatementType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    return mapStatement(await this.#on.lateCredits.credit(viewer, customerId));
  }

  @Mutation(() => StatementType, {
    description:
      "Invoices what became known of closed periods to a customer whose plan has ended: an invoice of its own.",
  })
  async invoiceLateUsage(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID) customerId: string,
  ): Promise<StatementType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    return mapStatement(await this.#on.lateCredits.invoice(viewer, customerId));
  }
}
