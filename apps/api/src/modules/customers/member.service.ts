import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/index.ts";
import { conflict } from "../../platform/graphql/index.ts";
import { MemberEntity, type MemberRole } from "./member.entity.ts";

/** Which people belong to which customer. */
export class MemberService {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #audit: AuditLog;

  constructor(dependencies: { database: Database; clock: Clock; audit: AuditLog }) {
    this.#database = dependencies.database;
    this.#clock = dependencies.clock;
    this.#audit = dependencies.audit;
  }

  /** Adds a person to a customer. Again changes nothing; a person of another customer is refused. */
  async add(viewer: Viewer | null, member: { customerId: string; userId: string; role: MemberRole }): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const added = await transaction.query<{ user_id: string }>(
        `INSERT INTO member (customer_id, user_id, role, created_at)
         SELECT c.id, $2, $3, $4 FROM customer c WHERE c.id = $1
         ON CONFLICT (user_id) DO NOTHING RETURNING user_id`,
        [member.customerId, member.userId, member.role, new Date(this.#clock.now())],
      );
      if (added.length === 0) {
        const stored = await transaction.manager.findOneBy(MemberEntity, { userId: member.userId });
        if (stored?.customerId === member.customerId) return;
        throw conflict("This person belongs to another customer, or there is no such customer.", "userId");
      }
      await this.#audit.write(transaction, {
        actor: viewer === null ? "system" : actorOf(viewer),
        action: "member.add",
        subject: `customer:${member.customerId}`,
        detail: { userId: member.userId, role: member.role },
      });
    });
  }

  /** The customer that a person belongs to, or null. */
  async customerOfUser(userId: string): Promise<string | null> {
    const member = await this.#database.dataSource.manager.findOneBy(MemberEntity, { userId });
    return member?.customerId ?? null;
  }
}
