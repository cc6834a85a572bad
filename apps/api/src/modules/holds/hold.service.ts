import {
  acceptUsage,
  type AcceptedUsage,
  DEFAULT_HOLD_SECONDS,
  decideLimit,
  type EpochMs,
  formatDecimal,
  holdStateAt,
  type LimitStanding,
  MAX_HOLD_MS,
  MAX_LEASE_MS,
  ONE,
  parseQuantity,
  propertyText,
  type Refusal,
  readProperties,
  refusalInWords,
  strictestOf,
  ZERO,
} from "@meterline/billing-domain";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isOutage, isUuid, type Transaction } from "../../platform/database/index.ts";
import { badUserInput, conflict, invariant, notFound, unavailable } from "../../platform/graphql/index.ts";
import type { Nudging } from "../../platform/live/index.ts";
import {
  type BillingProfile,
  type BillingProfiles,
  type CustomerRef,
  type MeterRow,
  type Meters,
  selectProfiles,
} from "../catalog/index.ts";
import type { UsageRejection } from "../ingestion/index.ts";
import {
  countHolds,
  expireHolds,
  findHolds,
  type HoldRecord,
  insertHold,
  type LimitPorts,
  limitedUsageOf,
  limitedUseOf,
  limitLockSql,
  mapLimitState,
  readTallies,
  releaseHold,
  tallyKey,
  wordsContext,
} from "../limits/index.ts";
import { contentHash, type LimitStateType, usageEventId, usageLockSql } from "../usage/index.ts";

/** What a hold is asked for with. `seconds` null is the default. */
export type HoldRequest = {
  kind: HoldRecord["kind"];
  customer: CustomerRef;
  meterKey: string;
  quantity: string;
  properties: unknown;
  seconds: number | null;
  idempotencyKey: string;
  createdBy: string;
};

/** A hold that is there, new or made before by the same request; or why units are not held. */
export type HoldOutcome =
  | { ok: true; hold: HoldRecord; meter: MeterRow; limit: LimitStateType | null }
  | { ok: false; rejection: UsageRejection; meter: MeterRow | null; limit: LimitStateType | null };

/** What the service stands on. */
export type HoldDependencies = {
  database: Database;
  clock: Clock;
  profiles: BillingProfiles;
  meters: Meters;
  limits: LimitPorts;
  nudges: Nudging;
};

/** The most holds of a customer and meter at once: what is held is summed whenever a limit decides. */
export const MAX_HOLDS = 10_000;
const longest = { RESERVATION: MAX_HOLD_MS, LEASE: MAX_LEASE_MS };
const lockTimeoutSql = "SET LOCAL lock_timeout = '2s'";

/** Holds units before the work is done, and gives them back. */
export class HoldService {
  readonly #on: HoldDependencies;

  constructor(dependencies: HoldDependencies) {
    this.#on = dependencies;
  }

  /** Holds units when every hard limit has room for them. The same key and content again answers the same hold. */
  async hold(request: HoldRequest): Promise<HoldOutcome> {
    const profile = await this.#profile(request.customer);
    const meter = (await this.#on.meters.find([request.meterKey])).get(request.meterKey) ?? null;
    if (meter === null) return refused("UNKNOWN_METER", "meterKey", unknownMeter(request.meterKey), null);
    const now = this.#on.clock.now();
    const checked = checkedRequest(request, meter, now);
    if ("rejection" in checked) return { ok: false, rejection: checked.rejection, meter, limit: null };
    const outcome = await this.#locked(profile.customerId, (transaction, stored) =>
      this.#hold(transaction, { request, profile: stored, meter, usage: checked.usage, now }),
    );
    this.#on.nudges.nudge([profile.customerId]);
    return outcome;
  }

