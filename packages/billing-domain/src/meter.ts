import { fieldOf, listOf, objectOf, optional, pathTo, type Reader, required, withRule } from "./definition-reader.ts";
import { flag, meterKeyText, oneOf, textUpTo } from "./definition-values.ts";
import type { Fault } from "./fault.ts";

/** How events of a meter are made one number. */
export type Aggregation = "SUM" | "COUNT" | "MAX" | "LATEST" | "UNIQUE_COUNT" | "WEIGHTED_SUM";

/** Every aggregation. */
export const AGGREGATIONS: readonly Aggregation[] = ["SUM", "COUNT", "MAX", "LATEST", "UNIQUE_COUNT", "WEIGHTED_SUM"];

/** Which events count, by one property. A property that was not sent is in no list and does not exist. */
export type MeterFilter = { property: string; operator: "IN" | "NOT_IN" | "EXISTS"; values: readonly string[] };

/**
 * How reports of a meter reach Stripe: meter events of either API version, the meter event stream, the usage records of
 * accounts from before Billing Meters; NONE keeps the meter's usage from Stripe.
 */
export type StripeTransport = "V1" | "V2" | "STREAM" | "USAGE_RECORDS" | "NONE";

/** Every transport. */
export const STRIPE_TRANSPORTS: readonly StripeTransport[] = ["V1", "V2", "STREAM", "USAGE_RECORDS", "NONE"];

/**
 * What is counted, and how. All but name, unit and what concerns Stripe stay as they are for ever: numbers made before
 * would change.
 */
export type MeterDefinition = {
  key: string;
  name: string;
  /** Of what is measured, in the plural: "requests". A WEIGHTED_SUM meter counts it in unit-hours. */
  unit: string;
  aggregation: Aggregation;
  /** The property that holds the value, or for UNIQUE_COUNT the distinct thing; null: the event's quantity. */
  valueProperty: string | null;
  /** Up to three properties that usage is also kept by. */
  groupBy: readonly string[];
  /** Events that fail one are kept and not counted. */
  filters: readonly MeterFilter[];
  allowNegative: boolean;
  /** Usage outside a subscription is refused. */
  requiresSubscription: boolean;
  /** WEIGHTED_SUM: the level of the last period holds on into the next. */
  carryOver: boolean;
  stripeTransport: StripeTransport;
  /** The `event_name` of the meter at Stripe, at most 100 characters; null: the key. */
  stripeEventName: string | null;
};

const properties = textUpTo(100);

const readFilter = withRule(
  objectOf({
    property: required(properties, "name the property to look at"),
    operator: required(oneOf(["IN", "NOT_IN", "EXISTS"]), "write IN, NOT_IN or EXISTS"),
    values: optional(listOf(textUpTo(255), { least: 0, most: 100, what: "values" })),
  }),
  (json, path, faults) => {
    const values = fieldOf(json, "values");
    const count = Array.isArray(values) ? values.length : 0;
    const exists = fieldOf(json, "operator") === "EXISTS";
    if (exists && count > 0) faults.push({ path: pathTo(path, "values"), message: "must be left out with EXISTS" });
    if (!exists && count === 0) faults.push({ path: pathTo(path, "values"), message: "must list at least one value" });
  },
);

const readMeter = withRule(
  objectOf({
    key: required(meterKeyText, 'write the key of the meter, such as "api_requests"'),
    name: required(textUpTo(200), "write the name that customers see"),
    unit: required(textUpTo(50), 'write what is counted, such as "requests"'),
    aggregation: required(oneOf(AGGREGATIONS), `write one of ${AGGREGATIONS.join(", ")}`),
    valueProperty: optional(nullable(properties)),
    groupBy: optional(listOf(properties, { least: 0, most: 3, what: "properties" })),
    filters: optional(listOf(readFilter, { least: 0, most: 10, what: "filters" })),
    allowNegative: optional(flag),
    requiresSubscription: optional(flag),
    carryOver: optional(flag),
    stripeTransport: optional(oneOf(STRIPE_TRANSPORTS)),
    stripeEventName: optional(nullable(textUpTo(100))),
  }),
  (json, path, faults) => {
    checkValueProperty(json, path, faults);
    checkGroupBy(json, path, faults);
    checkFlags(json, path, faults);
  },
);

function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (json, path, faults) => (json === null ? null : read(json, path, faults));
}

function checkValueProperty(json: unknown, path: string, faults: Fault[]): void {
  const aggregation = fieldOf(json, "aggregation");
  const value = fieldOf(json, "valueProperty") ?? null;
  if (aggregation === "UNIQUE_COUNT" && value === null) {
    const message = "is missing; a UNIQUE_COUNT meter names the property whose distinct values it counts";
    faults.push({ path: pathTo(path, "valueProperty"), message });
  }
  if (aggregation === "COUNT" && value !== null) {
    const message = "must be left out; a COUNT meter counts events, whatever they hold";
    faults.push({ path: pathTo(path, "valueProperty"), message });
  }
}

function checkGroupBy(json: unknown, path: string, faults: Fault[]): void {
  const groupBy = fieldOf(json, "groupBy");
  if (!Array.isArray(groupBy)) return;
  if (new Set(groupBy).size !== groupBy.length) {
    faults.push({ path: pathTo(path, "groupBy"), message: "names a property twice" });
  }
  if (groupBy.length > 0 && fieldOf(json, "aggregation") === "WEIGHTED_SUM") {
    const message = "must be left out; the levels of a WEIGHTED_SUM meter are one series. Make a meter for each";
    faults.push({ path: pathTo(path, "groupBy"), message });
  }
}

function checkFlags(json: unknown, path: string, faults: Fault[]): void {
  const aggregation = fieldOf(json, "aggregation");
  if (fieldOf(json, "carryOver") === true && aggregation !== "WEIGHTED_SUM") {
    faults.push({ path: pathTo(path, "carryOver"), message: "is for WEIGHTED_SUM meters only; leave it out" });
  }
  if (fieldOf(json, "allowNegative") === true && (aggregation === "COUNT" || aggregation === "UNIQUE_COUNT")) {
    const message = `must be left out; a ${aggregation} meter has no quantities. Void an event to take it back`;
    faults.push({ path: pathTo(path, "allowNegative"), message });
  }
}

/** Checks a meter from JSON (a catalog file). All faults at once, each with its path and the fix. */
export function parseMeterDefinition(
  json: unknown,
): { ok: true; meter: MeterDefinition } | { ok: false; faults: Fault[] } {
  const faults: Fault[] = [];
  const read = readMeter(json, "", faults);
  if (read === undefined) return { ok: false, faults };
  const { valueProperty = null, groupBy = [], filters = [] } = read;
  const { allowNegative = false, requiresSubscription = false, carryOver = false } = read;
  const { stripeTransport = "V1", stripeEventName = null } = read;
  return {
    ok: true,
    meter: {
      key: read.key,
      name: read.name,
      unit: read.unit,
      aggregation: read.aggregation,
      valueProperty,
      groupBy,
      filters: filters.map((filter) => ({ ...filter, values: filter.values ?? [] })),
      allowNegative,
      requiresSubscription,
      carryOver,
      stripeTransport,
      stripeEventName,
    },
  };
}
