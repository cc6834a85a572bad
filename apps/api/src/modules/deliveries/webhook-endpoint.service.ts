import { randomUUID } from "node:crypto";
import type { AuditLog } from "../../platform/audit/index.ts";
import { readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUuid, type Transaction } from "../../platform/database/index.ts";
import { badUserInput, conflict, invariant, notFound } from "../../platform/graphql/index.ts";
import { newSigningSecret, resolveHost, type SecretSeal, urlFault } from "../../platform/webhooks/index.ts";
import { actorText, refuseViewer } from "../alerts/index.ts";
import { insertDeliveries } from "./delivery.repository.ts";
import { MAX_ENDPOINTS } from "./delivery-targets.read-model.ts";
import {
  addSecret,
  type EndpointRecord,
  findEndpoint,
  listEndpoints,
  resumeDeliveries,
} from "./webhook-endpoint.repository.ts";

/** What endpoints stand on. `onQueued` hears that there is something to send. */
export type EndpointDependencies = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  seal: SecretSeal;
  allowLoopback: boolean;
  onQueued(): void;
};

/** An endpoint with its signing secret, which is shown this once. */
export type EndpointWithSecret = { endpoint: EndpointRecord; secret: string };

const maxUrlLength = 2_000;
const maxDescriptionLength = 200;
const hourMs = 3_600_000;
const mostKeepHours = 7 * 24;

/** Where a customer's systems are told. Whether the viewer may at all is decided before, by `authorize`. */
export class WebhookEndpointService {
  readonly #on: EndpointDependencies;

  constructor(on: EndpointDependencies) {
    this.#on = on;
  }

  list(viewer: Viewer, customerId: string): Promise<EndpointRecord[]> {
    return readAs(this.#on.database, viewer, (sql) => listEndpoints(sql, customerId));
  }

  /** Adds an endpoint. Its address is looked up at once, so that one that will never work is refused while somebody looks. */
  async create(
    viewer: Viewer | null,
    wanted: { customerId: string; url: string; description: string | null },
  ): Promise<EndpointWithSecret> {
    const { customerId } = wanted;
    const url = await this.#checkedUrl(wanted.url);
    const description = wanted.description?.trim() ?? "";
    if (description.length > maxDescriptionLength || /\p{Cc}/u.test(description))
      throw badUserInput(`description may have at most ${maxDescriptionLength} characters.`, "description");
    const id = randomUUID();
    return this.#changing(viewer, { customerId, id, action: "webhook_endpoint.create" }, async (transaction) => {
      if ((await listEndpoints(transaction, customerId)).length >= MAX_ENDPOINTS)
        throw conflict(`A customer has at most ${MAX_ENDPOINTS} endpoints; delete one first.`, "url");
      await transaction.query(
        `INSERT INTO webhook_endpoint (customer_id, id, url, description, state, created_by, created_at)
         VALUES ($1, $2, $3, $4, 'ACTIVE', $5, $6)`,
        [customerId, id, url, description, actorText(viewer), new Date(this.#on.clock.now())],
      );
      return this.#newSecret(transaction, customerId, id, 0);
    });
  }

  /** A new secret; what is sent is signed by both until the old one ends, `keepOldHours` from now. */
  async rotate(
    viewer: Viewer | null,
    customerId: string,
    id: string,
    keepOldHours: number,
  ): Promise<EndpointWithSecret> {
    if (!Number.isInteger(keepOldHours) || keepOldHours < 0 || keepOldHours > mostKeepHours)
      throw badUserInput(`keepOldHours must be from 0 to ${mostKeepHours}.`, "keepOldHours");
    return this.#changing(viewer, { customerId, id, action: "webhook_endpoint.rotate" }, (transaction) =>
      this.#newSecret(transaction, customerId, id, keepOldHours),
    );
  }

