import { customerPeriodAt, type Decimal, type Money, negateMoney, priceDifference } from "@meterline/billing-domain";
import type { Database } from "../../platform/database/index.ts";
import { invariant } from "../../platform/graphql/index.ts";
import { type BillingProfile, type MeterRow, selectProfiles } from "../catalog/index.ts";
import { storedBill } from "../rating/index.ts";
import type { PeriodClosing } from "./period-closing.repository.ts";
import { statementOfPeriod } from "./statement.repository.ts";
import { statementLinesOf } from "./statement-line.repository.ts";

type Of = Pick<PeriodClosing, "customerId" | "kind" | "window">;

/**
 * What is not invoiced while the end of a period is held: its statement, or, before that is written, the period's bill so
 * far. Negative, as what is lacking is.
 */
export async function wholeAtStake(
  database: Database,
  closing: Of,
  of: { meters: readonly MeterRow[]; now: number },
): Promise<Money> {
  const { customerId, kind, window } = closing;
  const statement = await statementOfPeriod(database, { customerId, kind, startAt: window.startAt });
  if (statement !== null) return negateMoney(statement.total);
  const profile = await profileOf(database, customerId);
  const period = customerPeriodAt(profile.subscriptions, window.startAt);
  const { bill } = await database.snapshot((sql) => storedBill(sql, { ...of, profile, period }));
  return negateMoney(bill.total);
}

/**
 * What a difference in the units that Stripe counts of a meter comes to on the period's invoice. Nothing where Meterline
 * rates the line: it is added as an amount, whatever Stripe counts.
 */
export async function unitsAtStake(
  database: Database,
  closing: Of,
  of: { meterKey: string | null; expected: Decimal; actual: Decimal },
): Promise<Money> {
  const { customerId, kind, window } = closing;
  const { meterKey, expected, actual } = of;
  const profile = await profileOf(database, customerId);
  const { term } = customerPeriodAt(profile.subscriptions, window.startAt);
  const currency = term?.plan.currency ?? profile.currency;
  const statement = await statementOfPeriod(database, { customerId, kind, startAt: window.startAt });
  const lines = statement === null ? [] : await statementLinesOf(database, { customerId, id: statement.id, currency });
  const isStripes = lines.some((one) => one.kind === "USAGE" && one.meterKey === meterKey && one.ratedBy === "STRIPE");
  const card = term?.plan.rateCards.find((one) => one.meterKey === meterKey) ?? null;
  const difference = isStripes ? priceDifference(card, { expected, actual, currency }) : null;
  return difference ?? { amountMinor: 0n, currency };
}

async function profileOf(database: Database, customerId: string): Promise<BillingProfile> {
  const [profile] = await selectProfiles(database, { ids: [customerId], externalIds: [] });
  invariant(profile, `customer ${customerId} is there`);
  return profile;
}
