import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { crossing, customerIds, eventsPerSecond, sendUsage, subscribers } from "./live.ts";
import { atMost, type Result } from "./report.ts";
import { type Stack, startStack } from "./stack.ts";

const waitMs = 60_000;
const createTogether = 20;

/** From the answer to the event that crosses a threshold to its webhook at the customer's endpoint, while usage goes on. */
export async function alerts(say: (text: string) => void): Promise<Result[]> {
  const stack = await startStack(subscribers, { RUN_WORKER: "true", WEBHOOK_ALLOW_LOOPBACK: "true" });
  const arrivedAt = new Map<string, number>();
  const hook = await startHook((customerId, percent) => arrivedAt.set(`${customerId} ${percent}`, performance.now()));
  try {
    const ids = await customerIds(stack);
    for (let from = 0; from < ids.length; from += createTogether) {
      await Promise.all(ids.slice(from, from + createTogether).map((id) => createEndpoint(stack, id, hook.url)));
    }
    const answeredAt = await sendUsage(stack, say);
    const expected = subscribers * crossing.length;
    await until(() => arrivedAt.size >= expected);
    const latencies = ids
      .flatMap((id, customer) =>
        ["80", "100"].map((percent, index) => {
          const answered = answeredAt.get(`${customer} ${crossing[index]}`) ?? Number.NaN;
          return Math.max(0, (arrivedAt.get(`${id} ${percent}`) ?? Number.POSITIVE_INFINITY) - answered);
        }),
      )
      .toSorted((left, right) => left - right);
    const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
    return [
      atMost("event answered → signed webhook delivered, p99 in seconds", p99 / 1_000, 5, {
        endpoints: subscribers,
        "events/s": eventsPerSecond,
        webhooks: arrivedAt.size,
        "p50, ms": latencies[latencies.length >> 1] ?? Number.NaN,
        "p99, ms": p99,
        "most, ms": latencies.at(-1) ?? Number.NaN,
      }),
    ];
  } finally {
    hook.server.closeAllConnections();
    hook.server.close();
    await stack.stop();
  }
}

/** A customer's system: accepts everything, and says what came. */
async function startHook(
  onAlert: (customerId: string, percent: string) => void,
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      response.writeHead(204).end();
      const { type, data } = JSON.parse(body) as {
        type: string;
        data: { customerId: string; thresholdPercent: string };
      };
      if (type === "limit.alert") onAlert(data.customerId, data.thresholdPercent);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

async function createEndpoint(stack: Stack, customerId: string, url: string): Promise<void> {
  const query = `mutation Endpoint($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { secret } }`;
  const response = await fetch(stack.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${stack.apiKey}` },
    body: JSON.stringify({ query, variables: { input: { customerId, url } } }),
  });
  const answer = (await response.json()) as { errors?: unknown };
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (!condition() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
}