  /** Gives back what a hold still holds. One that has ended (committed, released, its time was up) stays as it is. */
  async release(customer: CustomerRef, holdId: string): Promise<{ hold: HoldRecord; meter: MeterRow }> {
    const profile = await this.#profile(customer);
    const now = this.#on.clock.now();
    const hold = await this.#locked(profile.customerId, async (transaction) => {
      await expireHolds(transaction, [profile.customerId], now);
      await this.#found(transaction, profile.customerId, holdId);
      await releaseHold(transaction, { customerId: profile.customerId, id: holdId, now });
      return this.#found(transaction, profile.customerId, holdId);
    });
    this.#on.nudges.nudge([profile.customerId]);
    return { hold, meter: await this.#meterOf(hold) };
  }

  /** A hold as it stands now. */
  async find(
    customer: CustomerRef,
    holdId: string,
  ): Promise<{ hold: HoldRecord; meter: MeterRow; profile: BillingProfile }> {
    const profile = await this.#profile(customer);
    const hold = await this.#found(this.#on.database, profile.customerId, holdId);
    return {
      hold: { ...hold, state: holdStateAt(hold, this.#on.clock.now()) },
      meter: await this.#meterOf(hold),
      profile,
    };
  }

  async #hold(
    transaction: Transaction,
    of: { request: HoldRequest; profile: BillingProfile; meter: MeterRow; usage: AcceptedUsage; now: EpochMs },
  ): Promise<HoldOutcome> {
    const { request, profile, meter, usage, now } = of;
    const { customerId } = profile;
    await expireHolds(transaction, [customerId], now);
    const id = usageEventId(customerId, `hold\n${request.idempotencyKey}`);
    const hash = contentHash(`${request.kind}\n${usage.canonicalContent}`);
    const [known] = await findHolds(transaction, [{ customerId, id }]);
    if (known !== undefined && known.contentHash !== hash) {
      const message = `Idempotency key "${request.idempotencyKey}" was used before to hold something else. Use a new key.`;
      return refused("IDEMPOTENCY_CONFLICT", "idempotencyKey", message, meter);
    }
    if (known !== undefined) return { ok: true, hold: known, meter, limit: null };
    if ((await countHolds(transaction, { customerId, meterId: meter.id, now })) >= MAX_HOLDS)
      throw conflict(`The customer has ${MAX_HOLDS} holds on this meter; commit or release some first.`, "meterKey");
    // Units are held, not events: a lease on a COUNT meter is for so many of them.
    const event = { ...usage, meterId: meter.id, meter: meter.definition, receivedAt: now, historical: false };
    const asked = { ...limitedUsageOf(event), aggregation: "SUM" as const };
    const touched = limitedUseOf(profile, event)?.touched ?? [];
    const tallies = await readTallies(touched, { sql: transaction, ports: this.#on.limits, now });
    const decision = decideLimit(
      touched.flatMap((one) => tallies.get(tallyKey(one)) ?? []),
      { usage: asked, what: "HOLD" },
    );
    const stateOf = (standing: LimitStanding | null) =>
      standing === null ? null : mapLimitState(standing, { profile, meter, meterKey: meter.definition.key });
    if (!decision.fits) {
      const { refusedBy } = decision;
      const context = wordsContext(profile, refusedBy.limit.definition.meterKey === undefined ? null : meter);
      const message = refusalInWords(refusedBy, formatDecimal(usage.quantity), context);
      const rejection: UsageRejection = { code: "LIMIT_REACHED", field: "quantity", message };
      return { ok: false, rejection, meter, limit: stateOf({ ...refusedBy, standing: "BLOCKED" }) };
    }
    const hard = touched.filter(({ limit }) => limit.definition.policy === "HARD");
    const wanted = now + (request.seconds ?? DEFAULT_HOLD_SECONDS) * 1_000;
    const hold: HoldRecord = {
      id,
      customerId,
      kind: request.kind,
      state: "HELD",
      meterId: meter.id,
      quantity: usage.quantity,
      drawn: ZERO,
      overshoot: ZERO,
      properties: usage.properties,
      dimensionKey: usage.dimensionKey,
      heldAt: now,
      // A lease ends with the first window that it is held in, so that what is drawn is drawn where it was held.
      expiresAt: request.kind === "LEASE" ? Math.min(wanted, ...hard.map(({ window }) => window.endAt)) : wanted,
      idempotencyKey: request.idempotencyKey,
      contentHash: hash,
      eventId: null,
    };
    await insertHold(transaction, hold, request.createdBy);
    const holding = decision.standings.filter((_, index) => touched[index]?.holds === true);
    return { ok: true, hold, meter, limit: stateOf(strictestOf(holding)) };
  }

  async #found(sql: Pick<Transaction, "query">, customerId: string, holdId: string): Promise<HoldRecord> {
    const [hold] = isUuid(holdId) ? await findHolds(sql, [{ customerId, id: holdId }]) : [];
    if (hold === undefined) throw notFound("The customer has no such reservation.", "reservationId");
    return hold;
  }

  async #meterOf(hold: HoldRecord): Promise<MeterRow> {
    const meter = await this.#on.meters.withId(hold.meterId);
    invariant(meter, `meter ${hold.meterId} of a hold is there`);
    return meter;
  }

  /** Runs under the customer's limit lock, with the customer as it is stored then. */
  async #locked<T>(
    customerId: string,
    fn: (transaction: Transaction, profile: BillingProfile) => Promise<T>,
  ): Promise<T> {
    const lock = usageLockSql({ shared: [customerId], exclusive: [] });
    try {
      return await this.#on.database.transaction(
        async (transaction) => {
          const [stored] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
          invariant(stored, `customer ${customerId} is there`);
          return fn(transaction, stored);
        },
        `${lockTimeoutSql}; ${lock}; ${limitLockSql([customerId])}`,
      );
    } catch (error) {
      if (isOutage(error)) throw unavailable();
      throw error;
    }
  }

  async #profile(customer: CustomerRef): Promise<BillingProfile> {
    if ((customer.customerId === null) === (customer.externalCustomerId === null))
      throw badUserInput("Give exactly one of customerId and externalCustomerId.", "customerId");
    try {
      const [profile] = await this.#on.profiles.find([customer]);
      if (profile) return profile;
    } catch (error) {
      if (isOutage(error)) throw unavailable();
      throw error;
    }
    throw notFound("There is no such customer.", customer.customerId === null ? "externalCustomerId" : "customerId");
  }
}

