import { describe, expect, test } from "vitest";
import { createLogger, describeError } from "./logger.ts";

function logged(...fields: object[]): { text: string; lines: Record<string, unknown>[] } {
  const written: string[] = [];
  const logger = createLogger("info", { write: (line) => void written.push(line) });
  for (const one of fields) logger.info(one, "said");
  return { text: written.join(""), lines: written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe("what is logged", () => {
  test("is one JSON object a line, with its level in words and its time in UTC", () => {
    const [line] = logged({ requestId: "r1" }).lines;
    expect(line).toMatchObject({ level: "info", requestId: "r1", msg: "said" });
    expect(line?.["time"]).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/);
    expect(line).not.toHaveProperty("hostname");
  });

  test("holds no key, cookie or password, wherever a request carries it", () => {
    const { text } = logged(
      { req: { headers: { authorization: "Bearer ml_hidden", cookie: "session=hidden" } } },
      { res: { headers: { "set-cookie": "session=hidden" } } },
      { password: "hidden", secret: "hidden", apiKey: "ml_hidden" },
      { person: { password: "hidden" }, made: { secret: "hidden" }, instance: { apiKey: "ml_hidden" } },
    );
    expect(text).not.toContain("hidden");
    expect(text.split("[redacted]").length - 1).toBe(9);
  });

  test("stays out below the level", () => {
    const written: string[] = [];
    createLogger("warn", { write: (line) => void written.push(line) }).info("quiet");
    expect(written).toEqual([]);
  });
});

describe("an error", () => {
  test("is told with its stack and SQLSTATE, and without the values of the statement", () => {
    const failed = Object.assign(new Error("duplicate key value"), {
      code: "23505",
      parameters: ["a customer's value"],
      detail: "Key (external_id)=(a customer's value) already exists.",
      query: "INSERT INTO customer",
    });
    const { text, lines } = logged({ err: failed });
    expect(text).not.toContain("a customer's value");
    expect(lines[0]?.["err"]).toMatchObject({ type: "Error", message: "duplicate key value", sqlState: "23505" });
  });

  test("brings its causes, under the same rule", () => {
    const cause = Object.assign(new Error("inner"), { parameters: ["a value"] });
    const described = describeError(new Error("outer", { cause }));
    expect(described).toMatchObject({ message: "outer", cause: { message: "inner" } });
    expect(JSON.stringify(described)).not.toContain("a value");
  });

  test("that is none is told by its type alone", () => {
    expect(describeError("a thrown secret")).toEqual({ type: "string" });
  });
});
