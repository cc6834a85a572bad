import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CURRENCIES } from "@meterline/billing-domain";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseCatalog } from "./catalog-definition.ts";
import { planCatalogChange } from "./catalog-difference.ts";

// The published schema helps editors; the domain's readers decide. Here they are held to the same samples.
const repository = resolve(import.meta.dirname, "../../../../..");
const readRoot = (name: string): string => readFileSync(resolve(repository, name), "utf8");
const schema = JSON.parse(readRoot("catalog.schema.json")) as {
  $defs: { plan: { properties: { currency: { enum: string[] } } } };
};
const bySchema = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(
  schema,
);
const schemaFaults = (json: unknown) => (bySchema(json) ? [] : bySchema.errors);
const byDomain = (json: unknown): boolean => parseCatalog(json).ok;

const meter = { key: "calls", name: "Calls", unit: "calls", aggregation: "SUM" };
const plan = {
  key: "pro",
  name: "Pro",
  currency: "USD",
  baseAmount: "9.50",
  interval: "MONTH",
  intervalCount: 1,
  rateCards: [],
};
const withMeter = (rest: object) => ({ meters: [{ ...meter, ...rest }] });
const withPlan = (rest: object) => ({ plans: [{ ...plan, ...rest }] });
const withCard = (card: object) => withPlan({ rateCards: [{ meterKey: "calls", ...card }] });
const withLimit = (limit: object) => withPlan({ limits: [limit] });
const without = (name: string, from: object) =>
  Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));
const open = { upTo: null, unitPrice: "1" };
const matrix = {
  model: "MATRIX",
  properties: ["model", "region"],
  cells: [{ values: ["a", ""], unitPrice: "0.1" }],
  defaultUnitPrice: "0.2",
};

