import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedUsage, recountedUsage } from "../../testing/derived-usage.ts";
import {
  newCustomer,
  outcomeWord,
  record,
  startTestSystem,
  type TestSystem,
  usageItem,
} from "../../testing/test-system.ts";
import { MAX_COMBINATIONS, OTHER_COMBINATION } from "./dimension-registry.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system.close());

describe("exactly once", () => {
  it("the same 400 keys sent by 12 writers over two processes count once each", async () => {
    const processes = [system.container, await system.another()];
    const customers = await Promise.all([1, 2, 3, 4].map(() => newCustomer(system, { planKey: "standard" })));
    const items = Array.from({ length: 400 }, (_, index) =>
      usageItem({
        customerId: customers[index % 4] ?? "",
        idempotencyKey: `race ${index}`,
        quantity: String(index + 1),
        meterKey: index % 5 === 0 ? "users" : "calls",
        properties: index % 5 === 0 ? { user: `u${index % 30}` } : { model: `m${index % 3}`, region: "eu" },
        ...(index % 5 === 0 ? { quantity: "1" } : {}),
      }),
    );
    const writers = Array.from({ length: 12 }, async (_, writer) => {
      const words: string[] = [];
      const shuffled = items.toSorted((left, right) =>
        left.idempotencyKey + writer > right.idempotencyKey + writer ? 1 : -1,
      );
      for (let from = 0; from < shuffled.length; from += 50) {
        const process = processes[(writer + from) % 2] ?? system.container;
        words.push(...(await record(process, ...shuffled.slice(from, from + 50))).map(outcomeWord));
      }
      return words;
    });
    const words = (await Promise.all(writers)).flat();
    expect(words.filter((word) => word === "RECORDED")).toHaveLength(400);
    expect(words.filter((word) => word === "DUPLICATE")).toHaveLength(400 * 11);
    for (const customerId of customers) {
      expect(await derivedUsage(system.container.database, customerId)).toEqual(
        await recountedUsage(system.container.database, customerId),
      );
    }
  });

  it("usage recorded while the customer's plan changes is placed in the periods that then hold", async () => {
    const { container } = system;
    const other = await system.another();
    const customerId = await newCustomer(system);
    const usage = Array.from({ length: 30 }, (_, index) =>
      record(
        index % 2 === 0 ? container : other,
        usageItem({ customerId, occurredAt: `2026-03-${String(1 + (index % 15)).padStart(2, "0")}T11:00:00Z` }),
      ),
    );
    const startsAt = Date.parse("2026-03-07T09:30:00Z");
    const change = container.subscriptions.create(
      null,
      { customerId, externalCustomerId: null },
      { planKey: "weekly", startsAt, anchorAt: startsAt },
    );
    const outcomes = (await Promise.all([...usage, change.then(() => [])])).flat();
    expect(outcomes.map(outcomeWord)).toEqual(outcomes.map(() => "RECORDED"));
    expect(await derivedUsage(container.database, customerId)).toEqual(
      await recountedUsage(container.database, customerId),
    );
  });

  it("levels sent at once by two processes are all in the area", async () => {
    const processes = [system.container, await system.another()];
    const customerId = await newCustomer(system, { planKey: "standard" });
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        record(
          processes[index % 2] ?? system.container,
          usageItem({
            customerId,
            meterKey: "seats",
            quantity: String(index),
            occurredAt: `2026-03-10T12:0${index % 10}:${10 + index}Z`,
          }),
        ),
      ),
    );
    expect(await derivedUsage(system.container.database, customerId)).toEqual(
      await recountedUsage(system.container.database, customerId),
    );
  });

  it("combinations past the bound are counted together, and the total holds everything", async () => {
    const { container } = system;
    const customerId = await newCustomer(system, { planKey: "standard" });
    const items = Array.from({ length: MAX_COMBINATIONS + 5 }, (_, index) =>
      usageItem({ customerId, properties: { model: `model-${index}`, region: "eu" } }),
    );
    for (let from = 0; from < items.length; from += 500) await record(container, ...items.slice(from, from + 500));
    const rows = await container.database.query<{ dimension_key: string; event_count: string }>(
      "SELECT dimension_key, event_count FROM usage_period_total WHERE customer_id = $1",
      [customerId],
    );
    expect(rows).toHaveLength(1 + MAX_COMBINATIONS + 1);
    expect(rows.find((row) => row.dimension_key === "")?.event_count).toBe("1005");
    expect(rows.find((row) => row.dimension_key === OTHER_COMBINATION)?.event_count).toBe("5");
  });
});

describe("taking usage back", () => {
  it("a void takes the event out of the total, and a second void of it is a DUPLICATE", async () => {
    const { container } = system;
    const customerId = await newCustomer(system, { planKey: "standard" });
    const [kept, wrong] = await record(
      container,
      usageItem({ customerId, quantity: "3" }),
      usageItem({ customerId, quantity: "40" }),
    );
    const eventId = wrong?.outcome === "RECORDED" ? wrong.event.id : "";
    const request = { customerId, eventId, reason: "counted twice", idempotencyKey: "void-1" };
    const words = [];
    for (const idempotencyKey of ["void-1", "void-1", "void-2"])
      words.push(outcomeWord(await container.voids.voidEvent({ ...request, idempotencyKey })));
    expect(words).toEqual(["RECORDED", "DUPLICATE", "DUPLICATE"]);
    const { totals } = await derivedUsage(container.database, customerId);
    expect(totals).toMatchObject([
      { quantity_sum: "3", event_count: "1", dimension_key: "" },
      { dimension_key: '["",""]' },
    ]);
    expect(kept?.outcome).toBe("RECORDED");
  });

  it("the maximum of what is left stands after the greatest was taken back", async () => {
    const { container } = system;
    const customerId = await newCustomer(system, { planKey: "standard" });
    const outcomes = await record(
      container,
      ...["5", "9", "7"].map((quantity) => usageItem({ customerId, meterKey: "peak", quantity })),
    );
    const greatest = outcomes[1]?.outcome === "RECORDED" ? outcomes[1].event.id : "";
    await container.voids.voidEvent({
      customerId,
      eventId: greatest,
      reason: "a wrong reading",
      idempotencyKey: "void",
    });
    const { totals } = await derivedUsage(container.database, customerId);
    expect(totals).toMatchObject([{ quantity_max: "7", event_count: "2" }]);
  });

  it("a void cannot be taken back, and an unknown event is not found", async () => {
    const { container } = system;
    const customerId = await newCustomer(system);
    const [outcome] = await record(container, usageItem({ customerId }));
    const eventId = outcome?.outcome === "RECORDED" ? outcome.event.id : "";
    const voided = await container.voids.voidEvent({ customerId, eventId, reason: "wrong", idempotencyKey: "v" });
    const voidId = voided.outcome === "RECORDED" ? voided.event.id : "";
    const again = (id: string) =>
      container.voids.voidEvent({ customerId, eventId: id, reason: "wrong", idempotencyKey: `v ${id}` });
    await expect(again(voidId)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await expect(again("01890000-0000-7000-8000-000000000000")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
