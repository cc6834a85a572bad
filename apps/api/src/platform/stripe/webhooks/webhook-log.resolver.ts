import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from "type-graphql";
import type { AuditLog } from "../../audit/index.ts";
import { actorOf, authorize } from "../../auth/index.ts";
import { type Database, isUuid } from "../../database/index.ts";
import { decodeCursor, invariant, notFound, pageSize, type RequestContext, toPage } from "../../graphql/index.ts";
import { catchUps } from "./event-catch-up.repository.ts";
import type { StripeNotices } from "./stripe-notices.ts";
import type { WebhookInbox } from "./webhook-inbox.ts";
import { stripeNotices, webhookLog, webhookOf, webhookRefusals, type WebhookState } from "./webhook-log.read-model.ts";
import {
  StripeEventCatchUpType,
  StripeNoticeType,
  StripeWebhookEventConnection,
  StripeWebhookEventType,
  StripeWebhookRefusalType,
  StripeWebhookStateEnum,
} from "./webhook-log.types.ts";

/** What the resolver stands on; no inbox where Stripe is not configured. */
export type WebhookLogParts = {
  database: Database;
  audit: AuditLog;
  notices: StripeNotices;
  inbox: WebhookInbox | null;
};

/** Staff's view of what Stripe told us. */
@Resolver()
export class WebhookLogResolver {
  readonly #on: WebhookLogParts;

  constructor(parts: WebhookLogParts) {
    this.#on = parts;
  }

  @Query(() => StripeWebhookEventConnection, { description: "Latest first." })
  async stripeWebhookEvents(
    @Ctx() context: RequestContext,
    @Arg("state", () => StripeWebhookStateEnum, { nullable: true }) state?: WebhookState | null,
    @Arg("type", () => String, { nullable: true }) type?: string | null,
    @Arg("first", () => Int, { defaultValue: 50 }) first = 50,
    @Arg("after", () => String, { nullable: true }) after?: string | null,
  ): Promise<StripeWebhookEventConnection> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    const limit = pageSize(first);
    const [at = "", id = ""] = after ? decodeCursor(after, 2) : [];
    const rows = await webhookLog(this.#on.database, {
      state: state ?? null,
      type: type ?? null,
      after: after ? { at, id } : null,
      limit: limit + 1,
    });
    return toPage(rows, limit, (row) => [row.receivedAt.toISOString(), row.id]);
  }

  @Query(() => [StripeEventCatchUpType], { description: "How far Stripe's own list of events was read." })
  async stripeEventCatchUp(@Ctx() context: RequestContext): Promise<StripeEventCatchUpType[]> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    const rows = await catchUps(this.#on.database);
    return rows.map((row) => ({ ...row, found: Number(row.found) }));
  }

  @Query(() => [StripeWebhookRefusalType], { description: "By hour, latest first." })
  async stripeWebhookRefusals(
    @Ctx() context: RequestContext,
    @Arg("first", () => Int, { defaultValue: 50 }) first = 50,
  ): Promise<StripeWebhookRefusalType[]> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    const rows = await webhookRefusals(this.#on.database, pageSize(first));
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  @Query(() => [StripeNoticeType], { description: "What was done at Stripe outside Meterline; latest first." })
  async stripeNotices(
    @Ctx() context: RequestContext,
    @Arg("openOnly", () => Boolean, { defaultValue: true }) openOnly = true,
    @Arg("first", () => Int, { defaultValue: 50 }) first = 50,
  ): Promise<StripeNoticeType[]> {
    authorize(context.viewer, { to: "READ_STRIPE" });
    return stripeNotices(this.#on.database, { openOnly, limit: pageSize(first) });
  }

  @Mutation(() => StripeWebhookEventType, { description: "Works an event again, from its first attempt." })
  async retryStripeWebhookEvent(
    @Ctx() context: RequestContext,
    @Arg("id", () => ID) id: string,
  ): Promise<StripeWebhookEventType> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    const { database, audit, inbox } = this.#on;
    if ((await webhookOf(database, id)) === null) throw notFound("There is no such event.", "id");
    await database.transaction(async (transaction) => {
      if (!(await inbox?.again(transaction, id))) return;
      await audit.write(transaction, {
        actor: actorOf(viewer),
        action: "stripe.webhook.retry",
        subject: `event:${id}`,
      });
    });
    inbox?.work.nudge();
    const row = await webhookOf(database, id);
    invariant(row !== null, "an event that was tried again is stored");
    return row;
  }

  @Mutation(() => Boolean, { description: "Says that a notice is dealt with; false when it was already." })
  async resolveStripeNotice(@Ctx() context: RequestContext, @Arg("id", () => ID) id: string): Promise<boolean> {
    const viewer = authorize(context.viewer, { to: "WRITE_STRIPE" });
    if (!isUuid(id)) throw notFound("There is no such notice.", "id");
    const actor = actorOf(viewer);
    return this.#on.database.transaction(async (transaction) => {
      const resolved = await this.#on.notices.resolve(transaction, id, actor);
      if (resolved)
        await this.#on.audit.write(transaction, { actor, action: "stripe.notice.resolve", subject: `notice:${id}` });
      return resolved;
    });
  }
}
