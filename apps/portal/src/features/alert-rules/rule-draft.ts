import { typedFigure } from "@meterline/web-kit";
import type { AlertBasis, AlertChannel, AlertKind, AlertRuleInputType } from "../../gql/graphql.ts";

/** What the form holds, as typed. */
export type RuleDraft = {
  readonly kind: AlertKind;
  readonly basis: AlertBasis;
  /** A meter's key, or WHOLE_BILL. */
  readonly meterKey: string;
  readonly limitId: string;
  /** Units, or money in major units. */
  readonly value: string;
  readonly percents: string;
  readonly name: string;
  readonly channels: readonly AlertChannel[];
};

/** The whole bill, in the list of meters. */
export const WHOLE_BILL = "";

export const ALL_CHANNELS: readonly AlertChannel[] = ["IN_APP", "EMAIL", "WEBHOOK"];

/** A budget: the rule that most people make. */
export const BUDGET_DRAFT: RuleDraft = {
  kind: "BUDGET",
  basis: "MONEY",
  meterKey: WHOLE_BILL,
  limitId: "",
  value: "",
  percents: "50, 80, 100",
  name: "",
  channels: ALL_CHANNELS,
};

/** What each kind may be measured against. */
export const BASES: Readonly<Record<AlertKind, readonly AlertBasis[]>> = {
  BUDGET: ["MONEY"],
  THRESHOLD: ["ALLOWANCE", "LIMIT", "UNITS", "MONEY"],
  FORECAST: ["ALLOWANCE", "LIMIT", "UNITS", "MONEY"],
  DROP: ["PATTERN"],
  SPIKE: ["PATTERN"],
};

/** The draft after the kind was changed: with a basis that the kind knows. */
export function withKind(draft: RuleDraft, kind: AlertKind): RuleDraft {
  const bases = BASES[kind];
  const basis = bases.includes(draft.basis) ? draft.basis : (bases[0] ?? "MONEY");
  return { ...draft, kind, basis, percents: kind === "BUDGET" ? "50, 80, 100" : "80, 100" };
}

const DECIMAL = /^\d+(\.\d+)?$/;

/** The draft as the API takes it; null while something that it needs is missing or is no figure. */
export function ruleInputOf(draft: RuleDraft, customerId: string): AlertRuleInputType | null {
  const { kind, basis } = draft;
  const value = typedFigure(draft.value);
  const percents = percentsOf(draft.percents);
  const input = {
    customerId,
    kind,
    basis,
    channels: [...draft.channels],
    ...(draft.name.trim() === "" ? {} : { name: draft.name.trim() }),
  };
  if (draft.channels.length === 0) return null;
  if (basis === "PATTERN") return draft.meterKey === WHOLE_BILL ? null : { ...input, meterKey: draft.meterKey };
  if (percents === null) return null;
  const measured = { ...input, percents };
  if (basis === "LIMIT") return draft.limitId === "" ? null : { ...measured, limitId: draft.limitId };
  if (basis === "ALLOWANCE") return draft.meterKey === WHOLE_BILL ? null : { ...measured, meterKey: draft.meterKey };
  if (value === null) return null;
  if (basis === "UNITS") {
    return draft.meterKey === WHOLE_BILL ? null : { ...measured, meterKey: draft.meterKey, quantity: value };
  }
  return { ...measured, amount: value, ...(draft.meterKey === WHOLE_BILL ? {} : { meterKey: draft.meterKey }) };
}

/** "50, 80, 100" as a list; null when it is none. */
export function percentsOf(text: string): string[] | null {
  const parts = text.split(/[\s,;%]+/).filter((part) => part !== "");
  return parts.length > 0 && parts.every((part) => DECIMAL.test(part)) ? parts : null;
}
