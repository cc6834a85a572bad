import { type Decimal, decimal, sumDecimals, type Window } from "@meterline/billing-domain";
import type { StripeGateway } from "../../platform/stripe/index.ts";

const minuteMs = 60_000;
/** One total is asked for, so one row is the answer; more is read to the end in any case. */
const rowsAPage = 100;
const maxPages = 100;

/** Whether a window can be asked for: summaries are cut at whole minutes. */
export function isOnMinutes(window: Window): boolean {
  return window.startAt % minuteMs === 0 && window.endAt % minuteMs === 0;
}

/**
 * Stripe's total of a meter and customer over a window of whole minutes; zero where it has no event. It may lack what was
 * accepted some minutes ago. Pages are read to their end: the first one alone would be a wrong total.
 */
export async function stripeTotal(
  gateway: StripeGateway,
  of: { stripeMeterId: string; stripeCustomerId: string; window: Window },
): Promise<Decimal> {
  const values: Decimal[] = [];
  let after: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const { data, has_more: hasMore } = await gateway.stripe.billing.meters.listEventSummaries(of.stripeMeterId, {
      customer: of.stripeCustomerId,
      start_time: of.window.startAt / 1_000,
      end_time: of.window.endAt / 1_000,
      limit: rowsAPage,
      ...(after === undefined ? {} : { starting_after: after }),
    });
    values.push(...data.map((row) => exactOf(row.aggregated_value)));
    after = data.at(-1)?.id;
    if (!hasMore || after === undefined) return sumDecimals(values);
  }
  throw new Error(`Summaries of ${of.stripeMeterId} have more than ${rowsAPage * maxPages} rows`);
}

/**
 * Stripe sends a JSON number. Reports have at most 15 significant digits so that a double holds them; its shortest text is
 * the decimal that was meant. (A total of more digits is not exact any more, and then differs, which is the harsher reading.)
 */
function exactOf(value: number): Decimal {
  const text = String(value);
  const [mantissa = "0", exponent] = text.split("e");
  if (exponent === undefined) return decimal(mantissa);
  return decimal(BigInt(Math.trunc(value)) === 0n ? value.toFixed(20) : BigInt(value));
}
