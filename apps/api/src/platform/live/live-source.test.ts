import { expect, test } from "vitest";
import { LiveSource } from "./live-source.ts";

const done = { value: undefined, done: true };

test("values come one at a time, when they are asked for", async () => {
  const queue = [1, 2];
  const source = new LiveSource(
    () => queue.shift(),
    () => undefined,
  );
  expect(await source.next()).toEqual({ value: 1, done: false });
  expect(queue).toEqual([2]);
  expect(await source.next()).toEqual({ value: 2, done: false });
});

test("a wake while it looks is not slept through", async () => {
  const queue: number[] = [];
  let looks = 0;
  const source: LiveSource<number> = new LiveSource(
    async () => {
      looks += 1;
      const found = queue.shift();
      if (looks === 1) {
        queue.push(7);
        source.wake();
      }
      return found;
    },
    () => undefined,
  );
  expect(await source.next()).toEqual({ value: 7, done: false });
  expect(looks).toBe(2);
});

test("it ends at once while it waits, and says so once", async () => {
  let ended = 0;
  const source = new LiveSource<number>(
    () => undefined,
    () => (ended += 1),
  );
  const next = source.next();
  await source.return();
  await source.return();
  expect(await next).toEqual(done);
  expect(await source.next()).toEqual(done);
  expect(ended).toBe(1);
});

test("what fails ends it", async () => {
  let ended = 0;
  const source = new LiveSource<number>(
    () => Promise.reject(new Error("gone")),
    () => (ended += 1),
  );
  await expect(source.next()).rejects.toThrow("gone");
  expect(ended).toBe(1);
  expect(await source.next()).toEqual(done);
});
