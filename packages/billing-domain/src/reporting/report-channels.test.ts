import { expect, test } from "vitest";
import { type ChannelMove, channelsOfPeriod, usageRecordAction } from "./report-channels.ts";

const DAY = 86_400_000;
const month = (number: number) => ({ startAt: number * 30 * DAY, endAt: (number + 1) * 30 * DAY });
const move: ChannelMove = {
  from: "RECORDS",
  to: "EVENTS",
  shadowSince: month(2).startAt + DAY,
  cutOverAt: month(4).startAt,
  rolledBackAt: null,
};
const told = (number: number, of: ChannelMove | null = move) => {
  const { told, billed } = channelsOfPeriod("RECORDS", of, month(number));
  return `${told.join("+")} ${billed}`;
};

test("a customer that does not move is told one way", () => {
  expect(told(3, null)).toBe("RECORDS RECORDS");
});

test("from the shadow on both are told and the old one is billed; from the cut-over on the new one alone", () => {
  expect([1, 2, 3, 4, 5].map((number) => told(number))).toEqual([
    "RECORDS RECORDS",
    "RECORDS+EVENTS RECORDS",
    "RECORDS+EVENTS RECORDS",
    "EVENTS EVENTS",
    "EVENTS EVENTS",
  ]);
});

test("rolled back, later periods are told the old way, and what was billed the new way stays so", () => {
  const back = { ...move, rolledBackAt: month(5).startAt };
  expect([3, 4, 5, 6].map((number) => told(number, back))).toEqual([
    "RECORDS+EVENTS RECORDS",
    "EVENTS EVENTS",
    "RECORDS RECORDS",
    "RECORDS RECORDS",
  ]);
});

test("a shadow that is never cut over goes on", () => {
  expect(told(9, { ...move, cutOverAt: null })).toBe("RECORDS+EVENTS RECORDS");
});

test("a usage record is set where only we write to it", () => {
  expect(usageRecordAction({ hasThresholds: false, hasOtherWriters: false })).toBe("SET");
  expect(usageRecordAction({ hasThresholds: true, hasOtherWriters: false })).toBe("INCREMENT");
  expect(usageRecordAction({ hasThresholds: false, hasOtherWriters: true })).toBe("INCREMENT");
});