  /** Nothing more is sent there. What was sent stays in the record. */
  async remove(viewer: Viewer | null, customerId: string, id: string): Promise<EndpointRecord> {
    return this.#changing(viewer, { customerId, id, action: "webhook_endpoint.delete" }, async (transaction) => {
      const endpoint = await this.#endpoint(transaction, customerId, id);
      await transaction.query("UPDATE webhook_endpoint SET deleted_at = $3 WHERE customer_id = $1 AND id = $2", [
        customerId,
        id,
        new Date(this.#on.clock.now()),
      ]);
      await transaction.query(
        `UPDATE alert_delivery SET state = 'SKIPPED', due_at = NULL, attempts = 0, reason = 'The endpoint was deleted.'
         WHERE customer_id = $1 AND channel = 'WEBHOOK' AND target = $2 AND state IN ('QUEUED', 'UNCERTAIN')`,
        [customerId, id],
      );
      return endpoint;
    });
  }

  /** Sends to a paused endpoint again, and what waited for it first. */
  async resume(viewer: Viewer | null, customerId: string, id: string): Promise<EndpointRecord> {
    const resumed = await this.#changing(
      viewer,
      { customerId, id, action: "webhook_endpoint.resume" },
      async (transaction) => {
        await this.#endpoint(transaction, customerId, id);
        await transaction.query(
          `UPDATE webhook_endpoint SET state = 'ACTIVE', pause_reason = NULL, failing_since = NULL
           WHERE customer_id = $1 AND id = $2`,
          [customerId, id],
        );
        await resumeDeliveries(transaction, { customerId, endpointId: id, now: this.#on.clock.now() });
        return this.#endpoint(transaction, customerId, id);
      },
    );
    this.#on.onQueued();
    return resumed;
  }

  /** Queues a test message, also for a paused endpoint; answers the id of its delivery. */
  async test(viewer: Viewer | null, customerId: string, id: string): Promise<string> {
    const deliveryId = await this.#changing(
      viewer,
      { customerId, id, action: "webhook_endpoint.test" },
      async (transaction) => {
        await this.#endpoint(transaction, customerId, id);
        const now = this.#on.clock.now();
        const plan = { state: "QUEUED", dueAt: now, reason: null, now } as const;
        const about = { kind: "TEST", endpointId: id } as const;
        const target = { channel: "WEBHOOK", target: id } as const;
        const [deliveryId] = await insertDeliveries(transaction, [
          { customerId, alertId: null, target, ...plan, ...about },
        ]);
        invariant(deliveryId, "one id a delivery");
        return deliveryId;
      },
    );
    this.#on.onQueued();
    return deliveryId;
  }

  async #newSecret(
    transaction: Transaction,
    customerId: string,
    id: string,
    keepOldHours: number,
  ): Promise<EndpointWithSecret> {
    const endpoint = await this.#endpoint(transaction, customerId, id);
    const secret = newSigningSecret();
    const now = this.#on.clock.now();
    const oldUntilAt = now + keepOldHours * hourMs;
    await addSecret(transaction, { customerId, endpointId: id, sealed: this.#on.seal.seal(secret), now, oldUntilAt });
    return { endpoint, secret };
  }

  async #endpoint(transaction: Transaction, customerId: string, id: string): Promise<EndpointRecord> {
    const endpoint = isUuid(id) ? await findEndpoint(transaction, customerId, id) : null;
    if (endpoint === null) throw notFound("There is no such endpoint.", "id");
    return endpoint;
  }

  async #changing<T>(
    viewer: Viewer | null,
    of: { customerId: string; id: string; action: string },
    change: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const { customerId, id, action } = of;
    if (!isUuid(customerId)) throw notFound("There is no such customer.", "customerId");
    return this.#on.database.transaction(async (transaction) => {
      await refuseViewer(transaction, viewer);
      const [customer] = await transaction.query("SELECT FROM customer WHERE id = $1 FOR NO KEY UPDATE", [customerId]);
      if (customer === undefined) throw notFound("There is no such customer.", "customerId");
      const answer = await change(transaction);
      const subject = `customer:${customerId}`;
      await this.#on.audit.write(transaction, {
        actor: actorText(viewer),
        action,
        subject,
        detail: { endpointId: id },
      });
      return answer;
    });
  }

  async #checkedUrl(text: string): Promise<string> {
    const { allowLoopback } = this.#on;
    if (text.length > maxUrlLength || !URL.canParse(text))
      throw badUserInput('url must be an address such as "https://example.com/hooks".', "url");
    const url = new URL(text);
    const fault = urlFault(url, { allowLoopback });
    if (fault !== null) throw badUserInput(fault, "url");
    const resolved = await resolveHost(url.hostname, { allowLoopback });
    if ("outcome" in resolved) throw badUserInput(resolved.message, "url");
    url.hash = "";
    invariant(url.href.length > 0, "a URL has text");
    return url.href;
  }
}
