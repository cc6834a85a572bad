import type { World } from "../core/world.ts";
import { invalidRequest } from "../wire/errors.ts";

/** Renders the object that an id names, or null when nothing has that id. */
export type Render = (world: World, id: string) => object | null;

/** Stripe's own limit on the depth of `expand`. */
const MAX_DEPTH = 4;

/** Replaces ids by their objects along each path (`data.customer`), in place. @throws ApiError 400 for a path that is none */
export function expandReply(world: World, reply: unknown, paths: readonly string[], render: Render): void {
  for (const path of paths) {
    const names = path.split(".");
    if (names.length > MAX_DEPTH) throw invalidRequest("You cannot expand more than 4 levels of a property.");
    expandPath(world, reply, { names, path, render });
  }
}

type Step = { names: readonly string[]; path: string; render: Render };

function expandPath(world: World, holder: unknown, step: Step): void {
  const [name, ...rest] = step.names;
  if (name === undefined || holder === null || typeof holder !== "object") return;
  if (Array.isArray(holder)) {
    for (const item of holder) expandPath(world, item, step);
    return;
  }
  const fields = holder as Record<string, unknown>;
  if (!Object.hasOwn(fields, name)) {
    if (name !== "tiers" || fields["object"] !== "price")
      throw invalidRequest(`This property cannot be expanded (${step.path}).`);
    // A price by the unit has none, and stays without them.
    const tiers = step.render(world, `tiers:${fields["id"]}`);
    if (tiers) fields[name] = tiers;
    return;
  }
  const value = fields[name];
  if (typeof value === "string") {
    const rendered = step.render(world, value);
    if (!rendered) throw invalidRequest(`This property cannot be expanded (${step.path}).`);
    fields[name] = rendered;
  }
  expandPath(world, fields[name], { ...step, names: rest });
}
