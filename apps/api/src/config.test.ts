import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigError, environmentSchema, readClientConfig, readConfig } from "./config.ts";

const databaseUrl = "postgres://owner:a-secret-password@127.0.0.1:5432/meterline";

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe("readConfig", () => {
  test("every fault comes at once, each by its variable's name", () => {
    const faults = faultsOf({
      PORT: "70000",
      HOST: "0.0.0.0",
      PUBLIC_URL: "ftp://example.com",
      RUN_API: "yes",
      DATABASE_URL: "mysql://x",
      BODY_LIMIT_BYTES: "8 MB",
      LOG_LEVEL: "loud",
      AUTH_SECRET: "short",
    });
    expect(faults).toEqual([
      "PORT: must be a whole number from 1 to 65535",
      "PUBLIC_URL: must be an http:// or https:// URL",
      "RUN_API: must be true or false",
      "DATABASE_URL: must be a postgres:// URL",
      "BODY_LIMIT_BYTES: must be a whole number from 1024 to 67108864",
      expect.stringMatching(/^LOG_LEVEL: .*"info"/),
      "AUTH_SECRET: must be at least 32 characters",
    ]);
  });

  test("a fault never repeats the value, which may be a secret", () => {
    const secret = "hunter2-and-more";
    const names = Object.keys(environmentSchema.shape).filter((name) => !/^HOST$|_DIR$|_FILE$|_PASSWORD$/.test(name));
    const faults = faultsOf(Object.fromEntries(names.map((name) => [name, secret])));
    expect(faults).toHaveLength(names.length);
    expect(faults.join("\n")).not.toContain(secret);
  });

  test("an empty variable counts as absent, and an absent one without a default is named", () => {
    expect(faultsOf({ DATABASE_URL: "", PORT: "" })).toEqual(["DATABASE_URL: is not set, and has no default"]);
  });

  test.each(["1e3", "0x10", " 5", "4.5", "-1", "0", "65536", "NaN"])("PORT=%j is no port", (PORT) => {
    expect(faultsOf({ DATABASE_URL: databaseUrl, PORT })).toEqual(["PORT: must be a whole number from 1 to 65535"]);
  });

  test("a bound belongs to its range", () => {
    for (const PORT of ["1", "65535"])
      expect(readConfig({ DATABASE_URL: databaseUrl, PORT }).http.port).toBe(Number(PORT));
  });

  test("the public URL follows the port, and loses its slashes at the end", () => {
    expect(readConfig({ DATABASE_URL: databaseUrl, PORT: "5000" }).http.publicUrl).toBe("http://localhost:5000");
    const { http } = readConfig({ DATABASE_URL: databaseUrl, PUBLIC_URL: "https://billing.example.com//" });
    expect(http.publicUrl).toBe("https://billing.example.com");
  });

  test("folders are meant from the root of the repository, wherever the process was started", () => {
    const root = resolve(import.meta.dirname, "../../..");
    const config = readConfig({ DATABASE_URL: databaseUrl, STATE_DIR: "state" });
    expect(config.stateDirectory).toBe(resolve(root, "state"));
    expect(config.instanceFile).toBe(resolve(root, "state/instance.json"));
    expect(config.catalogFile).toBe(resolve(root, "catalog.yaml"));
    expect(readClientConfig({ STATE_DIR: "state" }).instanceFile).toBe(config.instanceFile);
  });
});

describe(".env.example", () => {
  const example = readFileSync(resolve(import.meta.dirname, "../../../.env.example"), "utf8");
  const listed = new Map(
    [...example.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)].map((match) => [match[1] ?? "", match[2] ?? ""]),
  );
  const withoutDefault = [
    "PUBLIC_URL",
    "DATABASE_URL",
    "AUTH_SECRET",
    "SMTP_URL",
    "FIRST_STAFF_EMAIL",
    "FIRST_STAFF_PASSWORD",
    "STRIPE_API_KEY",
    "STRIPE_API_URL",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_EVENT_SECRET",
    "STRIPE_METER_EVENTS_PER_SECOND",
    "STRIPE_STREAM_EVENTS_PER_SECOND",
  ];
  const readElsewhere = ["DATABASE_PORT", "STRIPE_SANDBOX_PORT", "METERLINE_URL", "METERLINE_API_KEY"];

  test("lists exactly the variables that are read", () => {
    const read = [...Object.keys(environmentSchema.shape), ...readElsewhere];
    expect([...listed.keys()].toSorted()).toEqual(read.toSorted());
  });

  test("shows the default of each variable that has one, and nothing for the others", () => {
    const defaults = environmentSchema.parse({ DATABASE_URL: databaseUrl }) as Record<string, unknown>;
    for (const name of Object.keys(environmentSchema.shape)) {
      const shown = listed.get(name) ?? "";
      if (withoutDefault.includes(name)) {
        expect([name, shown]).toEqual([name, ""]);
        continue;
      }
      const read = environmentSchema.parse({ DATABASE_URL: databaseUrl, [name]: shown }) as Record<string, unknown>;
      expect([name, read[name]]).toEqual([name, defaults[name]]);
    }
  });

  test("says the bounds of every number, with its unit or what it counts", () => {
    const bounds = Object.keys(environmentSchema.shape).flatMap((name) => {
      const { error } = environmentSchema.safeParse({ DATABASE_URL: databaseUrl, [name]: "1.5" });
      const range = /from (\d+) to (\d+)/.exec(error?.issues[0]?.message ?? "");
      return range === null ? [] : [[name, `${range[1]} to ${range[2]}`] as const];
    });
    expect(bounds.length).toBeGreaterThan(7);
    for (const [name, range] of bounds) {
      const comment = example
        .slice(0, example.indexOf(`# ${name}=`))
        .split("\n")
        .slice(-3)
        .join("\n");
      expect([name, comment]).toEqual([name, expect.stringContaining(range)]);
    }
  });
});
