import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rateBill } from "./bill.ts";
import { currencyExponent } from "./currency.ts";
import { decimal, formatDecimal } from "./decimal.ts";
import { measure } from "./measure.ts";
import { majorAmount, sumMoney } from "./money.ts";
import { billingPeriodAt } from "./period.ts";
import { parsePlanDefinition } from "./plan.ts";
import { parseRateCard } from "./rate-card.ts";
import { rateUsage } from "./rating/index.ts";
import { rowsOf } from "./rating/rows.testing.ts";
import { lateLinesOf } from "./statement/index.ts";
import { stateOfEvents } from "./usage-state.ts";
import {
  eventsOf,
  instantOf,
  readWorkedExamples,
  shareOf,
  usageOf,
  type WorkedExample,
  windowOf,
} from "./worked-examples.testing.ts";

type Example<Kind> = Extract<WorkedExample, { kind: Kind }>;

const RULES = readWorkedExamples();
const EXAMPLES = RULES.flatMap((rule) => rule.examples);
const PAGE = readFileSync(new URL("../../../docs/rating-rules.md", import.meta.url), "utf8");

/** The line as the example writes it: its rows and amount, and those of its other fields that the example is about. */
function lineOf(example: Example<"line">) {
  const parsed = parseRateCard(example.card);
  if (!parsed.ok) return parsed.faults;
  const context = { currency: example.currency, ...shareOf(example.period) };
  const line = rateUsage(parsed.rateCard, usageOf(example.usage), context);
  const outcome: Record<string, unknown> = {};
  for (const name of Object.keys(example.expect)) {
    const value = line[name as keyof typeof line];
    outcome[name] = typeof value === "object" && value !== null && "toFixed" in value ? formatDecimal(value) : value;
  }
  return { ...outcome, rows: rowsOf(line.tiers), amountMinor: String(line.amount.amountMinor) };
}

function billOf(example: Example<"bill">) {
  const parsed = parsePlanDefinition(example.plan);
  if (!parsed.ok) return parsed.faults;
  const usages = Object.entries(example.usages).map(([key, texts]) => [key, usageOf(texts)] as const);
  const bill = rateBill(parsed.plan, new Map(usages), shareOf(example.period));
  return {
    baseFeeMinor: String(bill.baseFee.amountMinor),
    lineMinors: bill.lines.map((line) => String(line.amount.amountMinor)),
    adjustments: bill.adjustments.map((adjustment) => [adjustment.label, String(adjustment.amount.amountMinor)]),
    totalMinor: String(bill.total.amountMinor),
  };
}

function lateOf(example: Example<"late">) {
  const parsed = parsePlanDefinition(example.plan);
  if (!parsed.ok) return parsed.faults;
  const billOf = (texts: Record<string, Parameters<typeof usageOf>[0]>) =>
    rateBill(parsed.plan, new Map(Object.entries(texts).map(([key, usage]) => [key, usageOf(usage)] as const)));
  const source = { startAt: 0, endAt: 1 };
  const lines = lateLinesOf({ source, frozen: billOf(example.frozen), known: billOf(example.known), billedLate: [] });
  return {
    lines: lines.map((line) => [line.meterKey, formatDecimal(line.quantity), String(line.amount.amountMinor)]),
    totalMinor: String(
      sumMoney(
        lines.map((line) => line.amount),
        parsed.plan.currency,
      ).amountMinor,
    ),
  };
}

function faultsOf(example: Example<"faults">) {
  const parsed = parseRateCard(example.card);
  return parsed.ok ? [] : parsed.faults;
}

function periodOf({ cycle, at }: Example<"period">) {
  const { startAt, endAt } = billingPeriodAt({ ...cycle, anchorAt: instantOf(cycle.anchorAt) }, instantOf(at));
  return [startAt, endAt].map((instant) => new Date(instant).toISOString().replace(".000Z", "Z"));
}

function measureOf(example: Example<"measure">) {
  const levelBefore = example.levelBefore === undefined ? null : decimal(example.levelBefore);
  const context = { window: windowOf(example.window), levelBefore };
  const measured = measure(example.aggregation, stateOfEvents(eventsOf(example.events)), context);
  return measured === null ? null : formatDecimal(measured);
}

/** What the code makes of an example, in the form of its `expect`. */
function outcomeOf(example: WorkedExample): unknown {
  switch (example.kind) {
    case "line":
      return lineOf(example);
    case "bill":
      return billOf(example);
    case "late":
      return lateOf(example);
    case "faults":
      return faultsOf(example);
    case "period":
      return periodOf(example);
    case "measure":
      return measureOf(example);
  }
}

/** What a reader of the page must find in the example's paragraph: the result, written as the page writes it. */
function resultsOf(example: WorkedExample): string[] {
  const money = (amountMinor: string, currency: string) => {
    const amount = majorAmount({ amountMinor: BigInt(amountMinor), currency });
    return `${currency} ${amount.toFixed(currencyExponent(currency))}`;
  };
  switch (example.kind) {
    case "line":
      return [money(example.expect.amountMinor, example.currency)];
    case "bill":
    case "late":
      return [money(example.expect.totalMinor, (example.plan as { currency: string }).currency)];
    case "faults":
      return example.expect.map((fault) => `\`${fault.path}\``);
    case "period":
      return example.expect;
    case "measure":
      return [example.expect ?? "no value"];
  }
}

const paragraphs = new Map(
  [...PAGE.matchAll(/^\*\*Example `([a-z0-9-]+)`\.\*\*[^]*?(?=\n\n|$(?![^]))/gm)].map(([text, id]) => [id ?? "", text]),
);

describe.each(RULES.map(({ rule, examples }) => [rule, examples] as const))("%s", (_, examples) => {
  test.each(examples.map((example) => [example.id, example] as const))("%s", (_id, example) => {
    expect(outcomeOf(example)).toEqual(example.expect);
  });
});

describe("docs/rating-rules.md and the worked examples", () => {
  test("every example has an id of its own", () => {
    const ids = EXAMPLES.map((example) => example.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("the page tells every example, and no others", () => {
    expect([...paragraphs.keys()].sort()).toEqual(EXAMPLES.map((example) => example.id).sort());
  });

  test("each rule has its section, which holds exactly its examples", () => {
    for (const { rule, examples } of RULES) {
      const section = PAGE.split(/^## /m).find((part) => part.startsWith(`${rule}\n`)) ?? "";
      const told = [...section.matchAll(/^\*\*Example `([a-z0-9-]+)`/gm)].map(([, id]) => id);
      expect([rule, told]).toEqual([rule, examples.map((example) => example.id)]);
    }
  });

  test("each paragraph states the result that the code reaches", () => {
    for (const example of EXAMPLES) {
      const text = (paragraphs.get(example.id) ?? "").replaceAll(",", "").replaceAll(/\s+/g, " ");
      for (const result of resultsOf(example))
        expect([example.id, text]).toEqual([example.id, expect.stringContaining(result)]);
    }
  });
});
