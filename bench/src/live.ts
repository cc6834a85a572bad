import { Agent, request } from "node:http";
import { WebSocket } from "ws";
import { atMost, type Result } from "./report.ts";
import { customerName, meterKey } from "./seed.ts";
import { type Stack, startStack } from "./stack.ts";

export const subscribers = 1_000;
const manySubscribers = 10_000;
export const eventsPerSecond = 500;
/** Of each customer; 100 units each, on an allowance of 1,000: the 8th crosses 80 %, the 10th crosses 100 %. */
const eventsPerCustomer = 10;
export const crossing = [8, 10];
/** Sent together; a smaller tick would mostly measure the timer. */
const tickMs = 20;
const waitMs = 30_000;
/** Connections made at once, so that none waits for its turn longer than the server lets it. */
const connectTogether = 50;

const query = `subscription Bench($id: ID!) { limitAlerts(customerId: $id) { sequence thresholdPercent crossedAt } }`;

/** A live subscriber; `onAlert` hears of each alert as it arrives. */
type Subscriber = { socket: WebSocket; customer: number };

/** From the answer to the event that crosses a threshold to the alert at a live subscriber, while usage goes on. */
export async function live(say: (text: string) => void): Promise<Result[]> {
  const stack = await startStack(subscribers, { LIVE_MAX_CONNECTIONS_PER_KEY: "20000" });
  try {
    const ids = await customerIds(stack);
    const empty = await residentBytes(stack);
    const arrivedAt = new Map<string, number>();
    const seen = new Map<number, number>();
    const watchers = await connect(stack, ids, subscribers, (customer) => {
      const count = (seen.get(customer) ?? 0) + 1;
      seen.set(customer, count);
      arrivedAt.set(`${customer} ${crossing[count - 1]}`, performance.now());
    });
    const connected = await residentBytes(stack);
    const cpuBefore = await metricOf(stack, "process_cpu_seconds_total");
    const startedAt = performance.now();
    const answeredAt = await sendUsage(stack, say);
    const expected = subscribers * crossing.length;
    await until(() => arrivedAt.size >= expected);
    const elapsedSeconds = (performance.now() - startedAt) / 1_000;
    const cpuSeconds = (await metricOf(stack, "process_cpu_seconds_total")) - cpuBefore;
    const latencies = [...arrivedAt]
      .map(([key, at]) => Math.max(0, at - (answeredAt.get(key) ?? at)))
      .toSorted(byNumber);
    const loaded = await residentBytes(stack);
    say(`${manySubscribers.toLocaleString("en")} subscribers, for the memory …`);
    watchers.push(...(await connect(stack, ids, manySubscribers - subscribers, () => undefined)));
    const many = await residentBytes(stack);
    for (const { socket } of watchers) socket.terminate();
    const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
    return [
      atMost("event answered → alert at a live subscriber, p99 in seconds", p99 / 1_000, 1, {
        "live subscribers": subscribers,
        "events/s that were sent": eventsPerSecond,
        alerts: latencies.length,
        "p50, ms": latencies[latencies.length >> 1] ?? Number.NaN,
        "p99, ms": p99,
        "most, ms": latencies.at(-1) ?? Number.NaN,
        "events/s that were answered": (subscribers * eventsPerCustomer) / elapsedSeconds,
        "CPU of the API, cores": cpuSeconds / elapsedSeconds,
        "memory before, MB": megabytes(empty),
        "memory with 1,000 connected, MB": megabytes(connected),
        "memory after the run, MB": megabytes(loaded),
        "memory with 10,000 connected, MB": megabytes(many),
      }),
    ];
  } finally {
    await stack.stop();
  }
}

export async function customerIds(stack: Stack): Promise<string[]> {
  const { rows } = await stack.client.query<{ id: string; external_id: string }>(
    "SELECT id, external_id FROM customer",
  );
  const byName = new Map(rows.map((row) => [row.external_id, row.id]));
  return Array.from({ length: subscribers }, (_, number) => byName.get(customerName(number)) ?? "");
}

async function connect(
  stack: Stack,
  ids: readonly string[],
  count: number,
  onAlert: (customer: number) => void,
): Promise<Subscriber[]> {
  const made: Subscriber[] = [];
  for (let from = 0; from < count; from += connectTogether) {
    const some = Array.from(
      { length: Math.min(connectTogether, count - from) },
      (_, index) => (from + index) % ids.length,
    );
    made.push(
      ...(await Promise.all(some.map((customer) => connectOne(stack, ids[customer] ?? "", customer, onAlert)))),
    );
  }
  return made;
}

function connectOne(
  stack: Stack,
  id: string,
  customer: number,
  onAlert: (customer: number) => void,
): Promise<Subscriber> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(stack.url.replace("http", "ws"), "graphql-transport-ws");
    socket.on("error", reject);
    socket.on("open", () =>
      socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${stack.apiKey}` } })),
    );
    socket.on("close", (code) => reject(new Error(`a subscriber was closed with ${code}`)));
    socket.on("message", (bytes) => {
      const { type } = JSON.parse(String(bytes)) as { type: string };
      if (type === "next") return onAlert(customer);
      if (type === "error") return reject(new Error(String(bytes)));
      if (type !== "connection_ack") return undefined;
      socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query, variables: { id } } }));
      resolve({ socket, customer });
    });
  });
}

/** Sends every customer's events in rounds at the rate; answers when each event was answered, by customer and number. */
export async function sendUsage(stack: Stack, say: (text: string) => void): Promise<Map<string, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const answeredAt = new Map<string, number>();
  const total = subscribers * eventsPerCustomer;
  const startedAt = performance.now();
  const sent: Promise<void>[] = [];
  while (sent.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1_000) * eventsPerSecond));
    while (sent.length < due) {
      const customer = sent.length % subscribers;
      const number = Math.floor(sent.length / subscribers) + 1;
      sent.push(record(stack, agent, customer, number).then((at) => void answeredAt.set(`${customer} ${number}`, at)));
    }
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
  await Promise.all(sent);
  agent.destroy();
  say(`${total.toLocaleString("en")} events in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return answeredAt;
}

const mutation = "mutation Bench($input: RecordUsageInput!) { recordUsage(input: $input) { outcome } }";

/** Records 100 units; answers when the answer had come. */
function record(stack: Stack, agent: Agent, customer: number, number: number): Promise<number> {
  const input = {
    externalCustomerId: customerName(customer),
    meterKey,
    quantity: "100",
    idempotencyKey: `live ${customer} ${number}`,
  };
  const headers = { "content-type": "application/json", authorization: `Bearer ${stack.apiKey}` };
  return new Promise((resolve, reject) => {
    const call = request(stack.url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part.toString()));
      response.on("end", () => {
        if (text.includes('"RECORDED"')) resolve(performance.now());
        else reject(new Error(`not recorded: ${text}`));
      });
    });
    call.on("error", reject);
    call.end(JSON.stringify({ query: mutation, variables: { input } }));
  });
}

function residentBytes(stack: Stack): Promise<number> {
  return metricOf(stack, "process_resident_memory_bytes");
}

async function metricOf(stack: Stack, name: string): Promise<number> {
  const text = await (await fetch(stack.url.replace("/graphql", "/metrics"))).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("alerts did not arrive in time");
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
}

const byNumber = (left: number, right: number): number => left - right;
const megabytes = (bytes: number): number => bytes / 1_048_576;
