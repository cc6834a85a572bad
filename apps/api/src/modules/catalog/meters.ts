import type { MeterDefinition } from "@meterline/billing-domain";
import { boundedCache } from "../../platform/bounded-cache.ts";
import type { Sql } from "../../platform/database/index.ts";

/** A meter and its id. What it measures never changes; its name and unit may. */
export type MeterRow = { id: string; createdAt: Date; definition: MeterDefinition };

/** Meters by key, cached for ten seconds. */
export class Meters {
  private readonly byKey = boundedCache<string, MeterRow>(1_000, 10_000);
  private readonly byId = boundedCache<string, MeterRow>(1_000, 10_000);

  constructor(private readonly sql: Sql) {}

  /** The meters that exist of these keys. */
  async find(keys: readonly string[]): Promise<Map<string, MeterRow>> {
    const found = new Map<string, MeterRow>();
    const missing = new Set<string>();
    for (const key of keys) {
      // NUL cannot be stored, and PostgreSQL refuses a query that holds one.
      if (found.has(key) || key.includes("\0")) continue;
      const meter = this.byKey.get(key);
      if (meter === undefined) missing.add(key);
      else found.set(key, meter);
    }
    if (missing.size === 0) return found;
    for (const meter of await selectMeters(this.sql, [...missing])) {
      this.remember(meter);
      found.set(meter.definition.key, meter);
    }
    return found;
  }

  /** Every meter, by key; always as stored. */
  async all(): Promise<MeterRow[]> {
    const meters = await selectMeters(this.sql, null);
    for (const meter of meters) this.remember(meter);
    return meters;
  }

  /** A meter by its id, or null. */
  async withId(id: string): Promise<MeterRow | null> {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    return (await this.all()).find((meter) => meter.id === id) ?? null;
  }

  /** Drops everything; for after the catalog was applied. */
  forget(): void {
    this.byKey.clear();
    this.byId.clear();
  }

  private remember(meter: MeterRow): void {
    this.byKey.set(meter.definition.key, meter);
    this.byId.set(meter.id, meter);
  }
}

/** Meters as they are stored now, by key: those of `keys`, or with null every one. */
export async function selectMeters(sql: Sql, keys: readonly string[] | null): Promise<MeterRow[]> {
  const rows = await sql.query<MeterColumns>(
    `SELECT id, key, name, unit, aggregation, value_property, group_by, filters, allow_negative, requires_subscription,
       carry_over, stripe_transport, stripe_event_name, created_at
     FROM meter WHERE $1::text[] IS NULL OR key = ANY ($1) ORDER BY key LIMIT 10000`,
    [keys],
    "select_meters",
  );
  return rows.map(mapRow);
}

type MeterColumns = {
  id: string;
  key: string;
  name: string;
  unit: string;
  aggregation: MeterDefinition["aggregation"];
  value_property: string | null;
  group_by: string[];
  filters: MeterDefinition["filters"];
  allow_negative: boolean;
  requires_subscription: boolean;
  carry_over: boolean;
  stripe_transport: MeterDefinition["stripeTransport"];
  stripe_event_name: string | null;
  created_at: Date;
};

function mapRow(row: MeterColumns): MeterRow {
  return {
    id: row.id,
    createdAt: row.created_at,
    definition: {
      key: row.key,
      name: row.name,
      unit: row.unit,
      aggregation: row.aggregation,
      valueProperty: row.value_property,
      groupBy: row.group_by,
      filters: row.filters,
      allowNegative: row.allow_negative,
      requiresSubscription: row.requires_subscription,
      carryOver: row.carry_over,
      stripeTransport: row.stripe_transport,
      stripeEventName: row.stripe_event_name,
    },
  };
}
