import { describe, expect, test } from "vitest";
import { CallerError } from "../../platform/graphql/index.ts";
import { readCustomerChange, readNewCustomer } from "./customer-fields.ts";

function faultOf(run: () => unknown): { field: unknown; paths: string[]; code: string } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof CallerError)) throw error;
    const faults = (error.extensions["faults"] ?? []) as { path: string }[];
    return { code: error.code, field: error.extensions["field"], paths: faults.map((fault) => fault.path) };
  }
  throw new Error("expected a refusal");
}

const faultsOfNew = (rest: object) => faultOf(() => readNewCustomer({ externalId: "acme", ...rest }));

describe("a new customer", () => {
  test("needs only an external id; currency is USD, time zone UTC, the rest left to the service", () => {
    expect(readNewCustomer({ externalId: "acme" })).toEqual({
      externalId: "acme",
      name: null,
      currency: "USD",
      timeZone: "UTC",
      email: null,
      goLiveAt: null,
    });
  });

  test("an external id of 255 characters is taken, one of 256 is not; characters are code points", () => {
    expect(readNewCustomer({ externalId: "😀".repeat(255) }).externalId).toHaveLength(510);
    expect(faultsOfNew({ externalId: "x".repeat(256) })).toEqual({
      code: "BAD_USER_INPUT",
      field: "externalId",
      paths: ["externalId"],
    });
  });

  test.each([
    ["externalId", ""],
    ["externalId", " acme"],
    ["externalId", "ac\u0000me"],
    ["name", ""],
    ["name", "x".repeat(201)],
    ["currency", "usd"],
    ["currency", "XYZ"],
    ["timeZone", "Mars/Olympus"],
    ["timeZone", ""],
    ["email", "nobody"],
    ["email", `${"x".repeat(250)}@example.com`],
    ["goLiveAt", "1999-12-31T23:59:59Z"],
    ["goLiveAt", "yesterday"],
  ])("%s %j is refused by name", (field, value) => {
    expect(faultsOfNew({ [field]: value }).field).toBe(field);
  });

  test("all faults come at once", () => {
    expect(faultsOfNew({ externalId: "", currency: "usd", timeZone: "x y", email: "@" }).paths).toEqual([
      "externalId",
      "currency",
      "timeZone",
      "email",
    ]);
  });

  test("a lower-case currency is told its upper-case code", () => {
    expect(() => readNewCustomer({ externalId: "acme", currency: "eur" })).toThrow('write "EUR"');
  });
});

describe("a change of a customer", () => {
  test("what is left out stays; null clears the e-mail and nothing else", () => {
    expect(readCustomerChange({})).toEqual({});
    expect(readCustomerChange({ email: null })).toEqual({ email: null });
    expect(faultOf(() => readCustomerChange({ name: null })).field).toBe("name");
    expect(faultOf(() => readCustomerChange({ timeZone: null })).field).toBe("timeZone");
  });
});
