import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveStateStore, LOST_AFTER_MS } from "./live-state.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a connection that is back within 8 s was never lost, one that is not is", () => {
  const store = new LiveStateStore();
  store.watch();
  store.connecting();
  store.connected();
  store.closed(false);
  vi.advanceTimersByTime(LOST_AFTER_MS - 1);
  expect(store.get()).toBe("CONNECTING");
  store.connected();
  vi.advanceTimersByTime(LOST_AFTER_MS);
  expect(store.get()).toBe("LIVE");
  store.closed(false);
  vi.advanceTimersByTime(LOST_AFTER_MS);
  expect(store.get()).toBe("LOST");
  store.connecting();
  expect(store.get()).toBe("LOST");
  store.connected();
  expect(store.get()).toBe("LIVE");
});

test("it is off when nothing is watched any more, or when it cannot be made again", () => {
  const store = new LiveStateStore();
  const unwatch = store.watch();
  store.connected();
  unwatch();
  unwatch();
  store.closed(false);
  expect(store.get()).toBe("OFF");
  store.watch();
  store.connected();
  store.closed(true);
  vi.advanceTimersByTime(LOST_AFTER_MS);
  expect(store.get()).toBe("OFF");
});
