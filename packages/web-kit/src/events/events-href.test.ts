import { expect, test } from "vitest";
import { eventsFilterOf, eventsHref, eventsParams } from "./events-href.ts";

test("a filter survives the address, colons and all", () => {
  const filter = {
    meterKey: "api_requests",
    from: "2026-11-01T00:00:00.000Z",
    to: "2026-11-02T00:00:00.000Z",
    idempotencyKey: "a:b&c=ü",
  };
  expect(eventsFilterOf(new URL(eventsHref("http://page/events", filter)).searchParams)).toEqual(filter);
});

test("empty parts are left out", () => {
  expect(eventsHref("/events", { meterKey: "", from: null })).toBe("/events");
  expect(eventsParams({ idempotencyKey: "k" }).toString()).toBe("key=k");
});

test("an instant that cannot be read is no filter", () => {
  expect(eventsFilterOf(new URLSearchParams("from=yesterday"))).toMatchObject({ from: null, to: null });
});
