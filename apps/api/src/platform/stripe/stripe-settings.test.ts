import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "../../config.ts";
import type { StripeSettings } from "./stripe-settings.ts";

const DATABASE_URL = "postgres://owner@127.0.0.1:5432/meterline";

function settingsOf(environment: Record<string, string>): StripeSettings | null | readonly string[] {
  try {
    return readConfig({ DATABASE_URL, ...environment }).stripe;
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe("settings of Stripe", () => {
  test("without a key nothing is told to Stripe", () => {
    expect(settingsOf({})).toBeNull();
  });

  test.each([
    ["sk_test_abc", {}, "TEST"],
    ["rk_test_abc", {}, "TEST"],
    ["rk_live_abc", {}, "LIVE"],
    ["sk_test_abc", { STRIPE_API_URL: "http://127.0.0.1:4242" }, "SANDBOX"],
  ])("the key %s with %j is of the place %s", (STRIPE_API_KEY, more, place) => {
    expect(settingsOf({ STRIPE_API_KEY, ...more })).toMatchObject({ place });
  });

  test("a live key is refused where a sandbox would be sent it", () => {
    const faults = settingsOf({ STRIPE_API_KEY: "sk_live_secret", STRIPE_API_URL: "http://127.0.0.1:4242" });
    expect(faults).toEqual([
      expect.stringMatching(/^STRIPE_API_KEY: is a live key, and STRIPE_API_URL points at a sand/),
    ]);
    expect(String(faults)).not.toContain("secret");
  });

  test.each(["pk_test_abc", "abc", "sk_abc"])("the key %s is refused", (STRIPE_API_KEY) => {
    expect(settingsOf({ STRIPE_API_KEY })).toEqual([expect.stringContaining("STRIPE_API_KEY: must be a secret")]);
  });

  test("a URL or a secret without a key is a slip that is named", () => {
    expect(settingsOf({ STRIPE_API_URL: "http://127.0.0.1:1", STRIPE_EVENT_SECRET: "whsec_x" })).toEqual([
      "STRIPE_API_URL: is set and STRIPE_API_KEY is not; set both or neither",
      "STRIPE_EVENT_SECRET: is set and STRIPE_API_KEY is not; set both or neither",
    ]);
  });

  test("rates default to what Stripe publishes for the mode: usage is 1,000 a second live, and 10 in test mode", () => {
    expect(settingsOf({ STRIPE_API_KEY: "sk_live_x" })).toMatchObject({
      meterEventsPerSecond: 1_000,
      streamEventsPerSecond: 10_000,
      callsPerSecond: 20,
    });
    expect(settingsOf({ STRIPE_API_KEY: "sk_test_x" })).toMatchObject({ meterEventsPerSecond: 10 });
    const set = { STRIPE_API_KEY: "sk_test_x", STRIPE_METER_EVENTS_PER_SECOND: "7" };
    expect(settingsOf(set)).toMatchObject({ meterEventsPerSecond: 7 });
  });

  test("the sandbox's address is taken apart, with the port of its protocol where none is written", () => {
    const of = (STRIPE_API_URL: string) => settingsOf({ STRIPE_API_KEY: "sk_test_x", STRIPE_API_URL });
    expect(of("http://127.0.0.1:4242")).toMatchObject({ api: { host: "127.0.0.1", port: 4242, protocol: "http" } });
    expect(of("https://sandbox.example")).toMatchObject({
      api: { host: "sandbox.example", port: 443, protocol: "https" },
    });
  });
});
