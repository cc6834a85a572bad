import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { SecretSeal } from "./secret-seal.ts";
import { newSigningSecret, signWebhook } from "./sign-webhook.ts";

const settingsSecret = "a secret of the settings, 32 long";

it("what is sealed opens by the same secret, by no other, and not once it was changed", () => {
  const seal = new SecretSeal(settingsSecret);
  const sealed = seal.seal("whsec_x");
  expect(new SecretSeal(settingsSecret).open(sealed)).toBe("whsec_x");
  expect(sealed.toString("latin1")).not.toContain("whsec_x");
  expect(() => new SecretSeal("another secret of the settings").open(sealed)).toThrow(/auth/);
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  expect(() => seal.open(sealed)).toThrow(/auth/);
});

it("the same text is never sealed alike", () => {
  const seal = new SecretSeal(settingsSecret);
  expect(seal.seal("a").equals(seal.seal("a"))).toBe(false);
});

it("a receiver verifies by either of two valid secrets, and by no other", () => {
  const [older, newer, other] = [newSigningSecret(), newSigningSecret(), newSigningSecret()];
  const body = JSON.stringify({ type: "limit.alert" });
  const headers = signWebhook({ id: "msg_1", at: Date.now(), body, secrets: [newer, older] });
  for (const secret of [older, newer])
    expect(new Webhook(secret).verify(body, headers)).toEqual({ type: "limit.alert" });
  expect(() => new Webhook(other).verify(body, headers)).toThrow(/signature/i);
  expect(() => new Webhook(newer).verify(`${body} `, headers)).toThrow(/signature/i);
});
