import type { MeterDefinition } from "./meter.ts";
import { acceptUsage, type UsageContext, type UsageInput } from "./usage.ts";

/** The instant of receipt in tests: 16 March 2026, 10:00 UTC. */
export const receivedAt = Date.parse("2026-03-16T10:00:00.000Z");

/** A SUM meter; override what the test is about. */
export function meterOf(overrides: Partial<MeterDefinition> = {}): MeterDefinition {
  return {
    key: "calls",
    name: "Calls",
    unit: "calls",
    aggregation: "SUM",
    valueProperty: null,
    groupBy: [],
    filters: [],
    allowNegative: false,
    requiresSubscription: false,
    carryOver: false,
    stripeTransport: "V1",
    stripeEventName: null,
    ...overrides,
  };
}

/** Judges an item that would be accepted but for the overrides. */
export function judge(input: Partial<UsageInput> = {}, context: Partial<UsageContext> = {}) {
  const item = { meterKey: "calls", quantity: "1", occurredAt: null, idempotencyKey: "k", properties: null, ...input };
  return acceptUsage(item, { meter: meterOf(), receivedAt, mayBackfill: false, ...context });
}

/** The accepted usage, or a failure that shows why not. */
export function accepted(input: Partial<UsageInput> = {}, context: Partial<UsageContext> = {}) {
  const judged = judge(input, context);
  if (!judged.ok) throw new Error(`refused: ${judged.refusal.message}`);
  return judged.usage;
}

/** "CODE at field", or "accepted". */
export function verdict(input: Partial<UsageInput> = {}, context: Partial<UsageContext> = {}): string {
  const judged = judge(input, context);
  return judged.ok ? "accepted" : `${judged.refusal.code} at ${judged.refusal.field}`;
}
