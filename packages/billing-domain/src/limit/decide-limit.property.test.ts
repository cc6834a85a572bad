import * as fc from "fast-check";
import { expect, test } from "vitest";
import { rateBill } from "../bill.ts";
import { decimal, sumDecimals, ZERO } from "../decimal.ts";
import { majorAmount } from "../money.ts";
import { boundedCard, decimalText, signedText } from "../rating/cards.testing.ts";
import { decideLimit, type LimitRequest } from "./decide-limit.ts";
import { chargeNeverFalls } from "./limit-rules.ts";
import { type LimitTally, takenOf, usedOf } from "./limit-tally.ts";
import { moneyTally, planOf, unitTally, usageOf } from "./limits.testing.ts";
import { drawOn, type Hold, heldUnits } from "./reservation.ts";

const quantity = signedText(30n, 3);

test("never over, and never refused while there was room: units of any order, with both signs", () => {
  fc.assert(
    fc.property(fc.array(quantity, { maxLength: 40 }), decimalText(100n, 3), (quantities, bound) => {
      let tallies: readonly LimitTally[] = [unitTally({ quantity: bound })];
      let used = ZERO;
      for (const text of quantities) {
        const asked = decimal(text);
        const decision = decideLimit(tallies, { usage: usageOf(text), what: "RECORD" });
        const fits = !asked.gt(ZERO) || !used.plus(asked).gt(decimal(bound));
        expect(decision.fits).toBe(fits);
        if (fits) used = used.plus(asked);
        tallies = decision.tallies;
        expect(usedOf(tallies[0] as LimitTally).eq(used)).toBe(true);
        expect(used.gt(decimal(bound))).toBe(false);
      }
    }),
  );
});

test("several limits decide together: fits exactly when each alone would", () => {
  fc.assert(
    fc.property(
      fc.array(decimalText(30n, 2)),
      fc.array(decimalText(90n, 2), { minLength: 1, maxLength: 4 }),
      (asked, bounds) => {
        let tallies: readonly LimitTally[] = bounds.map((bound, index) =>
          unitTally({ id: `${index}`, quantity: bound }),
        );
        for (const text of asked) {
          const request: LimitRequest = { usage: usageOf(text), what: "RECORD" };
          const alone = tallies.every((tally) => decideLimit([tally], request).fits);
          const decision = decideLimit(tallies, request);
          expect(decision.fits).toBe(alone);
          tallies = decision.tallies;
        }
      },
    ),
  );
});

test("a card that is said never to get cheaper never does", () => {
  fc.assert(
    fc.property(boundedCard, decimalText(1_000n, 3), decimalText(1_000n, 3), (card, few, more) => {
      fc.pre(chargeNeverFalls(card));
      const plan = planOf({ ...card, meterKey: "calls" });
      const bill = (used: ReturnType<typeof decimal>) =>
        rateBill(plan, new Map([["calls", { quantity: used, eventCount: 1n }]])).total.amountMinor;
      expect(bill(decimal(few).plus(decimal(more)))).toBeGreaterThanOrEqual(bill(decimal(few)));
    }),
  );
});

test("money: accepted exactly when the bill with it stays at or under the limit", () => {
  fc.assert(
    fc.property(
      boundedCard,
      fc.array(decimalText(300n, 2), { maxLength: 12 }),
      decimalText(5_000n, 2),
      (card, asked, amount) => {
        fc.pre(chargeNeverFalls(card));
        const plan = planOf({ ...card, meterKey: "calls" });
        let tallies: readonly LimitTally[] = [moneyTally(plan, { amount })];
        let used = ZERO;
        for (const text of asked) {
          const next = used.plus(decimal(text));
          const billOf = (total: typeof next) =>
            majorAmount(rateBill(plan, new Map([["calls", { quantity: total, eventCount: 1n }]])).total);
          const decision = decideLimit(tallies, { usage: usageOf(text), what: "RECORD" });
          // What adds nothing to the bill fits also where a minimum or a flat fee alone is past the limit.
          expect(decision.fits).toBe(!billOf(next).gt(decimal(amount)) || billOf(next).eq(billOf(used)));
          if (decision.fits) used = next;
          tallies = decision.tallies;
        }
      },
    ),
  );
});

test("holds: what is used and held never passes the limit, and ends with what was committed", () => {
  const step = fc.record({ held: decimalText(20n, 2), committed: decimalText(25n, 2), commit: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let tallies: readonly LimitTally[] = [unitTally({ quantity: "50" })];
      const committed: ReturnType<typeof decimal>[] = [];
      const holds: { hold: Hold; wanted: string; commit: boolean }[] = [];
      const within = () => expect(takenOf(tallies[0] as LimitTally).gt(decimal("50"))).toBe(false);
      for (const { held, committed: wanted, commit } of steps) {
        const decision = decideLimit(tallies, { usage: usageOf(held), what: "HOLD" });
        tallies = decision.tallies;
        within();
        const hold: Hold = { kind: "RESERVATION", state: "HELD", quantity: decimal(held), drawn: ZERO, expiresAt: 100 };
        if (decision.fits) holds.push({ hold, wanted, commit });
      }
      for (const { hold, wanted, commit } of holds) {
        const text = commit ? wanted : "0";
        const draw = drawOn(hold, decimal(text), 50);
        const request: LimitRequest = {
          usage: usageOf(text),
          what: "RECORD",
          releasedUnits: draw.released,
          promisedUnits: draw.promised,
        };
        const decision = decideLimit(tallies, request);
        if (!decimal(text).gt(hold.quantity)) expect(decision.fits).toBe(true);
        if (decision.fits) committed.push(decimal(text));
        tallies = decision.tallies;
        within();
      }
      expect(usedOf(tallies[0] as LimitTally).eq(sumDecimals(committed))).toBe(true);
    }),
  );
});

test("a lease promises its units in any parts, no more, and its end gives back what is left", () => {
  fc.assert(
    fc.property(decimalText(50n, 2), fc.array(decimalText(20n, 2), { maxLength: 10 }), (granted, draws) => {
      let hold: Hold = { kind: "LEASE", state: "HELD", quantity: decimal(granted), drawn: ZERO, expiresAt: 100 };
      for (const text of draws) {
        const draw = drawOn(hold, decimal(text), 50);
        expect(draw.promised.eq(hold.quantity.minus(hold.drawn))).toBe(true);
        if (decimal(text).gt(draw.promised)) continue;
        hold = { ...hold, drawn: hold.drawn.plus(decimal(text)) };
        expect(heldUnits(hold, 50).plus(hold.drawn).eq(decimal(granted))).toBe(true);
      }
      expect(heldUnits(hold, 100).eq(ZERO)).toBe(true);
    }),
  );
});
