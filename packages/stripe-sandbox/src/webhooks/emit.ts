import type { EndpointRecord, EventRecord } from "../core/records.ts";
import { API_VERSION, newId, type World } from "../core/world.ts";
import { rfc3339, seconds } from "../wire/wire.ts";
import { relatedObject } from "./thin-twin.ts";

/**
 * Records a snapshot event and a delivery to every endpoint that listens to it, and its thin twin when a destination
 * listens to that (Stripe writes every twin; here the others would only fill the list). Returns the snapshot's id.
 */
export function emitSnapshot(world: World, type: string, object: object, createdAtMs?: number): string {
  const createdAt = createdAtMs ?? world.clock.now();
  const id = newId(world, "evt");
  const cause = world.cause;
  const wire = {
    id,
    object: "event" as const,
    api_version: API_VERSION,
    created: seconds(createdAt),
    data: { object: structuredClone(object) },
    livemode: false as const,
    pending_webhooks: 0,
    request: { id: cause?.id ?? null, idempotency_key: cause?.idempotencyKey ?? null },
    type,
  };
  record(world, { id, type, createdAt, family: "snapshot", wire });
  if (isWanted(world, "thin", `v1.${type}`)) {
    emitThin(world, `v1.${type}`, { related: relatedObject(object), snapshotEvent: id });
  }
  const { duplicateEventRate } = world.options.webhooks;
  if (duplicateEventRate > 0 && world.random() < duplicateEventRate) {
    const twin = newId(world, "evt");
    record(world, { id: twin, type, createdAt, family: "snapshot", wire: { ...wire, id: twin } });
  }
  return id;
}

/** Records a thin event, whose `data` only a fetch of the event shows. */
export function emitThin(
  world: World,
  type: string,
  content: {
    related: { id: string; type: string; url: string } | null;
    data?: unknown;
    snapshotEvent?: string;
  },
): string {
  const createdAt = world.clock.now();
  const id = newId(world, "evt");
  const wire = {
    id,
    object: "v2.core.event" as const,
    type,
    livemode: false as const,
    created: rfc3339(createdAt),
    ...(content.snapshotEvent === undefined ? {} : { snapshot_event: content.snapshotEvent }),
    ...(content.related ? { related_object: content.related } : {}),
    ...(content.data === undefined ? {} : { data: content.data }),
  };
  record(world, { id, type, createdAt, family: "thin", wire });
  return id;
}

function listeners(world: World, family: "snapshot" | "thin", type: string): EndpointRecord[] {
  return world.state.endpoints
    .values()
    .filter((endpoint) => endpoint.enabled && endpoint.payload === family)
    .filter((endpoint) => endpoint.enabledEvents.includes("*") || endpoint.enabledEvents.includes(type));
}

function isWanted(world: World, family: "snapshot" | "thin", type: string): boolean {
  return listeners(world, family, type).length > 0;
}

function record(world: World, event: EventRecord): void {
  world.state.events.put(event);
  for (const endpoint of listeners(world, event.family, event.type)) {
    const { reorderRate, duplicateRate } = world.options.webhooks;
    // Held back past the next few deliveries, so that later events overtake it.
    const heldMs = reorderRate > 0 && world.random() < reorderRate ? 1_000 + Math.floor(world.random() * 9_000) : 0;
    const copies = duplicateRate > 0 && world.random() < duplicateRate ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      world.state.deliveries.put({
        id: newId(world, "del"),
        endpoint: endpoint.id,
        event: event.id,
        attempts: 0,
        dueAt: world.clock.now() + heldMs,
        state: "pending",
        answeredAt: null,
        lastStatus: null,
      });
    }
  }
}
