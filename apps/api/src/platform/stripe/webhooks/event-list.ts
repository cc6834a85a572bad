import type { StripeGateway } from "../stripe-gateway.ts";
import { readWebhookEvent, type StripeWebhookEvent, type WebhookFamily } from "./webhook-event.ts";

/** Stripe takes so many types in one list (its API reference). */
const typesAList = 20;
const eventsAPage = 100;

/** A page of the events of one family; newest first. */
export type EventPage = {
  events: StripeWebhookEvent[];
  /** Where the next page begins; null when nothing that happened since is left. */
  next: string | null;
};

/** Which events: those of these types since an instant (milliseconds). */
export type EventQuery = { family: WebhookFamily; types: readonly string[]; since: number; after: string | null };

/** The types to list one after the other, so that no list has more than Stripe takes. */
export function partsOf(types: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let from = 0; from < types.length; from += typesAList) parts.push(types.slice(from, from + typesAList));
  return parts;
}

/** Thin events have types of their own, which begin so. */
const isThin = (type: string): boolean => /^v\d+\./.test(type);

/** The types of one family among those that somebody works. */
export function typesOfFamily(types: readonly string[], family: WebhookFamily): string[] {
  return types.filter((type) => isThin(type) === (family === "THIN"));
}

/** Reads one page, one GET. */
export async function readEventPage(gateway: StripeGateway, query: EventQuery): Promise<EventPage> {
  return query.family === "SNAPSHOT" ? snapshotPage(gateway, query) : thinPage(gateway, query);
}

type Listed = { data: unknown[]; has_more?: boolean; next_page_url?: string | null };

async function snapshotPage(gateway: StripeGateway, { types, since, after }: EventQuery): Promise<EventPage> {
  const query = new URLSearchParams({ limit: String(eventsAPage), "created[gte]": String(Math.floor(since / 1_000)) });
  for (const [index, type] of types.entries()) query.set(`types[${index}]`, type);
  if (after !== null) query.set("starting_after", after);
  const page = await list(gateway, `/v1/events?${query}`);
  const events = eventsOf(page);
  return { events, next: page.has_more === true ? (events.at(-1)?.id ?? null) : null };
}

/**
 * How v2 wants the bounds of a time is said in two ways, so none is sent: the list is newest first, and is left where a
 * whole page is older.
 */
async function thinPage(gateway: StripeGateway, { types, since, after }: EventQuery): Promise<EventPage> {
  const query = new URLSearchParams({ limit: String(eventsAPage) });
  for (const [index, type] of types.entries()) query.set(`types[${index}]`, type);
  const page = await list(gateway, after ?? `/v2/core/events?${query}`);
  const all = eventsOf(page);
  const events = all.filter((event) => event.occurredAt >= since);
  const isPast = all.length > 0 && events.length === 0;
  return { events, next: isPast ? null : (page.next_page_url ?? null) };
}

async function list(gateway: StripeGateway, path: string): Promise<Listed> {
  return (await gateway.stripe.rawRequest("GET", path)) as unknown as Listed;
}

function eventsOf(page: Listed): StripeWebhookEvent[] {
  return page.data.flatMap((body) => readWebhookEvent(body) ?? []);
}
