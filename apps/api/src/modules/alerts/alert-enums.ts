import { registerEnumType } from "type-graphql";

export const AlertKindEnum = {
  THRESHOLD: "THRESHOLD",
  BUDGET: "BUDGET",
  FORECAST: "FORECAST",
  DROP: "DROP",
  SPIKE: "SPIKE",
} as const;
registerEnumType(AlertKindEnum, {
  name: "AlertKind",
  description: "THRESHOLD and BUDGET: it happened. FORECAST: it will. DROP and SPIKE: far from what is usual.",
});

export const AlertBasisEnum = {
  ALLOWANCE: "ALLOWANCE",
  LIMIT: "LIMIT",
  UNITS: "UNITS",
  MONEY: "MONEY",
  PATTERN: "PATTERN",
} as const;
registerEnumType(AlertBasisEnum, { name: "AlertBasis", description: "What a rule is measured against." });

export const AlertSeverityEnum = { INFO: "INFO", WARNING: "WARNING", CRITICAL: "CRITICAL" } as const;
registerEnumType(AlertSeverityEnum, {
  name: "AlertSeverity",
  description: "CRITICAL: usage is being refused. It is told at any hour; the others wait for the end of quiet hours.",
});

export const AlertChannelEnum = { IN_APP: "IN_APP", EMAIL: "EMAIL", WEBHOOK: "WEBHOOK" } as const;
registerEnumType(AlertChannelEnum, { name: "AlertChannel" });

export const AlertRuleSourceEnum = { DEFAULT: "DEFAULT", STAFF: "STAFF", MEMBER: "MEMBER" } as const;
registerEnumType(AlertRuleSourceEnum, {
  name: "AlertRuleSource",
  description: "DEFAULT rules follow from the plan and the limits.",
});
