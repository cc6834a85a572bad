import { alertWords } from "@meterline/billing-domain";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { authorize, readAs } from "../../platform/auth/index.ts";
import type { Database } from "../../platform/database/index.ts";
import type { RequestContext } from "../../platform/graphql/index.ts";
import { alertsByIds, LimitAlertType } from "../alerts/index.ts";
import type { Meters } from "../catalog/index.ts";
import { deliveriesOfAlerts } from "./delivery.read-model.ts";
import { DeliveryType } from "./delivery.types.ts";
import { RequestBatches } from "./request-batches.ts";

/** Adds to an alert how it was told. */
@Resolver(() => LimitAlertType)
export class AlertDeliveryResolver {
  readonly #told: RequestBatches<DeliveryType[]>;

  constructor({ database }: { database: Database }) {
    this.#told = new RequestBatches((context, customerId, ids) => {
      const viewer = authorize(context.viewer, { to: "READ_USAGE", customerId });
      return readAs(database, viewer, (sql) => deliveriesOfAlerts(sql, customerId, ids));
    });
  }

  @FieldResolver(() => [DeliveryType], { description: "Every way in which it was told, with each attempt." })
  async deliveries(@Ctx() context: RequestContext, @Root() alert: LimitAlertType): Promise<DeliveryType[]> {
    return (await this.#told.ask(context, alert.customerId, alert.id)) ?? [];
  }
}

/** Adds to a delivery what it tells of. */
@Resolver(() => DeliveryType)
export class DeliveryTitleResolver {
  readonly #titles: RequestBatches<string>;

  constructor({ database, meters }: { database: Database; meters: Meters }) {
    this.#titles = new RequestBatches(async (context, customerId, ids) => {
      const viewer = authorize(context.viewer, { to: "READ_USAGE", customerId });
      const wanted = ids.map((id) => ({ customerId, id }));
      const alerts = await readAs(database, viewer, (sql) => alertsByIds(sql, wanted));
      const titles = new Map<string, string>();
      for (const alert of alerts.values()) {
        const meter = alert.meterId === null ? null : await meters.withId(alert.meterId);
        // A title names no instant, so it is the same in every zone.
        titles.set(alert.id, alertWords(alert, { timeZone: "UTC", meter: meter?.definition ?? null }).title);
      }
      return titles;
    });
  }

  @FieldResolver(() => String, { description: "The alert's title, or what else was told." })
  async title(@Ctx() context: RequestContext, @Root() { kind, alertId, customerId }: DeliveryType): Promise<string> {
    if (kind === "TEST") return "A test message";
    if (kind === "ENDPOINT_PAUSED") return "Your webhook endpoint was paused";
    const title = alertId === null ? undefined : await this.#titles.ask(context, customerId, alertId);
    return title ?? "An alert";
  }
}
