import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { decodeNudge, encodeNudge, nudgePayloads } from "./nudge-payload.ts";

const sender = "Abc-_123";

test("what is sent is heard: sender, what changed and whose, or that all did", () => {
  const ids = [randomUUID(), "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"];
  for (const customerIds of [ids, "ALL" as const]) {
    const nudge = { senderId: sender, subject: "BILLING" as const, customerIds };
    expect(decodeNudge(encodeNudge(nudge))).toEqual(nudge);
  }
  const usage = { senderId: sender, subject: "USAGE" as const, customerIds: ids };
  expect(decodeNudge(encodeNudge(usage))).toEqual(usage);
});

test("300 ids fit one payload below PostgreSQL's 8,000 bytes, the 301st begins the next", () => {
  const ids = Array.from({ length: 301 }, () => randomUUID());
  const payloads = nudgePayloads(sender, "BILLING", ids);
  expect(payloads).toHaveLength(2);
  expect(payloads[0]?.length).toBeLessThan(8_000);
  expect(payloads.flatMap((payload) => decodeNudge(payload)?.customerIds)).toEqual(ids);
});

test("what nobody of ours sends is nothing", () => {
  for (const payload of ["", sender, `${sender}abc`, `${sender}${"ä".repeat(22)}`, `${sender}**`])
    expect(decodeNudge(payload)).toBeNull();
});
