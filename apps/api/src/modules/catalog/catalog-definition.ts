import {
  type Fault,
  type MeterDefinition,
  type PlanDefinition,
  parseMeterDefinition,
  parsePlanDefinition,
} from "@meterline/billing-domain";

/** What a catalog file says: every meter and plan that it manages. */
export type Catalog = { meters: readonly MeterDefinition[]; plans: readonly PlanDefinition[] };

/** The most of each that a catalog may hold. */
export const MAX_CATALOG_ITEMS = 1_000;

/**
 * Reads a catalog file's content: `{ meters: […], plans: […] }`, either of which may be left out. All faults at once,
 * each with its path from the file's root. What depends on other definitions is checked by `planCatalogChange`.
 */
export function parseCatalog(json: unknown): { ok: true; catalog: Catalog } | { ok: false; faults: Fault[] } {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return { ok: false, faults: [{ path: "", message: "must be an object with the lists meters and plans" }] };
  }
  const faults: Fault[] = [];
  for (const name of Object.keys(json)) {
    if (name !== "meters" && name !== "plans")
      faults.push({ path: name, message: "is not a field here; leave it out or use one of meters, plans" });
  }
  const lists = json as { meters?: unknown; plans?: unknown };
  const meters = readList("meters", lists.meters, faults, (item) => {
    const read = parseMeterDefinition(item);
    return read.ok ? { ok: true, value: read.meter } : read;
  });
  const plans = readList("plans", lists.plans, faults, (item) => {
    const read = parsePlanDefinition(item);
    return read.ok ? { ok: true, value: read.plan } : read;
  });
  return faults.length === 0 ? { ok: true, catalog: { meters, plans } } : { ok: false, faults };
}

type Read<T> = { ok: true; value: T } | { ok: false; faults: Fault[] };

function readList<T extends { key: string }>(
  name: string,
  json: unknown,
  faults: Fault[],
  read: (item: unknown) => Read<T>,
): T[] {
  // An empty list in YAML is often written as a name with nothing behind it.
  if (json === undefined || json === null) return [];
  if (!Array.isArray(json) || json.length > MAX_CATALOG_ITEMS) {
    faults.push({ path: name, message: `must be a list of at most ${MAX_CATALOG_ITEMS} ${name}` });
    return [];
  }
  const items: T[] = [];
  const firstByKey = new Map<string, number>();
  for (const [index, item] of json.entries()) {
    const path = `${name}[${index}]`;
    const result = read(item);
    if (!result.ok) {
      faults.push(...result.faults.map((fault) => ({ path: within(path, fault.path), message: fault.message })));
      continue;
    }
    const first = firstByKey.get(result.value.key);
    if (first === undefined) firstByKey.set(result.value.key, index);
    else faults.push({ path: `${path}.key`, message: `is the key of ${name}[${first}] already; give each its own` });
    items.push(result.value);
  }
  return items;
}

const within = (path: string, inner: string): string =>
  inner === "" || inner.startsWith("[") ? `${path}${inner}` : `${path}.${inner}`;
