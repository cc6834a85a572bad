import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { authorize, mayBackfill } from "../../platform/auth/index.ts";
import { badUserInput, type RequestContext } from "../../platform/graphql/index.ts";
import type { Meters } from "../catalog/index.ts";
import type { LimitReader } from "../limits/index.ts";
import { mapBatchOutcomes, mapOutcome, mapRecordUsageInput, type ReadLimitState } from "./ingestion.mapping.ts";
import type { IngestionService } from "./ingestion.service.ts";
import { RecordUsageBatchResult, RecordUsageInput, RecordUsageResult, VoidUsageEventInput } from "./ingestion.types.ts";
import type { VoidUsageService } from "./void-usage.service.ts";

/** The most items of one `recordUsageBatch`. */
export const MAX_BATCH_SIZE = 1_000;

/** What product backends call. */
@Resolver()
export class IngestionResolver {
  readonly #ingestion: IngestionService;
  readonly #voids: VoidUsageService;
  readonly #meters: Meters;
  readonly #readState: ReadLimitState;

  constructor(services: {
    ingestion: IngestionService;
    voids: VoidUsageService;
    meters: Meters;
    limits: LimitReader;
  }) {
    this.#ingestion = services.ingestion;
    this.#voids = services.voids;
    this.#meters = services.meters;
    this.#readState = (event, limited) => services.limits.stateFor(limited, event);
  }

  @Mutation(() => RecordUsageResult)
  async recordUsage(
    @Ctx() context: RequestContext,
    @Arg("input", () => RecordUsageInput) input: RecordUsageInput,
  ): Promise<RecordUsageResult> {
    const viewer = authorize(context.viewer, { to: "WRITE_USAGE" });
    const item = mapRecordUsageInput(input);
    const [outcome] = await this.#ingestion.record([item], { mayBackfill: mayBackfill(viewer) });
    if (outcome === undefined) throw new Error("Invariant broken: one item has one outcome");
    return mapOutcome(outcome, item.meterKey, this.#readState);
  }

  @Mutation(() => RecordUsageBatchResult, { description: "1 to 1,000 items. One bad item never spoils the batch." })
  async recordUsageBatch(
    @Ctx() context: RequestContext,
    @Arg("input", () => [RecordUsageInput]) input: RecordUsageInput[],
  ): Promise<RecordUsageBatchResult> {
    const viewer = authorize(context.viewer, { to: "WRITE_USAGE" });
    if (input.length < 1 || input.length > MAX_BATCH_SIZE) {
      throw badUserInput(`input has ${input.length} items; send 1 to ${MAX_BATCH_SIZE}.`, "input");
    }
    const items = input.map(mapRecordUsageInput);
    const outcomes = await this.#ingestion.record(items, { mayBackfill: mayBackfill(viewer) });
    return mapBatchOutcomes(items, outcomes, this.#readState);
  }

  @Mutation(() => RecordUsageResult, { description: "Takes an event back: appends a void that points at it." })
  async voidUsageEvent(
    @Ctx() context: RequestContext,
    @Arg("input", () => VoidUsageEventInput) input: VoidUsageEventInput,
  ): Promise<RecordUsageResult> {
    authorize(context.viewer, { to: "VOID_USAGE" });
    const outcome = await this.#voids.voidEvent(input);
    const meter = outcome.outcome === "REJECTED" ? null : await this.#meters.withId(outcome.event.meterId);
    return mapOutcome(outcome, meter?.definition.key ?? "", this.#readState);
  }
}
