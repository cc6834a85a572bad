/** In the metadata of an item or price: the key of the meter whose usage records it takes. */
export const meterMetadataKey = "meterline_meter";

/** An item of a subscription that may be billed by usage records. `meterId` is the Billing Meter of a modern price. */
export type LegacyItem = {
  itemId: string;
  priceId: string;
  isMetered: boolean;
  meterId: string | null;
  lookupKey: string | null;
  metadata: Readonly<Record<string, string>>;
  productName: string;
  /** What it charges, in one spelling; null for a kind of price that is not known here. */
  charges: string | null;
  /** `sum`, `max`, `last_during_period` or `last_ever`; null where the item is not billed by records. */
  aggregate: string | null;
};

/** What of ours an item can be: the base fee (null), or a card. `charges` is null where only Meterline can rate it. */
export type BillableCard = { meterKey: string | null; name: string; charges: string | null };

/** The items in our words, or why a person has to change something first. */
export type LegacyMatch =
  | { ok: true; items: { itemId: string; priceId: string; meterKey: string | null }[] }
  | { ok: false; reason: string };

/**
 * Tells which item bills what: the licensed one is the base fee; a metered one names its meter in its metadata, else its
 * lookup key is the meter's, else its product is called as the meter is. What charges anything else than our plan does is
 * refused, because every invoice would differ from its statement.
 */
export function matchLegacyItems(items: readonly LegacyItem[], cards: readonly BillableCard[]): LegacyMatch {
  const taken = new Map<string | null, string>();
  const matched = [];
  for (const item of items) {
    const card = item.isMetered ? cards.find((one) => names(item, one)) : cards.find((one) => one.meterKey === null);
    const reason = reasonAgainst(item, card, taken);
    if (reason !== null || card === undefined) return { ok: false, reason: `its item ${item.itemId} ${reason}` };
    taken.set(card.meterKey, item.itemId);
    matched.push({ itemId: item.itemId, priceId: item.priceId, meterKey: card.meterKey });
  }
  if (!taken.has(null)) return { ok: false, reason: "it has no licensed item for the base fee" };
  return { ok: true, items: matched };
}

function reasonAgainst(
  item: LegacyItem,
  card: BillableCard | undefined,
  taken: ReadonlyMap<string | null, string>,
): string | null {
  if (item.meterId !== null) return `is billed by the Billing Meter ${item.meterId}, and others by usage records`;
  if (card === undefined)
    return `names no meter of the plan: set ${meterMetadataKey} in its metadata, or in its price's, to the meter's key`;
  const what = card.meterKey ?? "the base fee";
  if (taken.has(card.meterKey)) return `bills ${what}, which ${taken.get(card.meterKey)} does already`;
  if (item.charges === null || item.charges !== card.charges)
    return `charges for ${what} ${item.charges ?? "in a way that is not known here"}, and the plan ${card.charges ?? "in a way that Stripe cannot"}`;
  if (item.aggregate === "last_ever") return `keeps ${what} from one period to the next (last_ever)`;
  return null;
}

function names(item: LegacyItem, card: BillableCard): boolean {
  const named = item.metadata[meterMetadataKey];
  if (card.meterKey === null) return false;
  if (named !== undefined) return named === card.meterKey;
  const product = item.productName.trim().toLowerCase();
  const isProduct = product === card.name.toLowerCase() || product === card.meterKey.toLowerCase();
  return item.lookupKey === null || item.lookupKey === "" ? isProduct : item.lookupKey === card.meterKey || isProduct;
}
