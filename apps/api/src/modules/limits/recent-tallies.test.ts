import { decimal, type LimitTally, ZERO } from "@meterline/billing-domain";
import { describe, expect, test } from "vitest";
import type { Hearing, NudgeListener } from "../../platform/live/index.ts";
import { RecentTallies } from "./recent-tallies.ts";
import { tallyKey, type TallyRequest } from "./tally-request.ts";

class Changes implements Hearing {
  isHearing = true;
  heard: NudgeListener = () => {};
  listen(listener: NudgeListener): () => void {
    this.heard = listener;
    return () => {};
  }
}

const window = { startAt: 0, endAt: 1_000 };

function request(customerId: string, aggregation = "SUM"): TallyRequest {
  const limit = { id: "one", source: "PLAN", definition: { policy: "HARD", meterKey: "calls", quantity: "10" } };
  return { profile: { customerId }, meter: { id: "m", definition: { aggregation } }, limit, window } as never;
}

function tally(of: TallyRequest, used: string, held = ZERO): [string, LimitTally] {
  const { limit } = of;
  return [tallyKey(of), { kind: "UNITS", limit, window, used: decimal(used), held, latestAt: null, seen: new Set() }];
}

/** Reads `used` for each, with `during` happening between the read's beginning and its end. */
const read = (recent: RecentTallies, of: TallyRequest[], used: string, during: () => void = () => {}) =>
  recent.read(of, async () => {
    during();
    return new Map(of.map((one) => tally(one, used)));
  });

const usedOf = (recent: RecentTallies, ...of: TallyRequest[]) =>
  [...(recent.find(of)?.values() ?? [])].map((one) => one.kind === "UNITS" && one.used?.toFixed());

describe("a tally that was read", () => {
  test("is remembered until something of its customer changes, and of no other", async () => {
    const changes = new Changes();
    const recent = new RecentTallies(changes);
    const [ada, bob] = [request("ada"), request("bob")];
    await read(recent, [ada, bob], "3");
    expect(usedOf(recent, ada, bob)).toEqual(["3", "3"]);
    changes.heard(["ada"], "USAGE");
    expect(usedOf(recent, ada)).toEqual([]);
    expect(usedOf(recent, bob)).toEqual(["3"]);
    changes.heard("ALL", "BILLING");
    expect(usedOf(recent, bob)).toEqual([]);
  });

  test("is no answer for who asks for another as well", async () => {
    const recent = new RecentTallies(new Changes());
    await read(recent, [request("ada")], "3");
    expect(recent.find([request("ada"), request("bob")])).toBeNull();
  });

  test.each([[["ada"]], ["ALL" as const]])(
    "is not remembered when its customer changed while it was read (%s)",
    async (whose) => {
      const changes = new Changes();
      const recent = new RecentTallies(changes);
      await read(recent, [request("ada")], "3", () => changes.heard(whose, "USAGE"));
      expect(usedOf(recent, request("ada"))).toEqual([]);
      await read(recent, [request("ada")], "4");
      expect(usedOf(recent, request("ada"))).toEqual(["4"]);
    },
  );

  test("is no answer while the other processes are not heard", async () => {
    const changes = new Changes();
    const recent = new RecentTallies(changes);
    await read(recent, [request("ada")], "3");
    changes.isHearing = false;
    expect(recent.find([request("ada")])).toBeNull();
  });

  test("is read each time when something is held, which expires by itself, or when it depends on the value asked about", async () => {
    const recent = new RecentTallies(new Changes());
    const [ada, seats] = [request("ada"), request("bob", "UNIQUE_COUNT")];
    await recent.read([ada], async () => new Map([tally(ada, "3", decimal("2"))]));
    await read(recent, [seats], "3");
    expect(recent.find([ada])).toBeNull();
    expect(recent.find([seats])).toBeNull();
  });

  test("is not gone back to after a later read of what is not remembered", async () => {
    const recent = new RecentTallies(new Changes());
    const ada = request("ada");
    await read(recent, [ada], "3");
    await recent.read([ada], async () => new Map([tally(ada, "4", decimal("2"))]));
    expect(recent.find([ada])).toBeNull();
  });
});
