import {
  ALERT_CHANNELS,
  type AlertChannel,
  type AlertRule,
  type AlertRuleInput,
  alertRuleFaults,
  currencyExponent,
  DEFAULT_PERCENTS,
  type Decimal,
  decimal,
  type Fault,
  majorAmount,
  type Money,
  parseQuantity,
  roundToMoney,
  ZERO,
} from "@meterline/billing-domain";
import { badUserInput } from "../../platform/graphql/index.ts";

/** A rule as a caller asks for it; what is left out is as it comes. */
export type WantedRule = {
  kind: AlertRule["kind"];
  basis: AlertRule["basis"];
  meterKey?: string | null;
  limitId?: string | null;
  percents?: readonly string[] | null;
  quantity?: string | null;
  /** In major units of the customer's currency. */
  amount?: string | null;
  name?: string | null;
  channels?: readonly AlertChannel[] | null;
};

/** What may change of a rule; what is left out stays. */
export type RuleChange = {
  percents?: readonly string[] | null;
  quantity?: string | null;
  amount?: string | null;
  name?: string | null;
  channels?: readonly AlertChannel[] | null;
  enabled?: boolean | null;
};

/** The parts of a rule that callers write. */
export type RuleTerms = Pick<
  AlertRule,
  "kind" | "basis" | "meterKey" | "limitId" | "percents" | "quantity" | "amount" | "name" | "channels"
>;

const maxNameLength = 200;

/** Reads a new rule; throws BAD_USER_INPUT with every fault at once. */
export function readRule(wanted: WantedRule, currency: string): RuleTerms {
  const isPattern = wanted.basis === "PATTERN";
  const whole = wanted.basis === "UNITS" || (wanted.basis === "MONEY" && wanted.kind !== "BUDGET");
  const usual = isPattern ? [] : whole || wanted.kind === "FORECAST" ? DEFAULT_PERCENTS.slice(-1) : DEFAULT_PERCENTS;
  return checkedRule(
    {
      kind: wanted.kind,
      basis: wanted.basis,
      meterKey: wanted.meterKey ?? null,
      limitId: wanted.limitId ?? null,
    },
    { ...wanted, percents: wanted.percents ?? null },
    { percents: usual, quantity: null, amount: null, name: null, channels: ALERT_CHANNELS },
    currency,
  );
}

/** Reads a change of a rule, in place of what stood there. */
export function readRuleChange(rule: AlertRule, change: RuleChange, currency: string): RuleTerms {
  const { kind, basis, meterKey, limitId } = rule;
  return checkedRule({ kind, basis, meterKey, limitId }, change, rule, currency);
}

function checkedRule(
  on: Pick<RuleTerms, "kind" | "basis" | "meterKey" | "limitId">,
  given: RuleChange,
  before: Pick<RuleTerms, "percents" | "quantity" | "amount" | "name" | "channels">,
  currency: string,
): RuleTerms {
  const faults: Fault[] = [];
  const percents = given.percents == null ? before.percents : given.percents.map((text) => percentOf(text, faults));
  const quantity = given.quantity == null ? before.quantity : quantityOf(given.quantity, faults);
  const amount = given.amount == null ? before.amount : amountOf(given.amount, currency, faults);
  const name = given.name === undefined ? before.name : nameOf(given.name, faults);
  const channels = given.channels == null ? before.channels : [...new Set(given.channels)];
  if (channels.length === 0) faults.push({ path: "channels", message: "Name at least one way to be told." });
  const input: AlertRuleInput = { ...on, percents, quantity, amount };
  if (faults.length === 0) faults.push(...alertRuleFaults(input));
  refuse(faults);
  return { ...input, percents: percents.toSorted((left, right) => left.cmp(right)), name, channels };
}

/** Throws what is wrong, all of it; the first fault names the field. */
export function refuse(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  const message = faults.map((fault) => `${fault.path}: ${fault.message}`).join(" ");
  throw badUserInput(message, first.path, faults);
}

/** Reads a percentage; an unreadable one is a fault. */
export function percentOf(text: string, faults: Fault[]): Decimal {
  const read = parseQuantity(text);
  if (read.ok) return read.quantity;
  faults.push({ path: "percents", message: read.message });
  return ZERO;
}

function quantityOf(text: string, faults: Fault[]): Decimal | null {
  const read = parseQuantity(text);
  if (read.ok) return read.quantity;
  faults.push({ path: "quantity", message: read.message });
  return null;
}

function amountOf(text: string, currency: string, faults: Fault[]): Money | null {
  const read = parseQuantity(text);
  if (!read.ok) {
    faults.push({ path: "amount", message: read.message });
    return null;
  }
  const amount = roundToMoney(read.quantity, currency);
  if (!majorAmount(amount).eq(decimal(text))) {
    const message = `has more decimals than ${currency} can be paid in; round it to ${currencyExponent(currency)}`;
    faults.push({ path: "amount", message });
  }
  return amount;
}

function nameOf(name: string | null, faults: Fault[]): string | null {
  const text = name?.trim() ?? "";
  if (text.length > maxNameLength || /\p{Cc}/u.test(text)) {
    faults.push({
      path: "name",
      message: `may have at most ${maxNameLength} characters, none of them control characters`,
    });
  }
  return text === "" ? null : text;
}
