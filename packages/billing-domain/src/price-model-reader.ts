import { fieldOf, listOf, objectOf, optional, pathTo, type Reader, required, withRule } from "./definition-reader.ts";
import { amountText, countBetween, flag, oneOf, positiveText, textUpTo } from "./definition-values.ts";
import type { Fault } from "./fault.ts";
import { OTHER_COMBINATION, type PriceModelName } from "./price-model.ts";
import { checkTiers } from "./tier-rules.ts";

/** Tiers that a rate card may have. */
export const MAX_TIERS = 100;

/** Cells that a matrix may have. */
export const MAX_MATRIX_CELLS = 1_000;

/** Properties that a matrix may look at: as many as a meter may group by. */
export const MAX_MATRIX_PROPERTIES = 3;

const upTo: Reader<string | null> = (json, path, faults) => (json === null ? null : positiveText(json, path, faults));
const bound = required(upTo, 'write the inclusive upper bound, such as "1000", or null on the last tier');
const unitPrice = required(amountText, 'write the price of one unit in major currency units, such as "0.0004"');
const rate = required(amountText, 'write the rate in per cent, such as "2.9"');
const waiveAtZero = optional(flag);

function tiersOf<T>(tier: Reader<T>) {
  const list = listOf(tier, { least: 1, most: MAX_TIERS, what: "tiers" });
  return required(withRule(list, checkTiers), "list at least one tier; the last one has upTo null");
}

const unitTiers = tiersOf(objectOf({ upTo: bound, unitPrice, flatAmount: optional(amountText) }));
const flatTiers = tiersOf(
  objectOf({ upTo: bound, flatAmount: required(amountText, 'write the price of the tier, such as "25"') }),
);
const percentageTiers = tiersOf(objectOf({ upTo: bound, ratePercent: rate, flatAmount: optional(amountText) }));

const propertyName = textUpTo(100);
const cellValue: Reader<string> = (json, path, faults) => {
  if (typeof json === "string" && json !== OTHER_COMBINATION && [...json].length <= 255) return json;
  const message =
    json === OTHER_COMBINATION
      ? `"${OTHER_COMBINATION}" is reserved; what has no cell is priced by defaultUnitPrice`
      : 'must be text of at most 255 characters ("" for events without the property)';
  faults.push({ path, message });
  return undefined;
};

const matrixFields = {
  properties: required(
    listOf(propertyName, { least: 1, most: MAX_MATRIX_PROPERTIES, what: "property names" }),
    "name the properties that decide the price",
  ),
  cells: required(
    listOf(
      objectOf({
        values: required(
          listOf(cellValue, { least: 1, most: MAX_MATRIX_PROPERTIES, what: "property values" }),
          "write one value for each of the model's properties",
        ),
        unitPrice,
      }),
      { least: 1, most: MAX_MATRIX_CELLS, what: "cells" },
    ),
    "list the combinations that have a price of their own",
  ),
  defaultUnitPrice: required(amountText, "write the unit price of every combination without a cell"),
};

/** The fields of each price model, beside those that every rate card has. */
export const PRICE_MODEL_FIELDS = {
  PER_UNIT: { unitPrice },
  GRADUATED: { tiers: unitTiers, waiveAtZero },
  VOLUME: { tiers: unitTiers, waiveAtZero },
  PACKAGE: {
    packageSize: required(positiveText, 'write the units in one package, such as "1000"'),
    packagePrice: required(amountText, 'write the price of one package, such as "5"'),
    rounding: optional(oneOf(["UP", "DOWN"])),
  },
  STAIRSTEP: { tiers: flatTiers, waiveAtZero },
  PERCENTAGE: {
    ratePercent: rate,
    fixedAmount: optional(amountText),
    freeEvents: optional(countBetween(0, 1_000_000_000)),
    freeAmount: optional(amountText),
    minimumPerEvent: optional(amountText),
    maximumPerEvent: optional(positiveText),
  },
  GRADUATED_PERCENTAGE: { tiers: percentageTiers, waiveAtZero },
  MATRIX: matrixFields,
} as const satisfies Record<PriceModelName, unknown>;

/** The rules between the parts of a matrix: as many values as properties, and every combination once. */
export function checkMatrix(json: unknown, path: string, faults: Fault[]): void {
  const properties = fieldOf(json, "properties");
  const cells = fieldOf(json, "cells");
  if (!Array.isArray(properties) || !Array.isArray(cells)) return;
  for (const [index, property] of properties.entries()) {
    if (properties.indexOf(property) === index) continue;
    const message = "is named twice; name each property once";
    faults.push({ path: pathTo(pathTo(path, "properties"), index), message });
  }
  const seen = new Map<string, number>();
  for (const [index, cell] of cells.entries()) {
    const values = fieldOf(cell, "values");
    if (!Array.isArray(values)) continue;
    const valuesPath = pathTo(pathTo(pathTo(path, "cells"), index), "values");
    if (values.length !== properties.length) {
      const message = `has ${values.length} values for ${properties.length} properties; write one for each, in order`;
      faults.push({ path: valuesPath, message });
    }
    const combination = JSON.stringify(values);
    const first = seen.get(combination);
    if (first !== undefined) faults.push({ path: valuesPath, message: `repeats cell ${first}; keep one of the two` });
    else seen.set(combination, index);
  }
}
