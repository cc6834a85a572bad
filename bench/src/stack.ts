import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort, startTestPostgres } from "@meterline/testkit";
import pg from "pg";
import { type CpuTime, cpuTimeOf } from "./cpu.ts";
import { seed } from "./seed.ts";

/** PostgreSQL with fsync on, the API in a process of its own, and a client's key. */
export type Stack = {
  url: string;
  apiKey: string;
  client: pg.Client;
  /** CPU used so far, by part. */
  cpuTime(): CpuTime;
  /** Another program of the API's build on the same database; resolves when it says that it is ready. */
  start(program: string): Promise<ChildProcess>;
  /** Another API process on the same database; its address. */
  startApi(): Promise<string>;
  stop(): Promise<void>;
};

const apiDist = resolve(import.meta.dirname, "../../apps/api/dist");

/** Starts everything, with `customers` customers on a plan. */
export async function startStack(customers: number, environment: Record<string, string> = {}): Promise<Stack> {
  const postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  const stateDirectory = mkdtempSync(join(tmpdir(), "meterline-bench-"));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const apiKey = await seed(client, customers);
  const port = await freePort();
  const children: ChildProcess[] = [];
  const start = async (program: string, listensOn = port): Promise<ChildProcess> => {
    const child = fork(join(apiDist, program), [], {
      env: {
        ...process.env,
        NODE_ENV: "production",
        DATABASE_URL: database.url,
        PORT: String(listensOn),
        STATE_DIR: stateDirectory,
        LOG_LEVEL: "error",
        RUN_WORKER: "false",
        ...environment,
      },
    });
    children.push(child);
    await messageOf(child);
    return child;
  };
  const api = (await start("bench-server.js")).pid ?? 0;
  const [backend] = (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    apiKey,
    client,
    cpuTime: () => cpuTimeOf({ api, backend: backend?.pid ?? 0 }),
    start: (program) => start(program),
    async startApi() {
      const another = await freePort();
      await start("bench-server.js", another);
      return `http://127.0.0.1:${another}/graphql`;
    },
    async stop() {
      for (const child of children) child.kill("SIGKILL");
      await client.end();
      await postgres.stop();
      rmSync(stateDirectory, { recursive: true, force: true });
    },
  };
}

/** The next message of a child; an error when it ends first. */
export function messageOf<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolveMessage, reject) => {
    const ended = (code: number | null, signal: string | null) =>
      reject(new Error(`a program of the benchmark ended with ${signal ?? `code ${code}`}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolveMessage(message as Message);
    });
  });
}
