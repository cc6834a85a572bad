import { type Decimal, decimal, formatDecimal, roundHalfUp } from "@meterline/billing-domain";
import type { Container } from "../container.ts";
import { instantText } from "../modules/usage/index.ts";
import { demoCustomers } from "./demo-customers.ts";

/** Of the limit: where the traffic of an hour begins, and what each step adds. */
const firstPart = decimal("0.76");
const stepPart = decimal("0.01");
const stepMs = 2_000;
/** Between two tries once nothing fits any more. */
const refusedMs = 30_000;

/**
 * Plays the backend of the demo customer that has a limit of an hour: it comes near it within seconds, passes its
 * warnings while one watches, and is refused at the limit until the hour is over.
 */
export function startDemoTraffic(container: Container): { close(): Promise<void> } {
  const customer = demoCustomers.find((one) => one.hourlyLimit !== undefined);
  let timer: NodeJS.Timeout | undefined;
  let step: Promise<void> = Promise.resolve();
  let closed = false;
  const goOn = async () => {
    if (customer?.hourlyLimit === undefined) return;
    let delayMs = refusedMs;
    try {
      delayMs = await takeStep(container, customer.externalId, customer.hourlyLimit);
    } catch (error) {
      container.logger.warn({ err: error }, "the demo's traffic failed once");
    }
    plan(delayMs);
  };
  const plan = (delayMs: number) => {
    if (!closed) timer = setTimeout(() => (step = goOn()), delayMs);
  };
  plan(stepMs);
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await step;
    },
  };
}

/** Records a little; answers how long to wait before the next step. */
async function takeStep(
  container: Container,
  externalCustomerId: string,
  limit: { meterKey: string; quantity: string },
): Promise<number> {
  const [profile] = await container.profiles.find([{ customerId: null, externalCustomerId }]);
  // A system that was seeded before there was such a customer.
  if (!profile) return refusedMs;
  const { meterKey } = limit;
  const question = { meterKey, quantity: "1", properties: null };
  const standing = await container.limiting.reader.check(profile, question);
  const quantity = stepQuantity(decimal(standing.used), decimal(limit.quantity));
  const now = container.clock.now();
  const [outcome] = await container.ingestion.record(
    [
      {
        customerId: null,
        externalCustomerId,
        meterKey,
        quantity: formatDecimal(quantity),
        occurredAt: null,
        idempotencyKey: `demo live ${instantText(now)}`,
        properties: { model: "m-small" },
      },
    ],
    { mayBackfill: false },
  );
  return outcome?.outcome === "REJECTED" ? refusedMs : stepMs;
}

/** Up to where it begins at once, then step by step. */
function stepQuantity(used: Decimal, limit: Decimal): Decimal {
  const missing = limit.times(firstPart).minus(used);
  return roundHalfUp(missing.gt("0") ? missing : limit.times(stepPart), 0);
}
