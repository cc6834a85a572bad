import { createHmac } from "node:crypto";
import type { DeliveryRecord, EndpointRecord, EventRecord } from "../core/records.ts";
import type { World } from "../core/world.ts";
import { seconds } from "../wire/wire.ts";

/** Bounds one pass; what is left is due in the next. */
const MAX_DELIVERIES = 1_000;

/** Makes the deliveries that are due, one after the other, each signed anew. */
export async function deliverWebhooks(world: World): Promise<void> {
  const now = world.clock.now();
  const due = world.state.deliveries
    .by("pending", "yes")
    .filter((delivery) => delivery.dueAt <= now)
    .toSorted((left, right) => left.dueAt - right.dueAt)
    .slice(0, MAX_DELIVERIES);
  for (const delivery of due) await deliver(world, delivery);
}

async function deliver(world: World, delivery: DeliveryRecord): Promise<void> {
  const { deliveries, endpoints, events } = world.state;
  const endpoint = endpoints.get(delivery.endpoint);
  const event = events.get(delivery.event);
  if (!endpoint?.enabled || !event) {
    deliveries.delete(delivery.id);
    return;
  }
  const status = await send(world, endpoint, event);
  const attempts = delivery.attempts + 1;
  if (status !== null && status >= 200 && status < 300) {
    deliveries.patch(delivery.id, { attempts, state: "delivered", lastStatus: status, answeredAt: world.clock.now() });
    return;
  }
  const waitMs = world.options.webhooks.retryDelaysMs[attempts - 1];
  if (waitMs === undefined) deliveries.patch(delivery.id, { attempts, state: "failed", lastStatus: status });
  else deliveries.patch(delivery.id, { attempts, dueAt: world.clock.now() + waitMs, lastStatus: status });
}

/** The status of the answer; null when there was none in time. A redirect counts as a failure. */
async function send(world: World, endpoint: EndpointRecord, event: EventRecord): Promise<number | null> {
  const body = JSON.stringify(notificationOf(world, event), null, 2);
  const timestamp = seconds(world.clock.now());
  const signature = createHmac("sha256", endpoint.secret).update(`${timestamp}.${body}`).digest("hex");
  try {
    const response = await fetch(endpoint.url, {
      method: "POST",
      headers: { "content-type": "application/json", "stripe-signature": `t=${timestamp},v1=${signature}` },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(world.options.webhooks.timeoutMs),
    });
    // Read to its end, so that the connection can be used again; cancelling would close it.
    await response.arrayBuffer();
    return response.status;
  } catch {
    // Refused, cut or too slow: all the same to the sender, and recorded as an attempt without a status.
    return null;
  }
}

/** A thin event travels without its data: only a fetch shows it. */
function notificationOf(world: World, event: EventRecord): object {
  if (event.family === "snapshot") {
    return { ...event.wire, pending_webhooks: world.state.deliveries.by("event", event.id).length };
  }
  const { data: _onlyFetched, ...notification } = event.wire;
  return notification;
}
