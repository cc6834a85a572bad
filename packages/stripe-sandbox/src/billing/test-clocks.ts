import { billingPeriodAt } from "@meterline/billing-domain";
import type Stripe from "stripe";
import { deleteCustomer } from "../catalog/customers.ts";
import type { TestClockRecord } from "../core/records.ts";
import { newId, type World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import { optional, readParams, text, unixTime } from "../wire/params.ts";
import { seconds, type Wire, type WireList } from "../wire/wire.ts";
import { cycleOf } from "./cycle.ts";
import { priceOf } from "./lines.ts";

type Clock = Wire<Stripe.TestHelpers.TestClock>;

const KEPT_S = 30 * 86_400;

function create(world: World, call: Call): Clock {
  const params = readParams({ frozen_time: unixTime(), name: optional(text(300)) }, call.params);
  const created = seconds(world.clock.now());
  const wire: Clock = {
    id: newId(world, "clock"),
    object: "test_helpers.test_clock",
    created,
    deletes_after: created + KEPT_S,
    frozen_time: params.frozen_time,
    livemode: false,
    name: params.name ?? null,
    status: "ready",
    status_details: {},
  };
  const row = { id: wire.id, nowMs: params.frozen_time * 1000, advanceDueAt: null, targetMs: null, wire };
  world.state.testClocks.put(row);
  return wire;
}

function find(world: World, call: Call): TestClockRecord {
  const row = world.state.testClocks.get(pathPart(call, "id"));
  if (!row) throw noSuch("test clock", pathPart(call, "id"));
  return row;
}

/** Only says that it will: the clock is `advancing` until a later pass has done all that falls due on the way. */
function advance(world: World, call: Call): Clock {
  const row = find(world, call);
  const { frozen_time: targetS } = readParams({ frozen_time: unixTime() }, call.params);
  const param = "frozen_time";
  if (row.targetMs !== null) {
    throw invalidRequest("Test clock advancement underway - cannot perform modifications.", {
      code: "testmode_clock_advancing",
    });
  }
  const targetMs = targetS * 1000;
  if (targetMs <= row.nowMs) throw invalidRequest("frozen_time must be after the current frozen_time.", { param });
  const furthest = furthestAdvance(world, row);
  if (furthest !== null && targetMs > furthest) {
    throw invalidRequest(
      "The test clock can be advanced at most two intervals of its shortest subscription from its current frozen time.",
      { param },
    );
  }
  const wire: Clock = {
    ...row.wire,
    status: "advancing",
    status_details: { advancing: { target_frozen_time: targetS } },
  };
  world.state.testClocks.put({ ...row, targetMs, advanceDueAt: world.clock.now() + world.options.clockLagMs, wire });
  return wire;
}

/** Two intervals of the shortest subscription from now; null when there is none. */
function furthestAdvance(world: World, row: TestClockRecord): number | null {
  const ends = world.state.subscriptions
    .values()
    .filter((subscription) => subscription.testClock === row.id && subscription.wire.status !== "canceled")
    .flatMap((subscription) => world.state.items.by("subscription", subscription.id))
    .map((item) => {
      const { recurring } = priceOf(world, item.price);
      if (!recurring) return row.nowMs;
      const cycle = { ...cycleOf(recurring, row.nowMs), intervalCount: recurring.interval_count * 2 };
      return billingPeriodAt(cycle, row.nowMs).endAt;
    });
  return ends.length === 0 ? null : Math.min(...ends);
}

function remove(world: World, call: Call): Wire<Stripe.TestHelpers.DeletedTestClock> {
  const row = find(world, call);
  const customers = world.state.customers.values().filter((customer) => customer.testClock === row.id);
  for (const customer of customers) deleteCustomer(world, customer.id);
  for (const subscription of world.state.subscriptions.values()) {
    if (subscription.testClock === row.id) world.state.subscriptions.delete(subscription.id);
  }
  for (const invoice of world.state.invoices.values()) {
    if (invoice.testClock === row.id) world.state.invoices.delete(invoice.id);
  }
  world.state.testClocks.delete(row.id);
  return { id: row.id, object: "test_helpers.test_clock", deleted: true };
}

/** `/v1/test_helpers/test_clocks` */
export const TEST_CLOCK_ROUTES: readonly Route[] = [
  { method: "POST", pattern: "/v1/test_helpers/test_clocks", handle: create },
  {
    method: "GET",
    pattern: "/v1/test_helpers/test_clocks",
    handle: (world, call): WireList<Clock> => {
      const params = readParams(LIST_PARAMS, call.params);
      const rows = world.state.testClocks.values().map((row) => row.wire);
      return pageOf(rows.reverse(), params, call.url);
    },
  },
  {
    method: "GET",
    pattern: "/v1/test_helpers/test_clocks/:id",
    handle: (world, call): Clock => find(world, call).wire,
  },
  { method: "POST", pattern: "/v1/test_helpers/test_clocks/:id/advance", handle: advance },
  { method: "DELETE", pattern: "/v1/test_helpers/test_clocks/:id", handle: remove },
];