test("the demo catalog is accepted by both, and fits together", () => {
  const demo: unknown = parse(readRoot("catalog.yaml"));
  expect(schemaFaults(demo)).toEqual([]);
  const read = parseCatalog(demo);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  expect(planCatalogChange({ meters: [], plans: [] }, read.catalog)).toMatchObject({ ok: true });
  expect(readRoot("catalog.yaml")).toMatch(/^# yaml-language-server: \$schema=\.\/catalog\.schema\.json\n/);
});

test("the demo has a plan for customers in USD, EUR, JPY, KWD and INR", () => {
  const read = parseCatalog(parse(readRoot("catalog.yaml")));
  const currencies = read.ok ? read.catalog.plans.map((one) => one.currency) : [];
  expect(new Set(currencies)).toEqual(new Set(["USD", "EUR", "JPY", "KWD", "INR"]));
});

test("the schema lists exactly the currencies that the domain knows", () => {
  expect(schema.$defs.plan.properties.currency.enum).toEqual(CURRENCIES);
});

describe("accepted by both", () => {
  test.each<[string, unknown]>([
    ["an empty file", {}],
    ["empty lists", { meters: [], plans: null }],
    ["a plain meter", withMeter({})],
    [
      "a meter with everything",
      withMeter({
        valueProperty: "bytes",
        groupBy: ["a", "b", "c"],
        allowNegative: true,
        requiresSubscription: true,
        carryOver: false,
        stripeTransport: "V1",
        stripeEventName: null,
      }),
    ],
    [
      "filters",
      withMeter({
        filters: [
          { property: "ok", operator: "EXISTS" },
          { property: "s", operator: "IN", values: ["x"] },
        ],
      }),
    ],
    ["a unique count", withMeter({ aggregation: "UNIQUE_COUNT", valueProperty: "user" })],
    ["levels that carry over", withMeter({ aggregation: "WEIGHTED_SUM", carryOver: true, groupBy: [] })],
    ["a plan of a base fee", withPlan({})],
    ["no limits", withPlan({ limits: [] })],
    ["a limit of nothing", withLimit({ policy: "HARD", meterKey: "calls", quantity: "0" })],
    [
      "a limit with everything",
      withLimit({
        policy: "SOFT",
        meterKey: "calls",
        period: "DAY",
        quantity: "100.5",
        property: { name: "model", value: "m-large" },
        warnAtPercent: [50, 100, 150],
        upgrade: "Write to sales@example.com.",
      }),
    ],
    ["a limit on the bill", withLimit({ policy: "NOTIFY", amount: "500.00", period: "BILLING_PERIOD" })],
    ["a bounded bill", withPlan({ minimumAmount: "5", maximumAmount: "100", prorate: true })],
    ["three years", withPlan({ interval: "QUARTER", intervalCount: 12 })],
    [
      "per unit",
      withCard({ model: "PER_UNIT", unitPrice: "0.000000000001", includedQuantity: "10", carryNegative: true }),
    ],
    [
      "graduated",
      withCard({
        model: "GRADUATED",
        tiers: [{ upTo: "10", unitPrice: "2", flatAmount: "1" }, open],
        waiveAtZero: true,
      }),
    ],
    ["volume", withCard({ model: "VOLUME", tiers: [open], minimumAmount: "1", maximumAmount: "2", prorate: true })],
    ["package", withCard({ model: "PACKAGE", packageSize: "1000", packagePrice: "5", rounding: "DOWN" })],
    [
      "stairstep",
      withCard({
        model: "STAIRSTEP",
        tiers: [
          { upTo: "5", flatAmount: "0" },
          { upTo: null, flatAmount: "9" },
        ],
      }),
    ],
    [
      "percentage",
      withCard({
        model: "PERCENTAGE",
        ratePercent: "2.9",
        fixedAmount: "0.3",
        freeEvents: 10,
        freeAmount: "5",
        maximumPerEvent: "3",
      }),
    ],
    ["graduated percentage", withCard({ model: "GRADUATED_PERCENTAGE", tiers: [{ upTo: null, ratePercent: "1" }] })],
    ["matrix", withCard(matrix)],
  ])("%s", (_, json) => {
    expect(schemaFaults(json)).toEqual([]);
    expect(parseCatalog(json)).toMatchObject({ ok: true });
  });
});

describe("refused by both", () => {
  test.each<[string, unknown]>([
    ["a list", []],
    ["a misspelt list", { meter: [] }],
    ["meters by key", { meters: { calls: meter } }],
    ["an unknown field of a meter", withMeter({ groupby: [] })],
    ["a meter without a unit", { meters: [without("unit", meter)] }],
    ["a capital in a key", withMeter({ key: "Calls" })],
    ["spaces around a name", withMeter({ name: " Calls" })],
    ["an unknown aggregation", withMeter({ aggregation: "AVERAGE" })],
    ["a unique count of nothing", withMeter({ aggregation: "UNIQUE_COUNT" })],
    ["a count of a property", withMeter({ aggregation: "COUNT", valueProperty: "x" })],
    ["a negative count", withMeter({ aggregation: "COUNT", allowNegative: true })],
    ["carry-over of a sum", withMeter({ carryOver: true })],
    ["groups of levels", withMeter({ aggregation: "WEIGHTED_SUM", groupBy: ["a"] })],
    ["four groups", withMeter({ groupBy: ["a", "b", "c", "d"] })],
    ["one group twice", withMeter({ groupBy: ["a", "a"] })],
    ["IN nothing", withMeter({ filters: [{ property: "a", operator: "IN" }] })],
    ["EXISTS with values", withMeter({ filters: [{ property: "a", operator: "EXISTS", values: ["x"] }] })],
    ["a lower-case currency", withPlan({ currency: "usd" })],
    ["a bare number", withPlan({ baseAmount: 9.5 })],
    ["an exponent", withPlan({ baseAmount: "1e3" })],
    ["a negative fee", withPlan({ baseAmount: "-1" })],
    ["a plan without rate cards", { plans: [without("rateCards", plan)] }],
    ["half an interval", withPlan({ intervalCount: 0.5 })],
    ["no interval", withPlan({ intervalCount: 0 })],
    ["four years", withPlan({ interval: "YEAR", intervalCount: 4 })],
    ["a limit without a policy", withLimit({ meterKey: "calls", quantity: "1" })],
    ["a negative limit", withLimit({ policy: "HARD", meterKey: "calls", quantity: "-1" })],
    ["a limit of units and money", withLimit({ policy: "HARD", meterKey: "calls", quantity: "1", amount: "1" })],
    ["a limit of neither", withLimit({ policy: "HARD", meterKey: "calls" })],
    ["units of no meter", withLimit({ policy: "HARD", quantity: "1" })],
    ["money of a day", withLimit({ policy: "HARD", amount: "1", period: "DAY" })],
    ["money of a model", withLimit({ policy: "HARD", amount: "1", property: { name: "model", value: "x" } })],
    ["a warning at 0 %", withLimit({ policy: "SOFT", amount: "1", warnAtPercent: [0] })],
    ["a warning at 1000 %", withLimit({ policy: "SOFT", amount: "1", warnAtPercent: [1000] })],
    ["a warning past a hard limit", withLimit({ policy: "HARD", amount: "1", warnAtPercent: [101] })],
    ["an unknown model", withCard({ model: "FREE" })],
    ["no model", withCard({ unitPrice: "1" })],
    ["13 decimals", withCard({ model: "PER_UNIT", unitPrice: "0.0000000000001" })],
    ["a field of another model", withCard({ model: "PER_UNIT", unitPrice: "1", tiers: [open] })],
    ["no tier", withCard({ model: "VOLUME", tiers: [] })],
    ["no open tier", withCard({ model: "GRADUATED", tiers: [{ upTo: "5", unitPrice: "1" }] })],
    ["two open tiers", withCard({ model: "GRADUATED", tiers: [open, open] })],
    ["an empty package", withCard({ model: "PACKAGE", packageSize: "0.0", packagePrice: "5" })],
    ["two allowances", withCard({ model: "PERCENTAGE", ratePercent: "1", freeAmount: "1", includedQuantity: "1" })],
    ["a percentage that carries over", withCard({ model: "PERCENTAGE", ratePercent: "1", carryNegative: true })],
    ["a matrix without a default", withCard(without("defaultUnitPrice", matrix))],
    ["the reserved combination", withCard({ ...matrix, cells: [{ values: ["(other)", "x"], unitPrice: "1" }] })],
    ["a matrix by one property twice", withCard({ ...matrix, properties: ["model", "model"] })],
  ])("%s", (_, json) => {
    expect(bySchema(json)).toBe(false);
    expect(byDomain(json)).toBe(false);
  });
});

// What a schema cannot say stays with the domain alone: bounds that rise, amounts payable in the currency, keys once.
test.each<[string, unknown]>([
  [
    "falling tiers",
    withCard({ model: "VOLUME", tiers: [{ upTo: "5", unitPrice: "1" }, { upTo: "4", unitPrice: "1" }, open] }),
  ],
  ["cents of a yen", withPlan({ currency: "JPY", baseAmount: "9.50" })],
  ["a minimum above the maximum", withPlan({ minimumAmount: "2", maximumAmount: "1" })],
  ["one key twice", { meters: [meter, meter] }],
])("refused by the domain alone: %s", (_, json) => {
  expect([bySchema(json), byDomain(json)]).toEqual([true, false]);
});
