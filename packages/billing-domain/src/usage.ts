import { type Decimal, formatDecimal, ONE, ZERO } from "./decimal.ts";
import { parseInstant } from "./instant.ts";
import type { MeterDefinition, MeterFilter } from "./meter.ts";
import { parseQuantity } from "./quantity.ts";
import { dimensionOf, hasMoreCharacters } from "./usage-dimension.ts";
import { propertyText, readProperties, type UsageProperties } from "./usage-properties.ts";
import { DAY_MS, type EpochMs } from "./window.ts";

/** One item as it was sent. `quantity` is "1" and `occurredAt` null where they were left out. */
export type UsageInput = {
  meterKey: string;
  quantity: string;
  occurredAt: string | null;
  idempotencyKey: string;
  properties: unknown;
};

/** An item that may be recorded. */
export type AcceptedUsage = {
  /** The value that counts: the quantity, or what the meter's value property holds. */
  quantity: Decimal;
  quantityText: string;
  occurredAt: EpochMs;
  idempotencyKey: string;
  properties: UsageProperties | null;
  /** The distinct thing of a UNIQUE_COUNT meter. */
  uniqueValue: string | null;
  /** The group-by values as a JSON array, "" for one that was not sent; null where the meter has no group-by. */
  dimensionKey: string | null;
  /** False when the meter's filters leave the event out: it is kept and not counted. */
  counted: boolean;
  /** Equal exactly when the same content was sent: an absent time is itself content, "1.0" is "1". */
  canonicalContent: string;
};

/** Why an item is refused: the code to switch on, the field at fault, and what to do. */
export type Refusal = {
  code:
    | "INVALID_QUANTITY"
    | "INVALID_PROPERTIES"
    | "INVALID_IDEMPOTENCY_KEY"
    | "INVALID_TIMESTAMP"
    | "TIMESTAMP_TOO_OLD"
    | "TIMESTAMP_IN_FUTURE";
  field: string;
  message: string;
};

/** What acceptance depends on beside the item. */
export type UsageContext = {
  meter: MeterDefinition;
  receivedAt: EpochMs;
  /** The key has the scope `usage:backfill`. */
  mayBackfill: boolean;
};

/** How far back usage is taken without backfill: what Stripe takes (docs.stripe.com, recording usage with the API). */
export const MAX_AGE_DAYS = 35;
/** How far ahead of us a caller's clock may be; Stripe allows the same. */
export const MAX_AHEAD_MS = 300_000;
/** Nothing before it is usage; it is a clock that was never set. */
const EARLIEST_AT = Date.UTC(2000, 0);
/** Characters (code points) of an idempotency key. */
export const MAX_IDEMPOTENCY_KEY_CHARACTERS = 255;
const MAX_UNIQUE_VALUE_CHARACTERS = 255;

type Accepted = { ok: true; usage: AcceptedUsage } | { ok: false; refusal: Refusal };

/** Judges one item. It looks at nothing but the item and the context, so that the same item is judged the same anywhere. */
export function acceptUsage(input: UsageInput, context: UsageContext): Accepted {
  const { meter } = context;
  const key = input.idempotencyKey;
  const keyFault = idempotencyKeyFault(key);
  if (keyFault !== null) return refuse("INVALID_IDEMPOTENCY_KEY", "idempotencyKey", keyFault);
  const properties = readProperties(input.properties);
  if (!properties.ok) return refuse("INVALID_PROPERTIES", "properties", properties.message);
  const counted = meter.filters.every((filter) => passes(filter, properties.properties));
  const value = valueOf(input.quantity, properties.properties, meter, counted);
  if ("refusal" in value) return { ok: false, refusal: value.refusal };
  const dimension = dimensionOf(meter.groupBy, properties.properties);
  if (!dimension.ok) return refuse("INVALID_PROPERTIES", dimension.field, dimension.message);
  const time = timeOf(input.occurredAt, context);
  if ("refusal" in time) return { ok: false, refusal: time.refusal };
  const quantityText = formatDecimal(value.quantity);
  return {
    ok: true,
    usage: {
      quantity: value.quantity,
      quantityText,
      occurredAt: time.occurredAt,
      idempotencyKey: key,
      properties: properties.properties,
      uniqueValue: value.uniqueValue,
      dimensionKey: dimension.key,
      counted,
      canonicalContent: `${meter.key}\n${quantityText}\n${input.occurredAt === null ? "" : time.occurredAt}\n${properties.canonical}`,
    },
  };
}

function refuse(code: Refusal["code"], field: string, message: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, field, message } };
}

