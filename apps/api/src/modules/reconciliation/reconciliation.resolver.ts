import { formatDecimal } from "@meterline/billing-domain";
import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from "type-graphql";
import { authorize } from "../../platform/auth/index.ts";
import { type Database, isUuid } from "../../platform/database/index.ts";
import {
  badUserInput,
  decodeCursor,
  mapMoney,
  pageSize,
  type RequestContext,
  toPage,
} from "../../platform/graphql/index.ts";
import { type DiscrepancyRecord, listDiscrepancies } from "./discrepancy.repository.ts";
import { listRuns } from "./reconciliation-run.repository.ts";
import type { ReconciliationService } from "./reconciliation.service.ts";
import { DiscrepancyConnection, DiscrepancyType, ReconciliationRunType } from "./reconciliation.types.ts";

/** Staff's view of what does not agree, and what is done about it. */
@Resolver()
export class ReconciliationResolver {
  readonly #database: Database;
  readonly #reconciliation: ReconciliationService;

  constructor(parts: { database: Database; reconciliation: ReconciliationService }) {
    this.#database = parts.database;
    this.#reconciliation = parts.reconciliation;
  }

  @Query(() => DiscrepancyConnection, { description: "Latest first; at most 200 a page." })
  async discrepancies(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID, { nullable: true }) customerId?: string | null,
    @Arg("statementId", () => ID, { nullable: true }) statementId?: string | null,
    @Arg("unsettled", () => Boolean, { defaultValue: true }) unsettled = true,
    @Arg("first", () => Int, { defaultValue: 50 }) first = 50,
    @Arg("after", () => String, { nullable: true }) after?: string | null,
  ): Promise<DiscrepancyConnection> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    const limit = pageSize(first);
    const filter = { customerId: uuidOf(customerId, "customerId"), statementId: uuidOf(statementId, "statementId") };
    const [foundAt = "", id = ""] = after ? decodeCursor(after, 2) : [];
    if (after && (Number.isNaN(Date.parse(foundAt)) || !isUuid(id)))
      throw badUserInput("after is not a cursor of this list.", "after");
    const page = { after: after ? { foundAt, id } : null, limit: limit + 1 };
    const rows = await listDiscrepancies(this.#database, { ...filter, unsettled }, page);
    const { nodes, pageInfo } = toPage(rows, limit, (row) => [new Date(row.foundAt).toISOString(), row.id]);
    return { nodes: nodes.map(mapDiscrepancy), pageInfo };
  }

  @Query(() => [ReconciliationRunType], { description: "Latest first." })
  async reconciliationRuns(
    @Ctx() context: RequestContext,
    @Arg("first", () => Int, { defaultValue: 20 }) first = 20,
  ): Promise<ReconciliationRunType[]> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    return listRuns(this.#database, pageSize(first));
  }

  @Mutation(() => ReconciliationRunType, { description: "Looks at one customer, or at all of them." })
  async startReconciliation(
    @Ctx() context: RequestContext,
    @Arg("customerId", () => ID, { nullable: true }) customerId?: string | null,
    @Arg("repair", () => Boolean, { defaultValue: true }) repair = true,
  ): Promise<ReconciliationRunType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    return this.#reconciliation.start(viewer, { customerId: customerId ?? null, repair });
  }

  @Mutation(() => ReconciliationRunType, {
    description: "Looks at a discrepancy's customer again, and repairs what is safe.",
  })
  async repairDiscrepancy(
    @Ctx() context: RequestContext,
    @Arg("id", () => ID) id: string,
  ): Promise<ReconciliationRunType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    const { customerId } = await this.#reconciliation.require(id);
    return this.#reconciliation.start(viewer, { customerId, repair: true });
  }

  @Mutation(() => DiscrepancyType, { description: "Settles a discrepancy by your word; it changes no number." })
  async resolveDiscrepancy(
    @Ctx() context: RequestContext,
    @Arg("id", () => ID) id: string,
    @Arg("reason", () => String) reason: string,
  ): Promise<DiscrepancyType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    return mapDiscrepancy(await this.#reconciliation.resolve(viewer, id, reason));
  }
}

function uuidOf(id: string | null | undefined, field: string): string | null {
  if (id === null || id === undefined) return null;
  if (!isUuid(id)) throw badUserInput(`${field} is not an id.`, field);
  return id;
}

function mapDiscrepancy(record: DiscrepancyRecord): DiscrepancyType {
  const text = (value: DiscrepancyRecord["units"]) => (value === null ? null : formatDecimal(value));
  return {
    id: record.id,
    customerId: record.customerId,
    kind: record.kind,
    subject: record.subject,
    meterKey: record.meterKey,
    periodStart: record.periodStartAt,
    statementId: record.statementId,
    stripeId: record.stripeId,
    expectedUnits: text(record.expectedUnits),
    actualUnits: text(record.actualUnits),
    units: text(record.units),
    amount: record.amount === null ? null : mapMoney(record.amount),
    message: record.message,
    state: record.state,
    runId: record.runId,
    foundAt: record.foundAt,
    seenAt: record.seenAt,
    settledAt: record.settledAt,
    settledBy: record.settledBy,
    reason: record.reason,
  };
}
