import type { AlertChannel } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";

/** Somebody or something to tell. `target` is the e-mail address or the endpoint's id; '' in the app. */
export type Target = { channel: AlertChannel; target: string; isPaused: boolean };

/** People of one customer who are told by mail, at most. */
const mostAddresses = 100;
/** Endpoints of one customer. */
export const MAX_ENDPOINTS = 10;

/** Everybody and everything that a customer has to be told by: its members, its own address, its endpoints. */
export async function activeTargets(sql: Sql, customerId: string): Promise<Target[]> {
  const addresses = await mailAddresses(sql, customerId, false);
  const endpoints = await sql.query<{ id: string; state: string }>(
    `SELECT id, state FROM webhook_endpoint WHERE customer_id = $1 AND deleted_at IS NULL
     ORDER BY created_at, id LIMIT ${MAX_ENDPOINTS}`,
    [customerId],
    "endpoints_to_tell",
  );
  return [
    { channel: "IN_APP", target: "", isPaused: false },
    ...addresses.map((target): Target => ({ channel: "EMAIL", target, isPaused: false })),
    ...endpoints.map(({ id, state }): Target => ({ channel: "WEBHOOK", target: id, isPaused: state === "PAUSED" })),
  ];
}

/** The addresses of a customer's members (or of its owners only), and its own, each once. */
export async function mailAddresses(sql: Sql, customerId: string, ownersOnly: boolean): Promise<string[]> {
  const rows = await sql.query<{ email: string }>(
    `SELECT DISTINCT lower(email) AS email FROM (
       SELECT u.email FROM member m JOIN auth_portal."user" u ON u.id = m.user_id
       WHERE m.customer_id = $1 AND ($2 = false OR m.role = 'OWNER')
       UNION ALL SELECT email FROM customer WHERE id = $1 AND email IS NOT NULL
     ) own ORDER BY 1 LIMIT ${mostAddresses}`,
    [customerId, ownersOnly],
    "mail_addresses",
  );
  return rows.map((row) => row.email);
}
