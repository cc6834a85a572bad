import { formatExactMoney, formatQuantity } from "@meterline/web-kit";

/** A rate card's definition as it stands in the catalog file. What is not understood is left to the JSON below it. */
type Definition = Readonly<Record<string, unknown>>;

/** How a rate card prices, one sentence an item, from its definition. The bill itself never uses these words. */
export function priceWords(definition: Definition, currency: string): string[] {
  const money = (value: unknown) => (typeof value === "string" ? formatExactMoney(value, currency) : "?");
  const quantity = (value: unknown) => (typeof value === "string" ? formatQuantity(value) : "?");
  const words: string[] = [];
  if (typeof definition["unitPrice"] === "string") words.push(`${money(definition["unitPrice"])} a unit`);
  if (typeof definition["packagePrice"] === "string") {
    words.push(`${money(definition["packagePrice"])} for each package of ${quantity(definition["packageSize"])}`);
  }
  if (typeof definition["ratePercent"] === "string") words.push(`${definition["ratePercent"]}% of the amount`);
  if (typeof definition["fixedAmount"] === "string") words.push(`${money(definition["fixedAmount"])} for each event`);
  let above = "0";
  for (const tier of objects(definition["tiers"])) {
    const range =
      typeof tier["upTo"] === "string" ? `${quantity(above)} to ${quantity(tier["upTo"])}` : `Above ${quantity(above)}`;
    words.push(`${range}: ${tierPrice(tier, money)}`);
    if (typeof tier["upTo"] === "string") above = tier["upTo"];
  }
  const properties = texts(definition["properties"]);
  for (const cell of objects(definition["cells"])) {
    const where = texts(cell["values"]).map((value, index) => `${properties[index] ?? "?"} ${value}`);
    words.push(`${where.join(", ")}: ${money(cell["unitPrice"])} a unit`);
  }
  if (typeof definition["defaultUnitPrice"] === "string")
    words.push(`Otherwise ${money(definition["defaultUnitPrice"])} a unit`);
  if (typeof definition["minimumAmount"] === "string") words.push(`At least ${money(definition["minimumAmount"])}`);
  if (typeof definition["maximumAmount"] === "string") words.push(`At most ${money(definition["maximumAmount"])}`);
  return words;
}

function tierPrice(tier: Definition, money: (value: unknown) => string): string {
  const parts: string[] = [];
  if (typeof tier["unitPrice"] === "string") parts.push(`${money(tier["unitPrice"])} a unit`);
  if (typeof tier["ratePercent"] === "string") parts.push(`${tier["ratePercent"]}%`);
  if (typeof tier["flatAmount"] === "string") parts.push(`${money(tier["flatAmount"])} flat`);
  return parts.join(" and ");
}

function objects(value: unknown): Definition[] {
  return Array.isArray(value)
    ? value.filter((each): each is Definition => typeof each === "object" && each !== null)
    : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}
