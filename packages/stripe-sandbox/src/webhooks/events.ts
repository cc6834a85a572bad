import type { SnapshotEvent, ThinEvent } from "../core/records.ts";
import type { World } from "../core/world.ts";
import { LIST_PARAMS, pageOf } from "../http/pagination.ts";
import { type Call, pathPart, type Route } from "../http/route.ts";
import { noSuch, v2Error } from "../wire/errors.ts";
import { integer, list, optional, readParams, text } from "../wire/params.ts";
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

function listThin(world: World, call: Call): unknown {
  const shape = {
    limit: optional(integer({ min: 1, max: 100 })),
    page: optional(text()),
    object_id: optional(text()),
    types: optional(list(text())),
  };
  const params = readParams(shape, call.params);
  const rows = kept(world)
    .flatMap((row) => (row.family === "thin" ? [row.wire] : []))
    .filter((event) => params.object_id === undefined || event.related_object?.id === params.object_id)
    .filter((event) => params.types === undefined || params.types.includes(event.type))
    .reverse();
  const limit = params.limit ?? V2_LIMIT;
  const start = params.page === undefined ? 0 : rows.findIndex((event) => event.id === params.page) + 1;
  const data = rows.slice(start, start + limit);
  const next = new URLSearchParams();
  next.set("limit", String(limit));
  if (params.object_id !== undefined) next.set("object_id", params.object_id);
  for (const [index, type] of (params.types ?? []).entries()) next.set(`types[${index}]`, type);
  next.set("page", data.at(-1)?.id ?? "");
  const hasMore = start + limit < rows.length;
  return { data, next_page_url: hasMore ? `${call.url}?${next}` : null, previous_page_url: null };
}

/** `/v1/events` and `/v2/core/events` */
export const EVENT_ROUTES: readonly Route[] = [
  {
    method: "GET",
    pattern: "/v1/events",
    handle: (world, call): WireList<SnapshotEvent> => {
      const shape = { ...LIST_PARAMS, type: optional(text()), types: optional(list(text(), 20)) };
      const params = readParams(shape, call.params);
      const wanted = (type: string) =>
        (params.type === undefined || type === params.type) && (params.types?.includes(type) ?? true);
      const rows = snapshots(world).filter((event) => wanted(event.type));
      return pageOf(rows.reverse(), params, call.url);
    },
  },
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
