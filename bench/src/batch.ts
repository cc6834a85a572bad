import { load, median } from "./load.ts";
import { atLeast, type Result } from "./report.ts";
import { customerName, meterKey } from "./seed.ts";
import { messageOf, type Stack } from "./stack.ts";

const batchSize = 500;
const customers = 1_000;
const query =
  "mutation Bench($input: [RecordUsageInput!]!) { recordUsageBatch(input: $input) { recorded duplicates rejected } }";

function body(run: string): (number: number) => string {
  return (number) =>
    JSON.stringify({
      query,
      variables: {
        input: Array.from({ length: batchSize }, (_, index) => ({
          externalCustomerId: customerName((number * batchSize + index) % customers),
          meterKey,
          quantity: "3",
          occurredAt: new Date(Date.now() - (((number * batchSize + index) % 3_600) + 1) * 1_000).toISOString(),
          idempotencyKey: `${run} ${number} ${index}`,
        })),
      },
    });
}

/** `recordUsageBatch` of 500 over 1,000 customers, against the same SQL run straight by one client. */
export async function batches(stack: Stack, rounds: number, seconds: number): Promise<Result[]> {
  const straight = await stack.start("bench-sql.js");
  const straightRound = async (run: number, count: number): Promise<number> => {
    straight.send({
      batches: count,
      batchSize,
      customers: Array.from({ length: customers }, (_, number) => customerName(number)),
      meterKey,
      run,
    });
    const { elapsedMs } = await messageOf<{ elapsedMs: number }>(straight);
    return (count * batchSize * 1000) / elapsedMs;
  };
  await straightRound(0, 20);
  await load(stack, { connections: 4, seconds: 2, body: body("warm batch") });
  const through: number[] = [];
  const direct: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const { callsPerSecond } = await load(stack, { connections: 4, seconds, body: body(`batch ${round}`) });
    through.push(callsPerSecond * batchSize);
    direct.push(await straightRound(round, seconds * 30));
  }
  straight.kill();
  return [
    atLeast("recordUsageBatch of 500, 1,000 customers: events a second", median(through) / median(direct), 0.8, {
      "recordUsageBatch, events/s": median(through),
      "the same SQL straight, one client, events/s": median(direct),
    }),
  ];
}
