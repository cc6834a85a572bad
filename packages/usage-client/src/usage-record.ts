/** A flat property value. */
export type PropertyValue = string | number | boolean | null;

/** One usage event as a product backend hands it over. Exactly one of `customerId` and `externalCustomerId`. */
export type UsageRecord = {
  readonly customerId?: string | undefined;
  readonly externalCustomerId?: string | undefined;
  readonly meterKey: string;
  /** In the meter's unit. A number must be a safe integer: fractions go in as strings, so that no binary float enters. Default "1". */
  readonly quantity?: string | bigint | number | undefined;
  /** When the usage happened; RFC 3339 with an offset when it is a string. Default: the moment of `record()`. */
  readonly occurredAt?: string | Date | undefined;
  /** 1 to 255 characters; counts once per customer, for ever. Default: a random UUID, fixed before anything is sent. */
  readonly idempotencyKey?: string | undefined;
  /** Flat; at most 4 KiB as UTF-8 JSON. */
  readonly properties?: Readonly<Record<string, PropertyValue>> | undefined;
  /** Of the lease that it was decided under; `UsageLease.use` sets it. */
  readonly leaseToken?: string | undefined;
};

/** The event as it goes over the wire: complete, so that every retry has the same content. */
export type RecordUsageInput = {
  readonly customerId?: string;
  readonly externalCustomerId?: string;
  readonly meterKey: string;
  readonly quantity: string;
  readonly occurredAt: string;
  readonly idempotencyKey: string;
  readonly properties?: Readonly<Record<string, PropertyValue>>;
  readonly leaseToken?: string;
};

/** An event that is ready to send. Serialized once: later changes to the caller's objects cannot change a retry. */
export type PreparedUsage = { readonly json: string; readonly idempotencyKey: string };

export type Preparation =
  | { readonly ok: true; readonly usage: PreparedUsage }
  | { readonly ok: false; readonly field: string; readonly message: string };

const QUANTITY = /^-?\d{1,18}(?:\.\d{1,12})?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const MAX_KEY_CHARACTERS = 255;
const MAX_PROPERTIES_BYTES = 4_096;

/**
 * Checks what can be known without the API and fills in what is absent. What depends on the meter or the customer is
 * left to the API, which answers per event.
 */
export function prepareUsage(record: UsageRecord, fill: { now: number; newKey: () => string }): Preparation {
  const { customerId, externalCustomerId, meterKey, properties, leaseToken } = record;
  if ((customerId === undefined) === (externalCustomerId === undefined)) {
    return refuse("customerId", "Give exactly one of customerId and externalCustomerId.");
  }
  const customer = customerId ?? externalCustomerId;
  if (typeof customer !== "string" || customer === "") {
    const field = customerId === undefined ? "externalCustomerId" : "customerId";
    return refuse(field, `${field} must be a string that is not empty.`);
  }
  if (typeof meterKey !== "string" || meterKey === "") return refuse("meterKey", "meterKey must name a meter.");

  const quantity = quantityText(record.quantity);
  if (quantity === null) {
    return refuse(
      "quantity",
      'quantity must be a plain decimal such as "12.5" with at most 18 digits before and 12 after the point; a number must be a safe integer.',
    );
  }
  const occurredAt = instantText(record.occurredAt, fill.now);
  if (occurredAt === null) {
    return refuse(
      "occurredAt",
      "occurredAt must be RFC 3339 with an offset, such as 2026-05-01T12:00:00Z, or a valid Date.",
    );
  }
  const idempotencyKey = record.idempotencyKey ?? fill.newKey();
  if (typeof idempotencyKey !== "string" || idempotencyKey === "" || isTooLongForKey(idempotencyKey)) {
    return refuse("idempotencyKey", `idempotencyKey must have 1 to ${MAX_KEY_CHARACTERS} characters.`);
  }
  if (properties !== undefined) {
    const message = faultOfProperties(properties);
    if (message !== null) return refuse("properties", message);
  }
  if (leaseToken !== undefined && typeof leaseToken !== "string")
    return refuse("leaseToken", "leaseToken must be text.");
  const input = {
    customerId,
    externalCustomerId,
    meterKey,
    quantity,
    occurredAt,
    idempotencyKey,
    properties,
    leaseToken,
  };
  return { ok: true, usage: { json: JSON.stringify(input), idempotencyKey } };
}

function refuse(field: string, message: string): Preparation {
  return { ok: false, field, message };
}

function quantityText(quantity: UsageRecord["quantity"]): string | null {
  if (quantity === undefined) return "1";
  if (typeof quantity === "number" && !Number.isSafeInteger(quantity)) return null;
  const text = typeof quantity === "string" ? quantity : String(quantity);
  return QUANTITY.test(text) ? text : null;
}

function instantText(occurredAt: UsageRecord["occurredAt"], now: number): string | null {
  if (occurredAt === undefined) return new Date(now).toISOString();
  if (typeof occurredAt === "string") {
    return INSTANT.test(occurredAt) && !Number.isNaN(Date.parse(occurredAt)) ? occurredAt : null;
  }
  return occurredAt instanceof Date && !Number.isNaN(occurredAt.getTime()) ? occurredAt.toISOString() : null;
}

/** Characters are Unicode code points, of which a string has at most as many as UTF-16 units. */
function isTooLongForKey(key: string): boolean {
  return (
    key.length > MAX_KEY_CHARACTERS && (key.length > 2 * MAX_KEY_CHARACTERS || [...key].length > MAX_KEY_CHARACTERS)
  );
}

function faultOfProperties(properties: Readonly<Record<string, PropertyValue>>): string | null {
  if (typeof properties !== "object" || properties === null || Array.isArray(properties)) {
    return "properties must be an object.";
  }
  for (const [name, value] of Object.entries(properties)) {
    const isScalar =
      value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
    if (!isScalar) return `properties.${name} must be a string, a finite number, a boolean or null.`;
  }
  const bytes = Buffer.byteLength(JSON.stringify(properties));
  return bytes > MAX_PROPERTIES_BYTES
    ? `properties take ${bytes} bytes; at most ${MAX_PROPERTIES_BYTES} are allowed.`
    : null;
}
