import { decimal } from "../decimal.ts";
import { fieldOf, listOf, objectOf, optional, pathTo, type Reader, required, withRule } from "../definition-reader.ts";
import { countBetween, meterKeyText, oneOf, textUpTo } from "../definition-values.ts";
import type { Fault } from "../fault.ts";

/** What happens at the limit: HARD refuses, SOFT records and bills the overage, NOTIFY records and only warns. */
export type LimitPolicyName = "HARD" | "SOFT" | "NOTIFY";

/** Every policy, the strictest first. */
export const LIMIT_POLICIES: readonly LimitPolicyName[] = ["HARD", "SOFT", "NOTIFY"];

/** What a limit counts over: a day is the customer's own, an hour a full hour in UTC, a lifetime never ends. */
export type LimitPeriod = "BILLING_PERIOD" | "DAY" | "HOUR" | "LIFETIME";

/** Every period of a limit. */
export const LIMIT_PERIODS: readonly LimitPeriod[] = ["BILLING_PERIOD", "DAY", "HOUR", "LIFETIME"];

/** A bound on what a customer uses, as a plan, a person of the staff or an API key states it. */
export type LimitDefinition = {
  policy: LimitPolicyName;
  /** What is bounded; left out, the whole bill. */
  meterKey?: string;
  /** Default BILLING_PERIOD. */
  period?: LimitPeriod;
  /** The most units. Exactly one of `quantity` and `amount`. */
  quantity?: string;
  /** The most money of the period's bill (of the meter's line, or of the whole), in major units of its currency. */
  amount?: string;
  /** Counts only usage in which this property has this value, such as model = m-large. */
  property?: { name: string; value: string };
  /** Warns at these shares of the limit, in per cent. Default 80. */
  warnAtPercent?: number[];
  /** What a customer who needs more is told, in a sentence. */
  upgrade?: string;
};

/** Warned at where a limit does not say otherwise. */
export const DEFAULT_WARN_AT_PERCENT = 80;
/** Limits that a plan may have, and a customer beside them. */
export const MAX_LIMITS = 50;
const MAX_WARNINGS = 10;
/** A hard limit is never passed; the others are, and one may want to hear how far. */
const MOST_PERCENT = 500;

const BOUND = /^-?[0-9]{1,18}(?:\.[0-9]{1,12})?$/;

/** Text of a limit: zero or more. Zero is a limit, too: nothing at all. */
const boundText: Reader<string> = (json, path, faults) => {
  if (typeof json === "string" && BOUND.test(json) && !decimal(json).lt(decimal("0"))) return json;
  const negative = typeof json === "string" && BOUND.test(json);
  const message = negative
    ? 'must not be negative; write "0" for nothing at all, or leave the limit out for no limit'
    : 'must be a decimal in quotes, such as "100000", with at most 18 digits before and 12 after the point';
  faults.push({ path, message });
  return undefined;
};

/** Reads one limit of a plan or a customer. What depends on its meter and plan is checked by `faultsOfLimit`. */
export const readLimit: Reader<LimitDefinition> = withRule(
  objectOf({
    policy: required(oneOf(LIMIT_POLICIES), "write HARD (refuse), SOFT (bill the overage) or NOTIFY (only warn)"),
    meterKey: optional(meterKeyText),
    period: optional(oneOf(LIMIT_PERIODS)),
    quantity: optional(boundText),
    amount: optional(boundText),
    property: optional(
      objectOf({
        name: required(textUpTo(100), 'name the property, such as "model"'),
        value: required(textUpTo(255), 'write the value that is limited, such as "m-large"'),
      }),
    ),
    warnAtPercent: optional(
      listOf(countBetween(1, MOST_PERCENT), { least: 0, most: MAX_WARNINGS, what: "percentages" }),
    ),
    upgrade: optional(textUpTo(300)),
  }),
  (json, path, faults) => {
    checkBound(json, path, faults);
    checkAmount(json, path, faults);
    checkWarnings(json, path, faults);
  },
);

function checkBound(json: unknown, path: string, faults: Fault[]): void {
  const hasQuantity = fieldOf(json, "quantity") !== undefined;
  const hasAmount = fieldOf(json, "amount") !== undefined;
  if (hasQuantity === hasAmount) {
    const message = hasQuantity
      ? "stands beside amount; keep one of the two, or make two limits"
      : "is missing; write the most units as quantity, or the most money as amount";
    faults.push({ path: pathTo(path, "quantity"), message });
  }
  if (hasQuantity && fieldOf(json, "meterKey") === undefined) {
    const message = "is missing; units are those of a meter. Name it, or limit the whole bill by amount";
    faults.push({ path: pathTo(path, "meterKey"), message });
  }
}

function checkAmount(json: unknown, path: string, faults: Fault[]): void {
  if (fieldOf(json, "amount") === undefined) return;
  const period = fieldOf(json, "period") ?? "BILLING_PERIOD";
  if (period !== "BILLING_PERIOD") {
    const message = "cannot be other than BILLING_PERIOD with amount: only a billing period has a bill";
    faults.push({ path: pathTo(path, "period"), message });
  }
  if (fieldOf(json, "property") !== undefined) {
    const message = "cannot stand beside amount: a bill has no line of one property value; limit it by quantity";
    faults.push({ path: pathTo(path, "property"), message });
  }
}

function checkWarnings(json: unknown, path: string, faults: Fault[]): void {
  const warnings = fieldOf(json, "warnAtPercent");
  if (!Array.isArray(warnings)) return;
  for (const [index, percent] of warnings.entries()) {
    const at = pathTo(pathTo(path, "warnAtPercent"), index);
    if (warnings.indexOf(percent) !== index) faults.push({ path: at, message: "is there already; keep one of them" });
    if (fieldOf(json, "policy") === "HARD" && typeof percent === "number" && percent > 100 && percent <= MOST_PERCENT) {
      faults.push({ path: at, message: "is past a hard limit, which is never passed; write at most 100" });
    }
  }
}

/** Checks one limit from JSON. All faults at once, each with its path and the fix. */
export function parseLimitDefinition(
  json: unknown,
): { ok: true; limit: LimitDefinition } | { ok: false; faults: Fault[] } {
  const faults: Fault[] = [];
  const limit = readLimit(json, "", faults);
  return limit === undefined ? { ok: false, faults } : { ok: true, limit };
}

/** The period that a limit counts over. */
export function limitPeriodOf(limit: LimitDefinition): LimitPeriod {
  return limit.period ?? "BILLING_PERIOD";
}

/** The shares that a limit warns at, in per cent, lowest first. */
export function warningsOf(limit: LimitDefinition): readonly number[] {
  return (limit.warnAtPercent ?? [DEFAULT_WARN_AT_PERCENT]).toSorted((left, right) => left - right);
}

/**
 * Names what a limit bounds, whatever the bound and the policy are: two limits of one scope speak of the same thing, and
 * an override stands in place of every other limit of its scope.
 */
export function limitScopeKey(limit: LimitDefinition): string {
  const { property } = limit;
  return JSON.stringify([
    limit.meterKey ?? null,
    limit.amount === undefined ? "UNITS" : "MONEY",
    limitPeriodOf(limit),
    property?.name ?? null,
    property?.value ?? null,
  ]);
}
