import { formatDecimal, ONE, parseQuantity, ZERO } from "@meterline/billing-domain";
import { badUserInput, conflict } from "../../platform/graphql/index.ts";
import type { CustomerRef, MeterRow } from "../catalog/index.ts";
import type { IngestionService, IngestOutcome } from "../ingestion/index.ts";
import type { HoldRecord } from "../limits/index.ts";
import { instantText } from "../usage/index.ts";
import type { HoldService } from "./hold.service.ts";

/** Commits a reservation: `quantity` null is what was reserved. */
export type CommitRequest = { customer: CustomerRef; reservationId: string; quantity: string | null };

/** Records what was reserved, by the same door as all usage. */
export class CommitReservationService {
  readonly #holds: HoldService;
  readonly #ingestion: IngestionService;

  constructor(services: { holds: HoldService; ingestion: IngestionService }) {
    this.#holds = services.holds;
    this.#ingestion = services.ingestion;
  }

  /**
   * Records the usage event of a reservation and ends the hold, in one transaction. Less gives the rest back; up to what
   * is held is promised, also when the limit was lowered meanwhile; more is decided like usage, and when it does not fit
   * nothing changes: the hold goes on. A reservation that was released or whose time is up holds nothing, so all of it is
   * decided. The event's key is the reservation's, so a commit counts once, for ever.
   */
  async commit(request: CommitRequest): Promise<{ outcome: IngestOutcome; meter: MeterRow }> {
    const { hold, meter } = await this.#holds.find(request.customer, request.reservationId);
    if (hold.kind !== "RESERVATION")
      throw conflict(
        "This is a lease: usage is recorded under it with its token, and what is left is released.",
        "reservationId",
      );
    const quantity = request.quantity ?? formatDecimal(hold.quantity);
    const parsed = parseQuantity(quantity);
    if (parsed.ok && parsed.quantity.lt(ZERO))
      throw badUserInput("A commit records zero or more; give everything back with releaseReservation.", "quantity");
    if (meter.definition.aggregation === "COUNT" && parsed.ok && !parsed.quantity.eq(ONE))
      throw badUserInput("A reservation of a meter that counts events is committed as one event.", "quantity");
    const item = { ...commitItem(hold, meter, quantity), customerId: hold.customerId, externalCustomerId: null };
    const [outcome] = await this.#ingestion.record([{ ...item, holdId: hold.id }], { mayBackfill: false });
    if (outcome === undefined) throw new Error("Invariant broken: one item has one outcome");
    return { outcome, meter };
  }
}

/** The usage counts as of the moment it was reserved, in the windows that it was held in. */
function commitItem(hold: HoldRecord, meter: MeterRow, quantity: string) {
  const { key, valueProperty, aggregation } = meter.definition;
  return {
    meterKey: key,
    quantity: valueProperty === null && aggregation !== "COUNT" ? quantity : "1",
    occurredAt: instantText(hold.heldAt),
    idempotencyKey: `reservation ${hold.id}`,
    properties: valueProperty === null ? hold.properties : { ...hold.properties, [valueProperty]: quantity },
  };
}
