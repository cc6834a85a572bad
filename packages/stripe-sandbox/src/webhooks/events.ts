import type { SnapshotEvent, ThinEvent } from "../core/records.ts";
import type { World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { invalidRequest, noSuch, v2Error } from "../wire/errors.ts";
import { either, integer, list, object, optional, readParams, text, unixTime } from "../wire/params.ts";
import type { WireList } from "../wire/wire.ts";

/** Both families are kept this long: https://docs.stripe.com/event-destinations */
const KEPT_MS = 30 * 86_400_000;
const V2_LIMIT = 20;

function kept(world: World) {
  const since = world.clock.now() - KEPT_MS;
  return world.state.events.values().filter((row) => row.createdAt >= since);
}

function snapshots(world: World): SnapshotEvent[] {
  return kept(world).flatMap((row) => (row.family === "snapshot" ? [withPending(world, row.wire)] : []));
}

/** The number of endpoints that have not answered an event yet. */
function withPending(world: World, wire: SnapshotEvent): SnapshotEvent {
  const deliveries = world.state.deliveries.by("event", wire.id);
  return { ...wire, pending_webhooks: deliveries.filter((row) => row.state === "pending").length };
}

/** A range of instants in milliseconds; `gte` and `lte` are inclusive. */
type Range = { gt?: number | undefined; gte?: number | undefined; lt?: number | undefined; lte?: number | undefined };

function isWithin(at: number, { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity }: Range): boolean {
  return at > gt && at >= gte && at < lt && at <= lte;
}

const range = () =>
  object({ gt: optional(unixTime()), gte: optional(unixTime()), lt: optional(unixTime()), lte: optional(unixTime()) });

function inMs({ gt, gte, lt, lte }: Range = {}): Range {
  const ms = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);
  return { gt: ms(gt), gte: ms(gte), lt: ms(lt), lte: ms(lte) };
}

const THIN_LIST = {
  limit: optional(integer({ min: 1, max: 100 })),
  page: optional(text()),
  object_id: optional(text()),
  types: optional(list(text(), 20)),
  // Seconds, by the API description and the SDK, though v2 has RFC 3339 everywhere else.
  created: optional(range()),
};

function listThin(world: World, call: Call): unknown {
  const params = readParams(THIN_LIST, call.params);
  const rows = kept(world)
    .flatMap((row) => (row.family === "thin" ? [row.wire] : []))
    .filter((event) => params.object_id === undefined || event.related_object?.id === params.object_id)
    .filter((event) => params.types === undefined || params.types.includes(event.type))
    .filter((event) => isWithin(Date.parse(event.created), inMs(params.created)))
    .reverse();
  const limit = params.limit ?? V2_LIMIT;
  const before = params.page === undefined ? -1 : rows.findIndex((event) => event.id === params.page);
  if (params.page !== undefined && before === -1) throw v2Error(400, "invalid_page", "The page token is not valid.");
  const data = rows.slice(before + 1, before + 1 + limit);
  const next = new URLSearchParams({ limit: String(limit) });
  if (params.object_id !== undefined) next.set("object_id", params.object_id);
  for (const [index, type] of (params.types ?? []).entries()) next.set(`types[${index}]`, type);
  for (const [bound, at] of Object.entries(params.created ?? {})) {
    if (at !== undefined) next.set(`created[${bound}]`, String(at));
  }
  next.set("page", data.at(-1)?.id ?? "");
  const hasMore = before + 1 + limit < rows.length;
  return { data, next_page_url: hasMore ? `${call.url}?${next}` : null, previous_page_url: null };
}

const SNAPSHOT_LIST = {
  ...LIST_PARAMS,
  type: optional(text()),
  types: optional(list(text(), 20)),
  created: optional(either(unixTime(), range())),
};

function listSnapshots(world: World, call: Call): WireList<SnapshotEvent> {
  const params = readParams(SNAPSHOT_LIST, call.params);
  const { type, types, created } = params;
  if (type !== undefined && types !== undefined) {
    throw invalidRequest("You may pass either `type` or `types`, but not both.", { param: "types" });
  }
  const within = inMs(typeof created === "number" ? { gte: created, lte: created } : created);
  const rows = snapshots(world)
    .filter((event) => (type === undefined || isOfType(event.type, type)) && (types?.includes(event.type) ?? true))
    .filter((event) => isWithin(event.created * 1000, within));
  return pageOf(rows.reverse(), params, call.url);
}

/** `invoice.*` is every type that begins so. */
function isOfType(type: string, wanted: string): boolean {
  return wanted.endsWith("*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

/** `/v1/events` and `/v2/core/events` */
export const EVENT_ROUTES: readonly Route[] = [
  { method: "GET", pattern: "/v1/events", handle: listSnapshots },
  {
    method: "GET",
    pattern: "/v1/events/:id",
    handle: (world, call): SnapshotEvent => {
      const event = snapshots(world).find((one) => one.id === pathPart(call, "id"));
      if (!event) throw noSuch("event", pathPart(call, "id"));
      return event;
    },
  },
  { method: "GET", pattern: "/v2/core/events", handle: listThin },
  {
    method: "GET",
    pattern: "/v2/core/events/:id",
    handle: (world, call): ThinEvent => {
      const row = kept(world).find((one) => one.id === pathPart(call, "id"));
      if (row?.family !== "thin") throw v2Error(404, "not_found", `Event ${pathPart(call, "id")} not found.`);
      return row.wire;
    },
  },
];
