import { channelsOfPeriod, type EpochMs } from "@meterline/billing-domain";
import type { Sql } from "../../platform/database/index.ts";
import type { ChannelMoves } from "./channel-move.repository.ts";

type Period = { customerId: string; startAt: EpochMs; endAt: EpochMs };

/** For those who bring subscriptions to Stripe: whose periods are billed by usage records though the meter's own are not. */
export function recordBilling(moves: ChannelMoves) {
  return {
    /**
     * From a period on a customer is told by records, as one that was moved there: its way back to meters is a move like
     * any other. One that moves already is left as it is.
     */
    async begin(sql: Sql, of: { customerId: string; startAt: EpochMs; now: EpochMs }): Promise<void> {
      const running = (await moves.ofCustomers(sql, [of.customerId])).get(of.customerId);
      if (running !== undefined) return;
      await moves.begin(sql, { customerId: of.customerId, from: "EVENTS", to: "RECORDS", now: of.now });
      const begun = (await moves.ofCustomers(sql, [of.customerId])).get(of.customerId);
      if (begun === undefined) throw new Error("Invariant broken: a move that was begun is running");
      await moves.set(sql, begun, { cutOverAt: of.startAt, rolledBackAt: null, endedAt: null, renewal: null });
    },

    async isBilled(sql: Sql, period: Period): Promise<boolean> {
      const move = (await moves.ofCustomers(sql, [period.customerId])).get(period.customerId) ?? null;
      return channelsOfPeriod("EVENTS", move, period).billed === "RECORDS";
    },
  };
}
