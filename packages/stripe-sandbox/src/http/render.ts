import { renderInvoice } from "../billing/invoices.ts";
import { renderSubscription } from "../billing/render-subscription.ts";
import { shownPrice } from "../catalog/prices.ts";
import type { World } from "../core/world.ts";

type Renderer = (world: World, id: string) => object | null;

const RENDERERS: Readonly<Record<string, Renderer>> = {
  cus: (world, id) => world.state.customers.get(id)?.wire ?? null,
  prod: (world, id) => world.state.products.get(id)?.wire ?? null,
  mtr: (world, id) => world.state.meters.get(id)?.wire ?? null,
  sub: (world, id) => (world.state.subscriptions.get(id) ? renderSubscription(world, id) : null),
  in: (world, id) => {
    const row = world.state.invoices.get(id);
    return row ? renderInvoice(world, row) : null;
  },
  clock: (world, id) => world.state.testClocks.get(id)?.wire ?? null,
  price: (world, id) => {
    const row = world.state.prices.get(id);
    return row ? shownPrice(row.wire) : null;
  },
};

/** The object that an id names, told by its prefix; `tiers:<price>` gives the tiers that a price hides. */
export function renderById(world: World, id: string): object | null {
  if (id.startsWith("tiers:")) return world.state.prices.get(id.slice(6))?.wire.tiers ?? null;
  // Products may have ids of their owner's choice.
  return RENDERERS[id.split("_", 1)[0] ?? ""]?.(world, id) ?? world.state.products.get(id)?.wire ?? null;
}
