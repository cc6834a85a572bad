import { METERS } from "./consumption-fixture.ts";

const usd = (amountMinor: string) => ({ amountMinor, currency: "USD" });

/** A bill that is expected to reach 471.20 dollars, and a meter that will cross its limit. */
export const PROJECTION = {
  period: { start: "2026-11-01T00:00:00.000Z", end: "2026-12-01T00:00:00.000Z", state: "OPEN" },
  soFar: usd("38001"),
  low: usd("45900"),
  expected: usd("47120"),
  high: usd("48800"),
  words: "About $471.20 by the end of November.",
  computedAt: "2026-11-23T14:32:00.000Z",
  lines: [
    {
      meterKey: "api_requests",
      meter: METERS.requests,
      usedQuantity: "73402118",
      lowQuantity: "90000000",
      expectedQuantity: "95000000",
      highQuantity: "99000000",
      low: usd("30000"),
      expected: usd("31000"),
      high: usd("32000"),
      path: [],
      method: "PATTERN",
      daysKnown: 60,
      basis: "From the usual week of the last 60 days.",
      crossings: [
        {
          basis: "LIMIT",
          limitId: "plan-1.0",
          threshold: "80000000",
          crossing: {
            earliest: "2026-11-24T00:00:00.000Z",
            expected: "2026-11-25T00:00:00.000Z",
            latest: "2026-11-26T00:00:00.000Z",
          },
          words: "At this pace you cross 80,000,000 requests on about 25 Nov (24th–26th).",
        },
      ],
    },
  ],
};
