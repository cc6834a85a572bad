import { type Decimal, decimal } from "../decimal.ts";
import type { Money } from "../money.ts";
import type { EpochMs } from "../window.ts";

/** THRESHOLD: usage reached a share of something. BUDGET: the bill did, of an amount that the customer set. FORECAST: it will. */
export type AlertKind = "THRESHOLD" | "BUDGET" | "FORECAST" | "DROP" | "SPIKE";

/** What a rule is measured against. PATTERN is what is usual for the customer itself. */
export type AlertBasis = "ALLOWANCE" | "LIMIT" | "UNITS" | "MONEY" | "PATTERN";

/** CRITICAL: usage is being refused. It is told at any hour; the others wait for the end of quiet hours. */
export type AlertSeverity = "INFO" | "WARNING" | "CRITICAL";

/** How people and systems are told. */
export type AlertChannel = "IN_APP" | "EMAIL" | "WEBHOOK";

/** Who made a rule. DEFAULT rules follow from the plan and the limits. */
export type AlertRuleSource = "DEFAULT" | "STAFF" | "MEMBER";

/** Every kind, basis and channel. */
export const ALERT_KINDS: readonly AlertKind[] = ["THRESHOLD", "BUDGET", "FORECAST", "DROP", "SPIKE"];
export const ALERT_BASES: readonly AlertBasis[] = ["ALLOWANCE", "LIMIT", "UNITS", "MONEY", "PATTERN"];
export const ALERT_CHANNELS: readonly AlertChannel[] = ["IN_APP", "EMAIL", "WEBHOOK"];

/** Where a rule's thresholds lie when nobody says otherwise, in percent. */
export const DEFAULT_PERCENTS: readonly Decimal[] = [decimal("80"), decimal("100")];

/** What a customer wants to be told of. */
export type AlertRule = {
  id: string;
  kind: AlertKind;
  basis: AlertBasis;
  /** Null: the bill's total. */
  meterKey: string | null;
  /** With LIMIT: which limit. */
  limitId: string | null;
  /** Shares of the basis, in percent, ascending; none with PATTERN. Each fires on its own. */
  percents: readonly Decimal[];
  /** With UNITS: 100 percent, in units. */
  quantity: Decimal | null;
  /** With MONEY: 100 percent, in the customer's currency. */
  amount: Money | null;
  name: string | null;
  source: AlertRuleSource;
  channels: readonly AlertChannel[];
  enabled: boolean;
  snoozedUntil: EpochMs | null;
};
