import type { Sql } from "../../database/index.ts";
import type { WebhookFamily } from "./webhook-event.ts";

/** How far the events of a family were listed. Instants are milliseconds. */
export type CatchUp = {
  family: WebhookFamily;
  /** Every event that happened before is in the inbox. */
  readTo: number;
  /** A pass that is not at its end: how far it brings `readTo`, and where it goes on. */
  pass: { until: number; part: number; after: string | null } | null;
};

/** A catch-up, as staff see it. */
export type CatchUpRow = {
  family: WebhookFamily;
  readTo: Date;
  found: string;
  foundAt: Date | null;
  note: string | null;
  lastError: string | null;
  workedAt: Date | null;
  dueAt: Date | null;
};

/** Has both families listed now. What happened before an installation knew of any event is not its business. */
export async function wantCatchUp(sql: Sql, now: number): Promise<void> {
  await sql.query(
    `INSERT INTO stripe_event_catch_up (family, read_to, state, due_at)
     SELECT f, coalesce((SELECT max(occurred_at) FROM stripe_webhook_event WHERE family = f), $1), 'WAITING', $1
     FROM unnest(ARRAY['SNAPSHOT', 'THIN']) AS f
     ON CONFLICT (family) DO UPDATE SET due_at = $1, attempts = 0`,
    [new Date(now)],
  );
}

/** One family's, or null. */
export async function findCatchUp(sql: Sql, family: string): Promise<CatchUp | null> {
  const [row] = await sql.query<{
    family: WebhookFamily;
    read_to: Date;
    pass_until: Date | null;
    pass_part: number;
    pass_after: string | null;
  }>("SELECT family, read_to, pass_until, pass_part, pass_after FROM stripe_event_catch_up WHERE family = $1", [
    family,
  ]);
  if (row === undefined) return null;
  const { pass_until: until, pass_part: part, pass_after: after } = row;
  return {
    family: row.family,
    readTo: row.read_to.getTime(),
    pass: until === null ? null : { until: until.getTime(), part, after },
  };
}

/** Keeps how far it got, and how many events were missing since the last time. */
export async function saveCatchUp(sql: Sql, of: CatchUp & { found: number; now: number }): Promise<void> {
  await sql.query(
    `UPDATE stripe_event_catch_up SET read_to = $2, pass_until = $3, pass_part = $4, pass_after = $5, found = found + $6,
       found_at = CASE WHEN $6 > 0 THEN $7 ELSE found_at END
     WHERE family = $1`,
    [
      of.family,
      new Date(of.readTo),
      of.pass === null ? null : new Date(of.pass.until),
      of.pass?.part ?? 0,
      of.pass?.after ?? null,
      of.found,
      new Date(of.now),
    ],
  );
}

/** Both families, as staff see them. */
export function catchUps(sql: Sql): Promise<CatchUpRow[]> {
  return sql.query<CatchUpRow>(
    `SELECT family, read_to AS "readTo", found, found_at AS "foundAt", note, last_error AS "lastError",
       worked_at AS "workedAt", due_at AS "dueAt"
     FROM stripe_event_catch_up ORDER BY family`,
  );
}
