import type { IncomingMessage, ServerResponse } from "node:http";
import { SUBSCRIPTION_ROUTES } from "../billing/subscriptions.ts";
import type { CheckoutSessionRecord, PortalSessionRecord } from "../core/records.ts";
import { API_VERSION, type World } from "../core/world.ts";
import { readBody } from "../http/request.ts";
import { matchRoute } from "../http/route.ts";
import { escape } from "../panel/page.ts";
import { ApiError } from "../wire/errors.ts";
import { rfc3339 } from "../wire/wire.ts";
import { completeCheckout } from "./checkout.ts";

const STYLE = "body{font:16px/1.5 system-ui;margin:3rem auto;max-width:40rem}:root{color-scheme:light dark}";
const MAX_INVOICES = 12;

/** Answers the portal's and Checkout's pages, which need no key; false for everything else. */
export async function answerHosted(world: World, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  const id = /^\/(?:p\/session|c\/pay)\/(\w+)$/.exec(path)?.[1];
  if (id === undefined) return false;
  const visit = world.state.portalSessions.get(id) ?? world.state.checkoutSessions.get(id);
  try {
    if (!visit) throw new ApiError(404, { message: "There is no such session." });
    if (request.method === "POST") await act(world, visit, request, response);
    else show(response, 200, "subscribe" in visit ? checkoutPage(world, visit) : portalPage(world, visit));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    show(response, error.status, `<h1>Not done</h1><p>${escape(error.message)}</p>`);
  }
  return true;
}

async function act(
  world: World,
  visit: PortalSessionRecord | CheckoutSessionRecord,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const from = request.headers.origin;
  // A page of another site must not press the buttons here.
  if (from !== undefined && (!URL.canParse(from) || new URL(from).host !== request.headers.host)) {
    throw new ApiError(403, { message: "The form must be sent from this page." });
  }
  const form = new URLSearchParams(await readBody(request));
  if ("subscribe" in visit) {
    const done = world.state.journal.run(() => completeCheckout(world, visit));
    const target = (done.success_url ?? "/").replaceAll("{CHECKOUT_SESSION_ID}", done.id);
    response.writeHead(303, { location: target }).end();
    return;
  }
  setCancellation(world, visit, form.get("subscription") ?? "", form.get("cancel") === "true");
  response.writeHead(303, { location: request.url ?? "/" }).end();
}

function setCancellation(world: World, visit: PortalSessionRecord, subscription: string, isCancelled: boolean): void {
  if (world.state.subscriptions.get(subscription)?.customer !== visit.customer) {
    throw new ApiError(404, { message: "The customer has no such subscription." });
  }
  const url = `/v1/subscriptions/${subscription}`;
  const found = matchRoute(SUBSCRIPTION_ROUTES, "POST", url);
  const params = { cancel_at_period_end: isCancelled };
  if (!found) throw new Error("subscriptions cannot be updated");
  const call = { params, path: found.path, url, apiVersion: API_VERSION, key: "" };
  world.state.journal.run(() => found.route.handle(world, call));
}

function checkoutPage(world: World, { wire, subscribe }: CheckoutSessionRecord): string {
  if (wire.status !== "open") return `<h1>Checkout</h1><p>This session is ${wire.status}.</p>`;
  const items = Array.isArray(subscribe?.["items"]) ? subscribe["items"] : [];
  const rows = items.map((item) => {
    const { price, quantity } = item as { price: string; quantity?: number };
    const name = world.state.prices.get(price)?.wire.nickname ?? price;
    return `<li>${quantity === undefined ? "" : `${quantity} × `}${escape(name)}</li>`;
  });
  const back = wire.cancel_url === null ? "" : `<p><a href="${escape(wire.cancel_url)}">Back</a></p>`;
  const label = wire.mode === "setup" ? "Save a test card" : "Pay with a test card";
  return `<h1>Checkout</h1><ul>${rows.join("")}</ul><form method="post"><button>${label}</button></form>${back}`;
}

function portalPage(world: World, { customer, wire }: PortalSessionRecord): string {
  const subscriptions = world.state.subscriptions.by("customer", customer).map((row) => {
    const isEnding = row.wire.cancel_at_period_end;
    const button = isEnding ? "Keep it" : "Cancel at the end of the period";
    const inputs =
      `<input type="hidden" name="subscription" value="${escape(row.id)}">` +
      `<input type="hidden" name="cancel" value="${String(!isEnding)}">`;
    const form = row.wire.status === "canceled" ? "" : `<form method="post">${inputs}<button>${button}</button></form>`;
    return `<li>${escape(row.id)}: ${row.wire.status}${isEnding ? ", ends with the period" : ""}${form}</li>`;
  });
  const invoices = world.state.invoices
    .by("customer", customer)
    .reverse()
    .slice(0, MAX_INVOICES)
    .map((row) => {
      const { created, status, total, currency, number } = row.wire;
      const day = rfc3339(created * 1000).slice(0, 10);
      return `<li>${day} ${escape(number ?? row.id)}: ${total} ${currency} (minor units), ${status}</li>`;
    });
  const back = wire.return_url === null ? "" : `<p><a href="${escape(wire.return_url)}">Return</a></p>`;
  return (
    `<h1>Billing</h1><h2>Subscriptions</h2><ul>${subscriptions.join("")}</ul>` +
    `<h2>Invoices</h2><ul>${invoices.join("")}</ul>${back}`
  );
}

function show(response: ServerResponse, status: number, content: string): void {
  const head = `<meta charset="utf-8"><title>Stripe sandbox</title><style>${STYLE}</style>`;
  const note = "<p><small>A local stand-in, not Stripe: no money moves.</small></p>";
  response
    .writeHead(status, { "content-type": "text/html; charset=utf-8" })
    .end(`<!doctype html><html lang="en"><head>${head}</head><body>${content}${note}</body></html>`);
}
