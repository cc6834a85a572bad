import { formatDecimal } from "@meterline/billing-domain";
import type Stripe from "stripe";
import { requireCustomer } from "../catalog/customers.ts";
import { requireMeter } from "../catalog/meters.ts";
import type { World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import type { Call, Route } from "../http/route.ts";
import { invalidRequest } from "../wire/errors.ts";
import { oneOf, optional, readParams, text, unixTime } from "../wire/params.ts";
import type { Wire, WireList } from "../wire/wire.ts";
import { aggregateUsage } from "./aggregate-usage.ts";

const PARAMS = {
  ...LIST_PARAMS,
  customer: text(),
  start_time: unixTime(),
  end_time: unixTime(),
  value_grouping_window: optional(oneOf("hour", "day")),
};
const STEP_S = { minute: 60, hour: 3_600, day: 86_400 };
/** Keeps a request for hours of many years from filling the memory. */
const MAX_BUCKETS = 100_000;

function listSummaries(world: World, call: Call): WireList<Wire<Stripe.Billing.MeterEventSummary>> {
  const params = readParams(PARAMS, call.params);
  const meter = requireMeter(world, call);
  requireCustomer(world, params.customer);
  const step = params.value_grouping_window ?? "minute";
  for (const name of ["start_time", "end_time"] as const) {
    if (params[name] % STEP_S[step] === 0) continue;
    // The rule is documented; the status and the text are not.
    throw invalidRequest(`${name} must be aligned with UTC ${step} boundaries.`, { param: name });
  }
  if (params.end_time <= params.start_time) {
    throw invalidRequest("end_time must be after start_time.", { param: "end_time" });
  }
  const lengthS = params.value_grouping_window ? STEP_S[step] : params.end_time - params.start_time;
  const bucketCount = (params.end_time - params.start_time) / lengthS;
  if (bucketCount > MAX_BUCKETS) throw invalidRequest("The time range is too long.", { param: "end_time" });
  const summaries: Wire<Stripe.Billing.MeterEventSummary>[] = [];
  for (let bucket = bucketCount - 1; bucket >= 0; bucket -= 1) {
    const fromS = params.start_time + bucket * lengthS;
    const toS = fromS + lengthS;
    const value = aggregateUsage(world, { meter: meter.id, customer: params.customer, fromS, toS });
    // Nobody says that empty buckets are sent, so they are not.
    if (value === null) continue;
    summaries.push({
      id: `mtrusg_test_${meter.id}_${fromS}_${toS}`,
      object: "billing.meter_event_summary",
      // A JSON number, so a double: past 15 digits it is not the sum any more.
      aggregated_value: Number(formatDecimal(value)),
      end_time: toS,
      livemode: false,
      meter: meter.id,
      start_time: fromS,
    });
  }
  return pageOf(summaries, params, call.url);
}

/** `/v1/billing/meters/{id}/event_summaries` */
export const SUMMARY_ROUTES: readonly Route[] = [
  { method: "GET", pattern: "/v1/billing/meters/:id/event_summaries", handle: listSummaries },
];
