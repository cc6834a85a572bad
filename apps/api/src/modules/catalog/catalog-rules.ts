import {
  type Fault,
  faultsOfLimit,
  type MeterDefinition,
  type PlanDefinition,
  type RateCard,
} from "@meterline/billing-domain";
import { canonicalJson } from "./canonical-json.ts";
import type { Catalog } from "./catalog-definition.ts";

/** What a meter measures. Numbers made before would mean something else if one of these changed. */
const fixedFields = [
  "aggregation",
  "valueProperty",
  "groupBy",
  "filters",
  "allowNegative",
  "carryOver",
] as const satisfies (keyof MeterDefinition)[];

/** Refuses changes of what a stored meter measures. `path` is where the meter stands in the file. */
export function faultsOfMeterChange(stored: MeterDefinition, wanted: MeterDefinition, path: string): Fault[] {
  return fixedFields
    .filter((field) => canonicalJson(stored[field]) !== canonicalJson(wanted[field]))
    .map((field) => ({
      path: `${path}.${field}`,
      message:
        `of the meter "${stored.key}" is ${canonicalJson(stored[field])} and cannot become ${canonicalJson(wanted[field])}, ` +
        "since what was counted before would mean something else; put it back, or add a meter with another key and move the plans to it",
    }));
}

/** Refuses rate cards and limits whose meter does not exist, or does not hold what they need. */
export function faultsOfPlans(catalog: Catalog, meters: ReadonlyMap<string, MeterDefinition>): Fault[] {
  return catalog.plans.flatMap((plan, index) => [
    ...faultsOfPlan(plan, `plans[${index}]`, meters),
    ...faultsOfPlanLimits(plan, `plans[${index}]`, meters),
  ]);
}

function faultsOfPlanLimits(plan: PlanDefinition, path: string, meters: ReadonlyMap<string, MeterDefinition>): Fault[] {
  return (plan.limits ?? []).flatMap((limit, index) =>
    faultsOfLimit(limit, { meters, rateCards: plan.rateCards }).map((fault) => ({
      path: `${path}.limits[${index}].${fault.path}`,
      message: fault.message,
    })),
  );
}

function faultsOfPlan(plan: PlanDefinition, path: string, meters: ReadonlyMap<string, MeterDefinition>): Fault[] {
  return plan.rateCards.flatMap((card, index) => {
    const cardPath = `${path}.rateCards[${index}]`;
    const meter = meters.get(card.meterKey);
    if (meter !== undefined) return faultsOfCard(card, meter, cardPath);
    const message = `names the meter "${card.meterKey}", which does not exist; add it under meters, or correct the key`;
    return [{ path: `${cardPath}.meterKey`, message }];
  });
}

function faultsOfCard(card: RateCard, meter: MeterDefinition, path: string): Fault[] {
  if (card.model !== "MATRIX" && card.model !== "PERCENTAGE") return [];
  const faults: Fault[] = [];
  // Both take a total apart, by property values or by events, and only what adds up can be put together again.
  if (meter.aggregation !== "SUM" && meter.aggregation !== "COUNT") {
    const message = `${card.model} prices only meters that add up (SUM, COUNT), and "${meter.key}" is ${meter.aggregation}; use another model or meter`;
    faults.push({ path: `${path}.model`, message });
  }
  if (card.model !== "MATRIX") return faults;
  const declared = meter.groupBy.length === 0 ? "none" : meter.groupBy.join(", ");
  for (const [index, property] of card.properties.entries()) {
    if (meter.groupBy.includes(property)) continue;
    const message = `is "${property}", by which the meter "${meter.key}" is not grouped; use one of its groupBy (${declared})`;
    faults.push({ path: `${path}.properties[${index}]`, message });
  }
  return faults;
}
