import { canonicalJson } from "../catalog/index.ts";
import type { Stripe } from "../../platform/stripe/index.ts";
import {
  type OurPlanVersion,
  priceSlot,
  type StoredLinks,
  type StripeChange,
  type TheirCatalog,
} from "./stripe-changes.ts";
import {
  basePriceOf,
  contentOfStripePrice,
  lookupKeyOf,
  meteredPriceOf,
  meterProductId,
  type PriceContent,
  planProductId,
  type WantedPrice,
} from "./stripe-price-content.ts";

type Around = {
  stored: StoredLinks;
  theirs: TheirCatalog;
  stripeMeterIds: ReadonlyMap<string, string | "NEW" | null>;
  names: ReadonlyMap<string, string>;
  productsSeen: Set<string>;
};

/** What a plan version needs at Stripe: products, the base price, and a price for each card that Stripe can rate. */
export function planPlanChange(plan: OurPlanVersion, around: Around): StripeChange[] {
  const { definition, version } = plan;
  const base = basePriceOf(definition);
  const root = `plans.${definition.key}.v${version}`;
  if (base.kind !== "PRICE") return [{ kind: "REFUSE", path: root, summary: base.reason, operation: null }];
  const changes = [
    ...productChange(planProductId(definition.key), definition.name, around),
    ...priceChange(plan, null, base, around),
  ];
  for (const card of definition.rateCards) {
    const { meterKey } = card;
    const wanted = meteredPriceOf(definition, card, around.stripeMeterIds.get(meterKey) ?? null);
    if (wanted.kind === "NONE") {
      const summary = `rated by Meterline and added to each invoice: ${wanted.reason}`;
      changes.push({ kind: "RATED_HERE", path: `${root}.${meterKey}`, summary, operation: null });
      continue;
    }
    changes.push(...productChange(meterProductId(meterKey), around.names.get(meterKey) ?? meterKey, around));
    changes.push(...priceChange(plan, meterKey, wanted, around));
  }
  return changes;
}

function productChange(productId: string, name: string, { theirs, productsSeen }: Around): StripeChange[] {
  if (productsSeen.has(productId)) return [];
  productsSeen.add(productId);
  const known = theirs.products.get(productId);
  if (known?.active === true && known.name === name) return [];
  const operation = { do: "MAKE_PRODUCT", productId, name, exists: known !== undefined } as const;
  const summary =
    known === undefined ? `new product "${name}"` : `is named "${name}" instead of "${known.name}", and active`;
  return [{ kind: known === undefined ? "ADD" : "MEND", path: `products.${productId}`, summary, operation }];
}

function priceChange(
  plan: OurPlanVersion,
  meterKey: string | null,
  wanted: WantedPrice,
  { stored, theirs }: Around,
): StripeChange[] {
  const path = `plans.${plan.definition.key}.v${plan.version}.${meterKey ?? "base"}`;
  if (wanted.kind !== "PRICE") return [{ kind: "REFUSE", path, summary: wanted.reason, operation: null }];
  const lookupKey = lookupKeyOf(plan.definition.key, plan.version, meterKey);
  const make = { do: "MAKE_PRICE", plan, meterKey, lookupKey } as const;
  const found = theirs.prices.get(lookupKey);
  if (found === undefined)
    return [{ kind: "ADD", path, summary: `new price: ${words(wanted.content)}`, operation: make }];
  const difference = differenceOf(wanted.content, found);
  if (difference !== null)
    return [{ kind: "REPLACE", path, summary: `${found.id} is superseded: ${difference}`, operation: make }];
  const known = stored.prices.get(priceSlot(plan.id, meterKey));
  if (known?.stripePriceId === found.id && known.active && found.active) return [];
  const reactivate = !found.active;
  const operation = { do: "LINK_PRICE", plan, meterKey, stripePriceId: found.id, reactivate } as const;
  const isKnown = known?.stripePriceId === found.id;
  const summary = `${isKnown ? found.id : `the account's price ${found.id}`}${reactivate ? " is activated again" : ""}`;
  return [{ kind: isKnown ? "MEND" : "ADOPT", path, summary, operation }];
}

/** What about a price at Stripe is not as it should be; null when it charges the same. */
function differenceOf(wanted: PriceContent, found: Stripe.Price): string | null {
  const content = contentOfStripePrice(found);
  if (content === null) return "it is of another kind";
  for (const field of ["currency", "interval", "intervalCount", "productId", "meterId"] as const) {
    if (wanted[field] !== content[field])
      return `${field} ${String(content[field])} instead of ${String(wanted[field])}`;
  }
  return canonicalJson(content.price) === canonicalJson(wanted.price)
    ? null
    : `it charges ${words(content)} instead of ${words(wanted)}`;
}

function words({ currency, price }: PriceContent): string {
  if (price.scheme === "PER_UNIT") return `${price.unitAmount} ${currency} (minor units) each`;
  if (price.scheme === "PACKAGE") return `${price.unitAmount} ${currency} (minor units) for ${price.divideBy}`;
  const tiers = price.tiers.map(({ upTo, unitAmount, flatAmount }) => {
    const flat = flatAmount === null ? "" : ` + ${flatAmount}`;
    return `${unitAmount}${flat} ${upTo === null ? "beyond" : `to ${upTo}`}`;
  });
  return `${price.scheme === "VOLUME" ? "volume" : "graduated"} ${currency} (minor units): ${tiers.join(", ")}`;
}
