import { randomUUID } from "node:crypto";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUuid, type Transaction } from "../../platform/database/index.ts";
import {
  badUserInput,
  conflict,
  decodeCursor,
  invariant,
  notFound,
  type PageInfo,
  toPage,
} from "../../platform/graphql/index.ts";
import { CustomerEntity } from "./customer.entity.ts";
import {
  type CustomerChangeInput,
  type CustomerInput,
  type NewCustomer,
  readCustomerChange,
  readNewCustomer,
} from "./customer-fields.ts";
import { type CustomerRecord, countCustomers, findCustomer, listCustomers } from "./customer-list.read-model.ts";
import { lockUsage } from "./usage-lock.ts";

/** What the service stands on. `profiles` is told of customers whose settings changed, so that no cache keeps them. */
export type CustomerDependencies = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  profiles: { changed(customerId: string): void };
};

/** Told, in the same transaction, that a customer's days begin at another time from now on. */
export type TimeZoneListener = (transaction: Transaction, customerId: string) => Promise<void>;

/** Which customers a page asks for. */
export type CustomersQuery = { search: string | null; first: number; after: string | null };

const MAX_SEARCH_LENGTH = 200;

/** Makes, changes and finds customers. Whether the viewer may is decided before, by `authorize`. */
export class CustomerService {
  readonly #on: CustomerDependencies;
  readonly #timeZoneListeners: TimeZoneListener[] = [];

  constructor(dependencies: CustomerDependencies) {
    this.#on = dependencies;
  }

  /**
   * Makes a customer, or answers the one with this external id if what was sent agrees with it. What is left out agrees
   * with anything, so that a retry is answered the same also when our defaults have filled it in.
   */
  async create(viewer: Viewer | null, input: CustomerInput): Promise<CustomerRecord> {
    const wanted = readNewCustomer(input);
    return this.#on.database.transaction(async (transaction) => {
      const inserted = await this.#insert(transaction, wanted);
      const stored = await findCustomer(transaction, { externalId: wanted.externalId });
      invariant(stored !== null, "a customer that was inserted or stood in the way can be read");
      if (!inserted) refuseOtherContent(stored, wanted);
      else
        await this.#on.audit.write(transaction, {
          actor: viewer === null ? "system" : actorOf(viewer),
          action: "customer.create",
          subject: `customer:${stored.id}`,
          detail: { externalId: stored.externalId, currency: stored.currency, timeZone: stored.timeZone },
        });
      return stored;
    });
  }

  /** Registers what must be counted anew when a customer's days begin at another time; run in the same transaction. */
  onTimeZoneChange(listener: TimeZoneListener): void {
    this.#timeZoneListeners.push(listener);
  }

  /** Changes what may change: name, time zone, e-mail. The same change again changes nothing. */
  async update(viewer: Viewer, id: string, input: CustomerChangeInput): Promise<CustomerRecord> {
    const change = readCustomerChange(input);
    if (!isUuid(id)) throw unknown("id");
    const updated = await this.#on.database.transaction(async (transaction) => {
      // Days are counted by the zone: none may be decided by the old one while it changes, or by a profile from before.
      if (change.timeZone !== undefined) await lockUsage(transaction, { shared: [], exclusive: [id] });
      await transaction.query("SELECT FROM customer WHERE id = $1 FOR NO KEY UPDATE", [id]);
      const stored = await findCustomer(transaction, { id });
      if (stored === null) throw unknown("id");
      const changed = Object.fromEntries(
        Object.entries(change).filter(([field, value]) => stored[field as keyof CustomerRecord] !== value),
      );
      if (Object.keys(changed).length === 0) return stored;
      await transaction.manager.update(CustomerEntity, { id }, changed);
      if ("timeZone" in changed) {
        await transaction.query("UPDATE customer SET billing_version = billing_version + 1 WHERE id = $1", [id]);
        for (const listener of this.#timeZoneListeners) await listener(transaction, id);
      }
      await this.#on.audit.write(transaction, {
        actor: actorOf(viewer),
        action: "customer.update",
        subject: `customer:${id}`,
        detail: { changed: Object.keys(changed) },
      });
      return { ...stored, ...changed };
    });
    this.#on.profiles.changed(id);
    return updated;
  }

  /** The customer of either id, as far as the viewer may see it; null when there is none. */
  find(viewer: Viewer, by: { id: string | null; externalId: string | null }): Promise<CustomerRecord | null> {
    const { id, externalId } = by;
    if ((id === null) === (externalId === null)) throw badUserInput("Give exactly one of id and externalId.", "id");
    return readAs(this.#on.database, viewer, async (sql) => {
      if (id !== null) return isUuid(id) ? findCustomer(sql, { id }) : null;
      // NUL cannot be stored, and PostgreSQL refuses a query that holds one.
      return externalId === null || externalId.includes("\0") ? null : findCustomer(sql, { externalId });
    });
  }

  /** A page of customers by name, and how many there are in all. */
  async list(
    viewer: Viewer,
    query: CustomersQuery,
  ): Promise<{ nodes: CustomerRecord[]; pageInfo: PageInfo; totalCount: number }> {
    const search = readSearch(query.search);
    const [sortName, id] = query.after === null ? [] : decodeCursor(query.after, 2);
    if (query.after !== null && (id === undefined || !isUuid(id) || sortName?.includes("\0")))
      throw badUserInput("after is not a cursor of this list.", "after");
    const after = sortName === undefined || id === undefined ? null : { sortName, id };
    return readAs(this.#on.database, viewer, async (sql) => ({
      ...toPage(await listCustomers(sql, { search, after, limit: query.first + 1 }), query.first, (customer) => [
        customer.sortName,
        customer.id,
      ]),
      totalCount: await countCustomers(sql, search),
    }));
  }

  async #insert(transaction: Transaction, wanted: NewCustomer): Promise<boolean> {
    const now = this.#on.clock.now();
    const { externalId, currency, timeZone, email } = wanted;
    const values = { externalId, currency, timeZone, email, name: wanted.name ?? externalId };
    const result = await transaction.manager
      .createQueryBuilder()
      .insert()
      .into(CustomerEntity)
      .values({ ...values, id: randomUUID(), goLiveAt: wanted.goLiveAt ?? now, billingVersion: 1, createdAt: now })
      .orIgnore()
      .returning("id")
      .updateEntity(false)
      .execute();
    return (result.raw as unknown[]).length > 0;
  }
}

function readSearch(search: string | null): string | null {
  const text = search?.trim() ?? "";
  if (text.length > MAX_SEARCH_LENGTH || /\p{Cc}/u.test(text))
    throw badUserInput(
      `search must have at most ${MAX_SEARCH_LENGTH} characters, none of them control characters.`,
      "search",
    );
  return text === "" ? null : text;
}

function refuseOtherContent(stored: CustomerRecord, wanted: NewCustomer): void {
  const sent = ["name", "currency", "timeZone", "email", "goLiveAt"] as const;
  const field = sent.find((name) => wanted[name] !== null && wanted[name] !== stored[name]);
  if (field === undefined) return;
  throw conflict(
    `The customer "${stored.externalId}" exists already, as ${stored.id}, with another ${field}. ` +
      "Send the same content again, use another externalId, or change the customer with updateCustomer.",
    field,
  );
}

const unknown = (field: string) => notFound("There is no such customer.", field);
