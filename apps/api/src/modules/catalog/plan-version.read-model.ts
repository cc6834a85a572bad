import type { EpochMs, PlanDefinition } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import { MAX_CATALOG_ITEMS } from "./catalog-definition.ts";

/** One version of a plan; it never changes. */
export type PlanVersionRow = { id: string; version: number; definition: PlanDefinition; createdAt: EpochMs };

// More than one file may hold plans, so more can be stored than one file can say.
const maxPlans = 10 * MAX_CATALOG_ITEMS;

/** The latest version of every plan, by key. */
export async function latestPlanVersions(sql: Sql): Promise<PlanVersionRow[]> {
  const rows = await sql.query<Columns>(
    `SELECT DISTINCT ON (plan_key) id, version, definition, created_at FROM plan_version
     ORDER BY plan_key, version DESC LIMIT ${maxPlans}`,
  );
  return rows.map(mapRow);
}

/** The latest version of one plan, or null when there is no such plan. */
export async function latestPlanVersion(sql: Sql, planKey: string): Promise<PlanVersionRow | null> {
  if (planKey.includes("\0")) return null;
  const [row] = await sql.query<Columns>(
    "SELECT id, version, definition, created_at FROM plan_version WHERE plan_key = $1 ORDER BY version DESC LIMIT 1",
    [planKey],
  );
  return row === undefined ? null : mapRow(row);
}

/** One version of a plan by its id, or null. */
export async function planVersionWithId(sql: Sql, id: string): Promise<PlanVersionRow | null> {
  const [row] = await sql.query<Columns>("SELECT id, version, definition, created_at FROM plan_version WHERE id = $1", [
    id,
  ]);
  return row === undefined ? null : mapRow(row);
}

type Columns = { id: string; version: number; definition: PlanDefinition; created_at: Date };

function mapRow(row: Columns): PlanVersionRow {
  return { id: row.id, version: row.version, definition: row.definition, createdAt: row.created_at.getTime() };
}
