import type { Fault, MeterDefinition, PlanDefinition } from "@meterline/billing-domain";
import { canonicalJson, jsonDifferences } from "./canonical-json.ts";
import type { Catalog } from "./catalog-definition.ts";
import { faultsOfMeterChange, faultsOfPlans } from "./catalog-rules.ts";

/** What the database holds: every meter, and of each plan the latest version. */
export type StoredCatalog = {
  meters: readonly MeterDefinition[];
  plans: ReadonlyArray<{ version: number; definition: PlanDefinition }>;
};

/** ADD is new, CHANGE differs, KEEP is in the database only and stays as it is. */
export type CatalogChangeKind = "ADD" | "CHANGE" | "KEEP";

/** One line of the difference between the database and a file. */
export type CatalogChange = {
  kind: CatalogChangeKind;
  /** What it is about: "meters.api_requests", "plans.growth". */
  path: string;
  summary: string;
  before: object | null;
  after: object | null;
};

/** What applying a file does. Without ADD and CHANGE the other lists are empty: nothing is written. */
export type CatalogChangePlan = {
  changes: CatalogChange[];
  newMeters: MeterDefinition[];
  /** Only name, unit, requiresSubscription and what concerns Stripe can differ. */
  changedMeters: MeterDefinition[];
  newPlanVersions: { version: number; definition: PlanDefinition }[];
};

/**
 * Compares a catalog file with the database. What is in the database and not in the file is left alone and listed. A
 * changed plan becomes its next version, since those who are on it stay on theirs.
 */
export function planCatalogChange(
  stored: StoredCatalog,
  wanted: Catalog,
): { ok: true; plan: CatalogChangePlan } | { ok: false; faults: Fault[] } {
  const storedMeters = new Map(stored.meters.map((meter) => [meter.key, meter]));
  const faults = wanted.meters.flatMap((meter, index) => {
    const known = storedMeters.get(meter.key);
    return known === undefined ? [] : faultsOfMeterChange(known, meter, `meters[${index}]`);
  });
  const allMeters = new Map([...storedMeters, ...wanted.meters.map((meter) => [meter.key, meter] as const)]);
  faults.push(...faultsOfPlans(wanted, allMeters));
  if (faults.length > 0) return { ok: false, faults };
  const plan: CatalogChangePlan = { changes: [], newMeters: [], changedMeters: [], newPlanVersions: [] };
  for (const meter of wanted.meters) planMeter(plan, storedMeters.get(meter.key), meter);
  const storedPlans = new Map(stored.plans.map((one) => [one.definition.key, one]));
  for (const definition of wanted.plans) planPlan(plan, storedPlans.get(definition.key), definition);
  plan.changes.push(...kept("meters", stored.meters, wanted.meters));
  plan.changes.push(
    ...kept(
      "plans",
      stored.plans.map((one) => one.definition),
      wanted.plans,
    ),
  );
  return { ok: true, plan };
}

function planMeter(plan: CatalogChangePlan, stored: MeterDefinition | undefined, wanted: MeterDefinition): void {
  const path = `meters.${wanted.key}`;
  if (stored === undefined) {
    const { aggregation, valueProperty, groupBy, unit } = wanted;
    const grouped = groupBy.length === 0 ? "" : `, by ${groupBy.join(", ")}`;
    const summary = `new meter: ${aggregation} of ${valueProperty ?? unit}${grouped}`;
    plan.newMeters.push(wanted);
    plan.changes.push({ kind: "ADD", path, summary, before: null, after: wanted });
  } else if (canonicalJson(stored) !== canonicalJson(wanted)) {
    plan.changedMeters.push(wanted);
    plan.changes.push({ kind: "CHANGE", path, summary: differenceText(stored, wanted), before: stored, after: wanted });
  }
}

function planPlan(
  plan: CatalogChangePlan,
  stored: { version: number; definition: PlanDefinition } | undefined,
  wanted: PlanDefinition,
): void {
  const path = `plans.${wanted.key}`;
  if (stored === undefined) {
    const cards = wanted.rateCards.map((card) => card.meterKey).join(", ") || "no meters";
    const summary = `new plan: ${wanted.baseAmount} ${wanted.currency} a period, and ${cards}`;
    plan.newPlanVersions.push({ version: 1, definition: wanted });
    plan.changes.push({ kind: "ADD", path, summary, before: null, after: wanted });
    return;
  }
  if (canonicalJson(stored.definition) === canonicalJson(wanted)) return;
  const version = stored.version + 1;
  const summary = `version ${version}: ${differenceText(stored.definition, wanted)}`;
  plan.newPlanVersions.push({ version, definition: wanted });
  plan.changes.push({ kind: "CHANGE", path, summary, before: stored.definition, after: wanted });
}

function kept(
  list: "meters" | "plans",
  stored: ReadonlyArray<{ key: string }>,
  wanted: ReadonlyArray<{ key: string }>,
): CatalogChange[] {
  const inFile = new Set(wanted.map((one) => one.key));
  return stored
    .filter((one) => !inFile.has(one.key))
    .map((one) => ({
      kind: "KEEP",
      path: `${list}.${one.key}`,
      summary: "is not in the file and stays as it is",
      before: one,
      after: one,
    }));
}

const maxShownDifferences = 8;

function differenceText(before: object, after: object): string {
  const differences = jsonDifferences(before, after);
  const shown = differences
    .slice(0, maxShownDifferences)
    .map((one) => `${one.path} ${valueText(one.before)} → ${valueText(one.after)}`);
  const rest = differences.length - shown.length;
  return rest === 0 ? shown.join("; ") : `${shown.join("; ")}; and ${rest} more`;
}

function valueText(value: unknown): string {
  if (value === undefined) return "(none)";
  const text = typeof value === "string" ? value : canonicalJson(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
