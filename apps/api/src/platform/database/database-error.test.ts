import { describe, expect, test } from "vitest";
import { isOutage, isUniqueViolation, sqlStateOf } from "./database-error.ts";

const failed = (code: string, rest: object = {}) => Object.assign(new Error("failed"), { code, ...rest });
const wrapped = (error: Error) =>
  new Error("QueryFailedError", { cause: Object.assign(new Error(), { driverError: error }) });

describe("isOutage", () => {
  test.each([
    ["08006", "connection_failure"],
    ["57P01", "admin_shutdown"],
    ["57P03", "cannot_connect_now"],
    ["53300", "too_many_connections"],
    ["53100", "disk_full"],
    ["25006", "read_only_sql_transaction, as on a standby"],
    ["57014", "query_canceled, by the statement timeout"],
    ["55P03", "lock_not_available"],
    ["40P01", "deadlock_detected"],
    ["40001", "serialization_failure"],
    ["25P03", "idle_in_transaction_session_timeout"],
    ["ECONNREFUSED", "no server"],
    ["ECONNRESET", "a server that went away"],
  ])("%s (%s): the same request may succeed later", (code) => {
    expect(isOutage(failed(code))).toBe(true);
    expect(isOutage(wrapped(failed(code)))).toBe(true);
  });

  test.each(["42P01", "23505", "22P02", "42501", "22021", "ERR_INVALID_ARG_TYPE"])("%s: it never will", (code) => {
    expect(isOutage(failed(code))).toBe(false);
  });

  test("a pool without a free connection, and a connection that broke, are known by their messages", () => {
    for (const message of [
      "timeout exceeded when trying to connect",
      "Connection terminated unexpectedly",
      "Connection terminated due to connection timeout",
      "Client has encountered a connection error and is not queryable",
    ])
      expect(isOutage(new Error(message))).toBe(true);
  });

  test("both addresses of a name that refuse are one outage", () => {
    expect(isOutage(new AggregateError([failed("ECONNREFUSED"), failed("ECONNREFUSED")]))).toBe(true);
    expect(isOutage(new AggregateError([failed("42P01")]))).toBe(false);
  });

  test("what is no error is no outage, and one that is its own cause ends", () => {
    for (const value of [null, undefined, "ECONNREFUSED", 5, {}]) expect(isOutage(value)).toBe(false);
    const circular = new Error("circular");
    circular.cause = circular;
    expect(isOutage(circular)).toBe(false);
  });
});

describe("sqlStateOf and isUniqueViolation", () => {
  test("the state is found inside what a library wraps around it", () => {
    expect(sqlStateOf(wrapped(failed("23505")))).toBe("23505");
    expect(sqlStateOf(failed("ECONNRESET"))).toBeNull();
    expect(sqlStateOf(null)).toBeNull();
  });

  test("a broken unique constraint is told by its name", () => {
    const broken = failed("23505", { constraint: "usage_event_pkey" });
    expect(isUniqueViolation(broken)).toBe(true);
    expect(isUniqueViolation(broken, "usage_event_pkey")).toBe(true);
    expect(isUniqueViolation({ driverError: broken }, "usage_event_pkey")).toBe(true);
    expect(isUniqueViolation(broken, "customer_pkey")).toBe(false);
    expect(isUniqueViolation(failed("23503"))).toBe(false);
  });
});
