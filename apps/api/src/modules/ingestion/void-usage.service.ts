import { customerPeriodAt, decimal, formatDecimal, rollupWindowStart } from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isOutage, isUuid, type Transaction } from "../../platform/database/index.ts";
import { badUserInput, invariant, notFound, unavailable } from "../../platform/graphql/index.ts";
import { type BillingProfile, type Meters, selectProfiles } from "../catalog/index.ts";
import type { LimitPorts } from "../limits/index.ts";
import type { Nudging } from "../../platform/live/index.ts";
import {
  contentHash,
  findUsageEvents,
  insertVoid,
  lockUsage,
  markLateUsage,
  rebuildTimeoutSql,
  recountPeriods,
  recountWindows,
  type UsageEventRecord,
  usageEventId,
} from "../usage/index.ts";
import type { IngestOutcome } from "./ingest-outcome.ts";
import { VoidRefusedError, voidUnderLimits } from "./void-limits.ts";

/** What takes an event back. The key is in the same namespace as those of usage: it, too, counts once for ever. */
export type VoidRequest = { customerId: string; eventId: string; reason: string; idempotencyKey: string };

const maxReasonLength = 1_000;

/** Takes usage events back by appending a void that points at them. */
export class VoidUsageService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly nudges: Nudging,
    private readonly limits: LimitPorts,
    private readonly meters: Meters,
  ) {}

  /**
   * RECORDED with the new void; DUPLICATE with the void that took the event back before; IDEMPOTENCY_CONFLICT when the
   * key names another event; LIMIT_REACHED when taking back a negative quantity would pass a hard limit. Throws NOT_FOUND for an unknown event and BAD_USER_INPUT for one that is itself a void.
   */
  async voidEvent(request: VoidRequest): Promise<IngestOutcome> {
    checkRequest(request);
    try {
      const outcome = await this.database.transaction((transaction) => this.write(transaction, request));
      this.nudges.nudge([request.customerId]);
      return outcome;
    } catch (error) {
      if (error instanceof VoidRefusedError) return error.outcome;
      if (isOutage(error)) throw unavailable();
      throw error;
    }
  }

  private async write(transaction: Transaction, request: VoidRequest): Promise<IngestOutcome> {
    const { customerId } = request;
    await transaction.query(rebuildTimeoutSql);
    await lockUsage(transaction, { shared: [], exclusive: [customerId] });
    const voidId = usageEventId(customerId, request.idempotencyKey);
    const found = await findUsageEvents(transaction, [
      { customerId, id: request.eventId },
      { customerId, id: voidId },
    ]);
    const target = found.find((event) => event.id === request.eventId);
    const sameKey = found.find((event) => event.id === voidId);
    if (target === undefined)
      throw notFound(`Customer ${customerId} has no usage event ${request.eventId}.`, "eventId");
    if (target.kind === "VOID")
      throw badUserInput("A void cannot be taken back. Record the usage again instead.", "eventId");
    if (sameKey !== undefined && sameKey.voidsEventId !== target.id) return conflictWith(request, sameKey);
    if (target.voidedByEventId !== null) {
      const [earlier] = await findUsageEvents(transaction, [{ customerId, id: target.voidedByEventId }]);
      invariant(earlier, `void ${target.voidedByEventId} is there`);
      return { outcome: "DUPLICATE", event: earlier };
    }
    return this.append(transaction, request, target, voidId);
  }

  private async append(
    transaction: Transaction,
    request: VoidRequest,
    target: UsageEventRecord,
    voidId: string,
  ): Promise<IngestOutcome> {
    const event: UsageEventRecord = {
      ...target,
      id: voidId,
      kind: "VOID",
      quantity: formatDecimal(decimal(target.quantity).neg()),
      receivedAt: new Date(this.clock.now()),
      idempotencyKey: request.idempotencyKey,
      contentHash: contentHash(`void\n${target.id}`),
      voidsEventId: target.id,
      reason: request.reason,
    };
    await insertVoid(transaction, event);
    if (target.counted) await this.takeBack(transaction, target);
    return { outcome: "RECORDED", event, placed: null, standing: null, limit: null };
  }

  private async takeBack(transaction: Transaction, target: UsageEventRecord): Promise<void> {
    const [profile] = await selectProfiles(transaction, { ids: [target.customerId], externalIds: [] });
    const meter = await this.meters.withId(target.meterId);
    invariant(profile && meter, `customer and meter of event ${target.id} are there`);
    const voiding = { profile, meter, target, ports: this.limits, now: this.clock.now() };
    await voidUnderLimits(transaction, voiding, () => recount(transaction, profile, target));
  }
}

/** Writes the window and the period of a taken back event anew: no subtraction, so every aggregation is right. */
async function recount(transaction: Transaction, profile: BillingProfile, target: UsageEventRecord): Promise<void> {
  const { customerId, meterId } = target;
  const occurredAt = target.occurredAt.getTime();
  await recountWindows(transaction, customerId, [{ meterId, windowStartAt: rollupWindowStart(occurredAt) }]);
  const { window } = customerPeriodAt(profile.subscriptions, occurredAt);
  await recountPeriods(transaction, customerId, meterId, [window]);
  if (profile.frozenUntil === null || occurredAt >= profile.frozenUntil) return;
  await markLateUsage(transaction, [{ customerId, meterId, period: window }]);
}

function checkRequest(request: VoidRequest): void {
  if (request.reason.trim() === "") throw badUserInput("Say why the event is taken back.", "reason");
  if (request.reason.length > maxReasonLength || request.reason.includes("\0"))
    throw badUserInput(`reason may have at most ${maxReasonLength} characters, none of them NUL.`, "reason");
  const keyLength = [...request.idempotencyKey].length;
  if (keyLength < 1 || keyLength > 255 || /\p{Cc}/u.test(request.idempotencyKey))
    throw badUserInput(
      "idempotencyKey must have 1 to 255 characters, none of them control characters.",
      "idempotencyKey",
    );
  // What is no id names nothing; PostgreSQL would refuse to compare it.
  if (!isUuid(request.customerId)) throw notFound("There is no such customer.", "customerId");
  if (!isUuid(request.eventId)) throw notFound("The customer has no such usage event.", "eventId");
}

function conflictWith(request: VoidRequest, sameKey: UsageEventRecord): IngestOutcome {
  const message = `Idempotency key "${request.idempotencyKey}" belongs to event ${sameKey.id}, which is something else. Use a new key.`;
  return { outcome: "REJECTED", rejection: { code: "IDEMPOTENCY_CONFLICT", field: "idempotencyKey", message } };
}