function refused(code: UsageRejection["code"], field: string, message: string, meter: MeterRow | null): HoldOutcome {
  return { ok: false, rejection: { code, field, message }, meter, limit: null };
}

const unknownMeter = (key: string): string =>
  `There is no meter with the key "${key.slice(0, 100)}". Add it to the catalog, or correct meterKey.`;

/** The request as usage that would occur now, or why it cannot be held. */
function checkedRequest(
  request: HoldRequest,
  { definition }: MeterRow,
  now: EpochMs,
): { usage: AcceptedUsage } | { rejection: Refusal } {
  const refuse = (field: string, message: string) => ({
    rejection: { code: "INVALID_QUANTITY" as const, field, message },
  });
  const { aggregation, valueProperty, key } = definition;
  if (aggregation !== "SUM" && aggregation !== "COUNT") {
    const why = `The meter "${key}" is ${aggregation}: what an event takes of it is not known before it is recorded.`;
    return refuse("meterKey", `${why} Record it; it is decided then. Units are held of SUM and COUNT meters.`);
  }
  const seconds = request.seconds ?? DEFAULT_HOLD_SECONDS;
  const mostSeconds = longest[request.kind] / 1_000;
  if (seconds < 1 || seconds > mostSeconds) {
    throw badUserInput(`ttlSeconds is ${seconds}; units are held for 1 to ${mostSeconds} seconds.`, "ttlSeconds");
  }
  const quantity = parseQuantity(request.quantity);
  if (!quantity.ok) return refuse("quantity", quantity.message);
  if (!quantity.quantity.gt(ZERO)) return refuse("quantity", "Only more than zero units can be held.");
  if (aggregation === "COUNT" && request.kind === "RESERVATION" && !quantity.quantity.eq(ONE)) {
    return refuse(
      "quantity",
      `The meter "${key}" counts events, and a reservation is committed as one. Reserve 1, or lease more.`,
    );
  }
  const read = readProperties(request.properties);
  if (!read.ok) return { rejection: { code: "INVALID_PROPERTIES", field: "properties", message: read.message } };
  // The meter's own way to state the quantity, so that the hold is judged as the event will be.
  const states = valueProperty !== null && propertyText(read.properties, valueProperty) === null;
  const properties = states ? { ...read.properties, [valueProperty]: request.quantity } : read.properties;
  const sent = valueProperty === null ? request.quantity : "1";
  const item = { meterKey: key, quantity: sent, occurredAt: null, idempotencyKey: request.idempotencyKey, properties };
  const accepted = acceptUsage(item, { meter: definition, receivedAt: now, mayBackfill: false });
  if (!accepted.ok) return { rejection: accepted.refusal };
  return { usage: { ...accepted.usage, quantity: quantity.quantity } };
}
