import { expect, test } from "vitest";
import { waitUntil } from "./wait-until.ts";

test("asks until the condition holds", async () => {
  let asked = 0;
  await waitUntil(() => ++asked === 3);
  expect(asked).toBe(3);
});

test("an error of the condition is 'not yet', and the cause when time is up", async () => {
  const refusal = new Error("refused");
  const waiting = waitUntil(() => Promise.reject(refusal), 30, "the server");
  await expect(waiting).rejects.toMatchObject({ message: "Waited 30 ms for the server", cause: refusal });
});
