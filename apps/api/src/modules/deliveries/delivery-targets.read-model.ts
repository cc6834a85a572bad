import type { AlertChannel } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** Somebody or something to tell. `target` is the e-mail address or the endpoint's id; '' in the app. */
export type Target = { channel: AlertChannel; target: string; isPaused: boolean };

/** People of one customer who are told by mail, at most. */
const mostAddresses = 100;
/** Endpoints of one customer. */
export const MAX_ENDPOINTS = 10;

/** Everybody and everything that customers have to be told by: their members, their own address, their endpoints. */
export async function activeTargets(sql: Sql, customerIds: readonly string[]): Promise<Map<string, Target[]>> {
  const addresses = await mailAddresses(sql, customerIds, false);
  const endpoints = await sql.query<{ customer_id: string; id: string; state: string }>(
    `SELECT customer_id, id, state FROM webhook_endpoint WHERE customer_id = ANY ($1::uuid[]) AND deleted_at IS NULL
     ORDER BY customer_id, created_at, id`,
    [customerIds],
    "endpoints_to_tell",
  );
  const byCustomer = Map.groupBy(endpoints, (endpoint) => endpoint.customer_id);
  return new Map(
    customerIds.map((customerId) => [
      customerId,
      [
        { channel: "IN_APP", target: "", isPaused: false },
        ...(addresses.get(customerId) ?? []).map((target): Target => ({ channel: "EMAIL", target, isPaused: false })),
        ...(byCustomer.get(customerId) ?? []).map(
          ({ id, state }): Target => ({ channel: "WEBHOOK", target: id, isPaused: state === "PAUSED" }),
        ),
      ],
    ]),
  );
}

/** The addresses of customers' members (or of their owners only), and their own, each once. */
export async function mailAddresses(
  sql: Sql,
  customerIds: readonly string[],
  ownersOnly: boolean,
): Promise<Map<string, string[]>> {
  const rows = await sql.query<{ customer_id: string; email: string }>(
    `SELECT DISTINCT customer_id, lower(email) AS email FROM (
       SELECT m.customer_id, u.email FROM member m JOIN auth_portal."user" u ON u.id = m.user_id
       WHERE m.customer_id = ANY ($1::uuid[]) AND ($2 = false OR m.role = 'OWNER')
       UNION ALL SELECT id, email FROM customer WHERE id = ANY ($1::uuid[]) AND email IS NOT NULL
     ) own ORDER BY 1, 2`,
    [customerIds, ownersOnly],
    "mail_addresses",
  );
  const addresses = new Map<string, string[]>();
  for (const { customer_id: customerId, email } of rows) {
    const own = addresses.get(customerId) ?? [];
    if (own.length < mostAddresses) own.push(email);
    addresses.set(customerId, own);
  }
  return addresses;
}
