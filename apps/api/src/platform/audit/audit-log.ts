import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Sql } from "../database/index.ts";

/** Who did what to which thing. `detail` holds ids and values, never secrets. */
export type AuditEntry = { actor: string; action: string; subject: string; detail?: Record<string, unknown> };

/** Writes the trail of what people and keys changed, in the transaction of the change itself. Rows are only added. */
export class AuditLog {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async write(sql: Sql, entry: AuditEntry): Promise<void> {
    await sql.query(
      "INSERT INTO audit_entry (id, actor, action, subject, detail, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
      [
        randomUUID(),
        entry.actor,
        entry.action,
        entry.subject,
        JSON.stringify(entry.detail ?? {}),
        new Date(this.#clock.now()),
      ],
    );
  }
}
