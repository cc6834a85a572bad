import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { authorize, readAs } from "../../platform/auth/index.ts";
import type { Database } from "../../platform/database/index.ts";
import type { RequestContext } from "../../platform/graphql/index.ts";
import { LimitAlertType } from "../alerts/index.ts";
import { deliveriesOfAlerts } from "./delivery.read-model.ts";
import { DeliveryType } from "./delivery.types.ts";

type Batch = { alertIds: string[]; told: Promise<Map<string, DeliveryType[]>> };

/** Adds to an alert how it was told. */
@Resolver(() => LimitAlertType)
export class AlertDeliveryResolver {
  readonly #database: Database;
  /** What one request asks for in one turn, by customer: a page of alerts is one read. */
  readonly #batches = new WeakMap<RequestContext, Map<string, Batch>>();

  constructor(on: { database: Database }) {
    this.#database = on.database;
  }

  @FieldResolver(() => [DeliveryType], { description: "Every way in which it was told, with each attempt." })
  async deliveries(@Ctx() context: RequestContext, @Root() alert: LimitAlertType): Promise<DeliveryType[]> {
    authorize(context.viewer, { to: "READ_USAGE", customerId: alert.customerId });
    const batch = this.#batchOf(context, alert.customerId);
    batch.alertIds.push(alert.id);
    return (await batch.told).get(alert.id) ?? [];
  }

  #batchOf(context: RequestContext, customerId: string): Batch {
    const batches = this.#batches.get(context) ?? new Map<string, Batch>();
    this.#batches.set(context, batches);
    const open = batches.get(customerId);
    if (open !== undefined) return open;
    const alertIds: string[] = [];
    const told = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      batches.delete(customerId);
      const viewer = authorize(context.viewer, { to: "READ_USAGE", customerId });
      return readAs(this.#database, viewer, (sql) => deliveriesOfAlerts(sql, customerId, alertIds));
    });
    const batch = { alertIds, told };
    batches.set(customerId, batch);
    return batch;
  }
}