function idempotencyKeyFault(key: string): string | null {
  if (key === "") return "idempotencyKey is empty. Send a text that is the same whenever this usage is sent again.";
  if (hasMoreCharacters(key, MAX_IDEMPOTENCY_KEY_CHARACTERS)) {
    return `idempotencyKey has more than ${MAX_IDEMPOTENCY_KEY_CHARACTERS} characters. Send a shorter one, such as a hash of it.`;
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u001f\u007f-\u009f]/.test(key) || !key.isWellFormed()) {
    return "idempotencyKey holds a control character or half a character. Send printable, well-formed text.";
  }
  return null;
}

type Value = { quantity: Decimal; uniqueValue: string | null } | { refusal: Refusal };

function valueOf(
  quantityText: string,
  properties: UsageProperties | null,
  meter: MeterDefinition,
  counted: boolean,
): Value {
  const sent = parseQuantity(quantityText);
  if (!sent.ok) return refuse("INVALID_QUANTITY", "quantity", sent.message);
  if (meter.valueProperty === null) return signed(sent.quantity, "quantity", "INVALID_QUANTITY", meter);
  if (!sent.quantity.eq(ONE)) {
    const message = `The meter "${meter.key}" reads its value from the property "${meter.valueProperty}". Leave quantity out.`;
    return refuse("INVALID_QUANTITY", "quantity", message);
  }
  const held = propertyText(properties, meter.valueProperty);
  const field = `properties.${meter.valueProperty}`;
  // An event that the filters leave out need not hold what would be counted.
  if (held === null && !counted) return { quantity: ONE, uniqueValue: null };
  if (held === null || held === "") {
    const message = `The meter "${meter.key}" needs the property "${meter.valueProperty}", which was not sent. Add it to properties.`;
    return refuse("INVALID_PROPERTIES", field, message);
  }
  if (isRoundedByJson(properties?.[meter.valueProperty])) {
    const message = `${field} is a whole number past 2^53, which JSON does not carry exactly. Send it as text.`;
    return refuse("INVALID_PROPERTIES", field, message);
  }
  if (meter.aggregation === "UNIQUE_COUNT") return distinct(held, field);
  const read = parseQuantity(held);
  if (!read.ok) return refuse("INVALID_PROPERTIES", field, read.message);
  return signed(read.quantity, field, "INVALID_PROPERTIES", meter);
}

function isRoundedByJson(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
}

function distinct(value: string, field: string): Value {
  if (hasMoreCharacters(value, MAX_UNIQUE_VALUE_CHARACTERS)) {
    const message = `${field} has more than ${MAX_UNIQUE_VALUE_CHARACTERS} characters. Send a shorter value, such as an id.`;
    return refuse("INVALID_PROPERTIES", field, message);
  }
  return { quantity: ONE, uniqueValue: value };
}

function signed(quantity: Decimal, field: string, code: Refusal["code"], meter: MeterDefinition): Value {
  if (meter.allowNegative || !quantity.lt(ZERO)) return { quantity, uniqueValue: null };
  const message =
    `${field} is ${formatDecimal(quantity)}, and the meter "${meter.key}" takes no negative quantities. ` +
    "Send zero or more; take back an event that was wrong with voidUsageEvent.";
  return refuse(code, field, message);
}

type Time = { occurredAt: EpochMs } | { refusal: Refusal };

function timeOf(sent: string | null, { receivedAt, mayBackfill }: UsageContext): Time {
  if (sent === null) return { occurredAt: receivedAt };
  const parsed = parseInstant(sent);
  if (!parsed.ok) return refuse("INVALID_TIMESTAMP", "occurredAt", parsed.message);
  const occurredAt = parsed.at;
  if (occurredAt > receivedAt + MAX_AHEAD_MS) {
    const message = `occurredAt ${sent} is more than 5 minutes ahead of the time of receipt. Send it when it has happened, and check the clock.`;
    return refuse("TIMESTAMP_IN_FUTURE", "occurredAt", message);
  }
  if (occurredAt < EARLIEST_AT) {
    return refuse("TIMESTAMP_TOO_OLD", "occurredAt", `occurredAt ${sent} is before the year 2000. Check the clock.`);
  }
  if (!mayBackfill && occurredAt < receivedAt - MAX_AGE_DAYS * DAY_MS) {
    const message =
      `occurredAt ${sent} is more than ${MAX_AGE_DAYS} days before the time of receipt. ` +
      "Older usage needs an API key with the scope usage:backfill.";
    return refuse("TIMESTAMP_TOO_OLD", "occurredAt", message);
  }
  return { occurredAt };
}

function passes(filter: MeterFilter, properties: UsageProperties | null): boolean {
  const value = propertyText(properties, filter.property);
  if (filter.operator === "EXISTS") return value !== null;
  const listed = value !== null && filter.values.includes(value);
  return filter.operator === "IN" ? listed : !listed;
}
