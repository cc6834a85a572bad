import type { AlertKind } from "@meterline/billing-domain";
import { readAs, type Viewer } from "../../platform/auth/index.ts";
import type { Database } from "../../platform/database/index.ts";
import { badUserInput, decodeCursor, notFound, type PageInfo, toPage } from "../../platform/graphql/index.ts";
import type { BillingProfile, Meters } from "../catalog/index.ts";
import { listAlerts } from "./alert.read-model.ts";
import { mapAlert } from "./alert.record.ts";
import type { LimitAlertType } from "./alert.types.ts";

/** Which alerts a page asks for. */
export type AlertsQuery = { kind: AlertKind | null; meterKey: string | null; first: number; after: string | null };

/** Reads alerts for screens. */
export class AlertQueryService {
  readonly #on: { database: Database; meters: Meters };

  constructor(on: { database: Database; meters: Meters }) {
    this.#on = on;
  }

  /** A page of a customer's alerts, latest first. */
  async alerts(
    viewer: Viewer,
    profile: BillingProfile,
    query: AlertsQuery,
  ): Promise<{ nodes: LimitAlertType[]; pageInfo: PageInfo }> {
    const meters = await this.#on.meters.all();
    const meter = query.meterKey === null ? null : meters.find((one) => one.definition.key === query.meterKey);
    if (meter === undefined) throw notFound(`There is no meter with the key "${query.meterKey}".`, "meterKey");
    const filter = {
      customerId: profile.customerId,
      kind: query.kind,
      meterId: meter?.id ?? null,
      before: query.after === null ? null : sequenceOf(query.after),
      limit: query.first + 1,
    };
    const alerts = await readAs(this.#on.database, viewer, (sql) => listAlerts(sql, filter, meters));
    const byId = new Map(meters.map((one) => [one.id, one]));
    const page = toPage(alerts, query.first, (alert) => [alert.sequence]);
    return {
      ...page,
      nodes: page.nodes.map((alert) =>
        mapAlert(alert, {
          meter: alert.meterId === null ? null : (byId.get(alert.meterId) ?? null),
          timeZone: profile.timeZone,
        }),
      ),
    };
  }
}

/** PostgreSQL would refuse what is no number, or none that a bigint can hold. */
function sequenceOf(cursor: string): string {
  const [sequence = ""] = decodeCursor(cursor, 1);
  if (!/^\d{1,18}$/.test(sequence)) throw badUserInput("after is not a cursor of this list.", "after");
  return sequence;
}
