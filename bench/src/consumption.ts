import { load, median } from "./load.ts";
import { atMost, type Result } from "./report.ts";
import { customerName, meterKey } from "./seed.ts";
import type { Stack } from "./stack.ts";

const few = 1_000;
const many = 1_000_000;
const query =
  "query Bench($customer: String!) { consumption(externalCustomerId: $customer) { total { amountMinor } lines { quantity amount { amountMinor } tiers { quantity } } } }";
const naiveQuery =
  "query Bench($customer: String!, $meter: String!) { naiveTotal(customer: $customer, meterKey: $meter) }";

/** Current-period consumption of a customer with 1,000,000 events against one with 1,000; and a SUM at read beside. */
export async function consumption(
  stack: Stack,
  rounds: number,
  seconds: number,
  say: (text: string) => void,
): Promise<Result[]> {
  const [small, large] = [customerName(900), customerName(901)];
  await fill(stack, small, few, say);
  await fill(stack, large, many, say);
  const ask = (customer: string) => () => JSON.stringify({ query, variables: { customer } });
  const askNaively = (customer: string) => () =>
    JSON.stringify({ query: naiveQuery, variables: { customer, meter: meterKey } });
  const p50 = { small: [] as number[], large: [] as number[], naive: [] as number[] };
  for (const customer of [small, large]) await load(stack, { connections: 4, seconds: 1, body: ask(customer) });
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, customer] of [
      ["small", small],
      ["large", large],
    ] as const) {
      p50[name].push(4_000 / (await load(stack, { connections: 4, seconds, body: ask(customer) })).callsPerSecond);
    }
  }
  p50.naive.push(4_000 / (await load(stack, { connections: 4, seconds, body: askNaively(large) })).callsPerSecond);
  return [
    atMost(
      "consumption of the current period: 1,000,000 events against 1,000",
      median(p50.large) / median(p50.small),
      1.5,
      {
        "1,000,000 events, mean ms of 4 clients": median(p50.large),
        "1,000 events, mean ms of 4 clients": median(p50.small),
        "the naive way (SUM at read) at 1,000,000, ms": median(p50.naive),
      },
    ),
  ];
}

/** Gives a customer events by the API's own batches, and the naive table as many rows. */
async function fill(stack: Stack, customer: string, count: number, say: (text: string) => void): Promise<void> {
  const batch = 1_000;
  const startedAt = performance.now();
  let sent = 0;
  const sender = async () => {
    while (sent < count) {
      const from = sent;
      sent += batch;
      const items = Array.from({ length: batch }, (_, index) => ({
        externalCustomerId: customer,
        meterKey,
        quantity: "1",
        occurredAt: new Date(Date.now() - ((from + index) % 86_400) * 1_000).toISOString(),
        idempotencyKey: `fill ${from + index}`,
      }));
      await post(stack, items);
      if (from % 100_000 === 0 && from > 0) {
        const secondsLeft = ((performance.now() - startedAt) / 1000 / from) * (count - from);
        say(`${from.toLocaleString("en")} of ${count.toLocaleString("en")} events, ${Math.ceil(secondsLeft)} s left`);
      }
    }
  };
  await Promise.all([sender(), sender(), sender()]);
  await stack.client.query(
    "INSERT INTO naive_event (customer, meter, quantity, occurred_at) SELECT $1, $2, 1, now() FROM generate_series(1, $3::int)",
    [customer, meterKey, count],
  );
  await stack.client.query("ANALYZE");
}

async function post(stack: Stack, input: object[]): Promise<void> {
  const response = await fetch(stack.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${stack.apiKey}` },
    body: JSON.stringify({
      query: "mutation Fill($input: [RecordUsageInput!]!) { recordUsageBatch(input: $input) { recorded } }",
      variables: { input },
    }),
  });
  const answer = (await response.json()) as { data?: { recordUsageBatch: { recorded: number } } };
  if (answer.data?.recordUsageBatch.recorded !== input.length)
    throw new Error(`a batch was not recorded: ${JSON.stringify(answer)}`);
}
