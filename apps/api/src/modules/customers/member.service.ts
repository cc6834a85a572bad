import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, makePerson, replacePassword, type SignIn, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUuid } from "../../platform/database/index.ts";
import { badUserInput, conflict, invariant, notFound } from "../../platform/graphql/index.ts";
import { MemberEntity, type MemberRole } from "./member.entity.ts";

/** A member as staff see one. */
export type MemberRecord = { userId: string; name: string; email: string; role: MemberRole; createdAt: Date };

/** The most members of one customer that a list answers. */
const maxMembers = 500;

/** Which people belong to which customer. */
export class MemberService {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #audit: AuditLog;
  readonly #signIn: SignIn;

  constructor(dependencies: { database: Database; clock: Clock; audit: AuditLog; signIn: SignIn }) {
    this.#signIn = dependencies.signIn;
    this.#database = dependencies.database;
    this.#clock = dependencies.clock;
    this.#audit = dependencies.audit;
  }

  /**
   * Makes a person who can sign in to the portal for a customer. The password is made here and shown once; it is null
   * when somebody with this e-mail was there already, whose password stays.
   */
  async create(
    viewer: Viewer,
    wanted: { customerId: string; email: string; name: string; role: MemberRole },
  ): Promise<{ member: MemberRecord; temporaryPassword: string | null }> {
    const { customerId, role } = wanted;
    const email = z.email().max(254).safeParse(wanted.email.trim());
    if (!email.success) throw badUserInput("email must be an e-mail address, such as ann@example.com.", "email");
    const name = wanted.name.trim();
    if (name === "" || name.length > 200) throw badUserInput("name must have 1 to 200 characters.", "name");
    if (!isUuid(customerId)) throw notFound("There is no such customer.", "customerId");
    const [customer] = await this.#database.query("SELECT FROM customer WHERE id = $1", [customerId]);
    if (customer === undefined) throw notFound("There is no such customer.", "customerId");
    const password = newPassword();
    const { userId, made } = await makePerson(this.#signIn, { email: email.data, name, password });
    await this.add(viewer, { customerId, userId, role });
    const member = (await this.list(customerId)).find((one) => one.userId === userId);
    invariant(member, `member ${userId} was just added`);
    return { member, temporaryPassword: made ? password : null };
  }

  /**
   * Gives a member another password, made here and shown once, and ends every session of theirs: for who has lost the
   * first, and for a sign-in that is in wrong hands.
   */
  async resetPassword(
    viewer: Viewer,
    of: { customerId: string; userId: string },
  ): Promise<{ member: MemberRecord; temporaryPassword: string }> {
    const { customerId, userId } = of;
    const member = isUuid(customerId) ? (await this.list(customerId)).find((one) => one.userId === userId) : undefined;
    if (member === undefined) throw notFound("There is no such member of this customer.", "userId");
    const password = newPassword();
    await this.#database.transaction(async (transaction) => {
      const found = await replacePassword(this.#signIn, transaction, { userId, password });
      invariant(found, `member ${userId} signs in by a password`);
      await this.#audit.write(transaction, {
        actor: actorOf(viewer),
        action: "member.reset_password",
        subject: `customer:${customerId}`,
        detail: { userId },
      });
    });
    return { member, temporaryPassword: password };
  }

  /** What a member may do; null for who is none of this customer. */
  async roleOf({ customerId, userId }: { customerId: string; userId: string }): Promise<MemberRole | null> {
    const member = await this.#database.dataSource.manager.findOneBy(MemberEntity, { customerId, userId });
    return member?.role ?? null;
  }

  /** A customer's members, by name. */
  async list(customerId: string): Promise<MemberRecord[]> {
    return this.#database.query<MemberRecord>(
      `SELECT m.user_id AS "userId", u.name, u.email, m.role, m.created_at AS "createdAt"
       FROM member m JOIN auth_portal."user" u ON u.id = m.user_id
       WHERE m.customer_id = $1 ORDER BY u.name, m.user_id LIMIT ${maxMembers}`,
      [customerId],
    );
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

/** 120 bits: nobody guesses it, and it can be read out on the phone. */
const newPassword = (): string => randomBytes(15).toString("base64url");
