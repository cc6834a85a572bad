import type Stripe from "stripe";
import type { World } from "../core/world.ts";
import { invalidRequest, noSuch } from "../wire/errors.ts";
import { flag, integer, list, metadata, object, oneOf, optional, text, unixTime } from "../wire/params.ts";
import type { Wire } from "../wire/wire.ts";
import { isMetered } from "./lines.ts";

/** More items than this make no subscription. */
export const MAX_ITEMS = 20;

/** What to do with money when an item changes within a period. */
export const PRORATION = optional(oneOf("create_prorations", "none", "always_invoice"));

/** The parameters of a new item. */
export const ITEM_FIELDS = { price: text(), quantity: optional(integer({ min: 0 })), metadata: optional(metadata()) };

/** The parameters of a new subscription. */
export const CREATE_FIELDS = {
  customer: text(),
  items: list(object(ITEM_FIELDS), MAX_ITEMS),
  backdate_start_date: optional(unixTime()),
  billing_cycle_anchor: optional(unixTime()),
  billing_cycle_anchor_config: optional(
    object({
      day_of_month: integer({ min: 1, max: 31 }),
      month: optional(integer({ min: 1, max: 12 })),
      hour: optional(integer({ min: 0, max: 23 })),
      minute: optional(integer({ min: 0, max: 59 })),
      second: optional(integer({ min: 0, max: 59 })),
    }),
  ),
  billing_mode: optional(object({ type: oneOf("classic", "flexible") })),
  cancel_at_period_end: optional(flag()),
  collection_method: optional(oneOf("charge_automatically", "send_invoice")),
  days_until_due: optional(integer({ min: 0 })),
  description: optional(text(500)),
  metadata: optional(metadata()),
  off_session: optional(flag()),
  // Payments always succeed here, so every behaviour ends the same way.
  payment_behavior: optional(
    oneOf("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"),
  ),
  proration_behavior: PRORATION,
};

/** The price of a new item. @throws ApiError 400 for one that cannot be subscribed to */
export function itemPrice(
  world: World,
  item: { price: string; quantity?: number | undefined },
  param: string,
): Wire<Stripe.Price> {
  const row = world.state.prices.get(item.price);
  if (!row) throw noSuch("price", item.price, { param: `${param}[price]` });
  const price = row.wire;
  if (!price.active) {
    throw invalidRequest("The price specified is inactive. This field only accepts active prices.", {
      param: `${param}[price]`,
    });
  }
  if (!price.recurring) {
    throw invalidRequest(
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      { param: `${param}[price]` },
    );
  }
  if (isMetered(price) && item.quantity !== undefined) {
    throw invalidRequest("Quantity should not be specified where usage_type is `metered`.", {
      param: `${param}[quantity]`,
    });
  }
  return price;
}

/** One currency, and (so far here, also in flexible mode) one interval. */
export function checkTogether(prices: readonly Wire<Stripe.Price>[]): void {
  const [first] = prices;
  for (const price of prices) {
    if (price.currency !== first?.currency) {
      throw invalidRequest("All prices on a subscription must have the same currency.", { param: "items" });
    }
    const isSame =
      price.recurring?.interval === first.recurring?.interval &&
      price.recurring?.interval_count === first.recurring?.interval_count;
    if (!isSame) {
      throw invalidRequest(
        "Currently, all plans on a subscription must have the same `interval` and the same `interval_count`.",
        { param: "items" },
      );
    }
  }
}
