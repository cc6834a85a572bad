import type { BillingInterval } from "../gql/graphql.ts";

const NAMES: Record<BillingInterval, string> = {
  DAY: "day",
  WEEK: "week",
  MONTH: "month",
  QUARTER: "quarter",
  YEAR: "year",
};

/** How often a plan bills: "each month", "every 2 weeks". */
export function intervalWords(interval: BillingInterval, count: number): string {
  return count === 1 ? `each ${NAMES[interval]}` : `every ${count} ${NAMES[interval]}s`;
}
