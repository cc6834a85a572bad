import { typedFigure } from "@meterline/web-kit";
import type { LimitInput, LimitPeriod, LimitPolicyInput } from "../../gql/graphql.ts";

/** What the form holds, as typed. */
export type LimitDraft = {
  /** OWN: beside the plan's. OVERRIDE: in place of all others of its scope. */
  readonly kind: "OVERRIDE" | "OWN";
  readonly meterKey: string;
  readonly basis: "UNITS" | "MONEY";
  readonly policy: LimitPolicyInput;
  readonly period: LimitPeriod;
  readonly value: string;
  readonly propertyName: string;
  readonly propertyValue: string;
  readonly warnAt: string;
  readonly upgrade: string;
  readonly reason: string;
  /** A date and time as a field writes it, in UTC: "2026-12-01T00:00". */
  readonly endsAt: string;
};

/** The whole bill, in the list of meters. */
export const WHOLE_BILL = "";

export const EMPTY_DRAFT: LimitDraft = {
  kind: "OVERRIDE",
  meterKey: WHOLE_BILL,
  basis: "UNITS",
  policy: "HARD",
  period: "BILLING_PERIOD",
  value: "",
  propertyName: "",
  propertyValue: "",
  warnAt: "80",
  upgrade: "",
  reason: "",
  endsAt: "",
};

/** The draft as the API takes it; null while a figure is missing or is none. */
export function limitInputOf(draft: LimitDraft): LimitInput | null {
  const value = typedFigure(draft.value);
  if (value === null) return null;
  const warnAtPercent = warningsOf(draft.warnAt);
  if (warnAtPercent === null) return null;
  const money = draft.meterKey === WHOLE_BILL || draft.basis === "MONEY";
  const property = { name: draft.propertyName.trim(), value: draft.propertyValue.trim() };
  return {
    policy: draft.policy,
    period: draft.period,
    warnAtPercent,
    ...(draft.meterKey === WHOLE_BILL ? {} : { meterKey: draft.meterKey }),
    ...(money ? { amount: value } : { quantity: value }),
    ...(property.name === "" ? {} : { property }),
    ...(draft.upgrade.trim() === "" ? {} : { upgrade: draft.upgrade.trim() }),
  };
}

/** "80, 95" as numbers; empty is no warning; null when it is no list of whole per cent. */
function warningsOf(text: string): number[] | null {
  const parts = text.split(/[\s,%]+/).filter((part) => part !== "");
  return parts.every((part) => /^\d{1,4}$/.test(part)) ? parts.map(Number) : null;
}
