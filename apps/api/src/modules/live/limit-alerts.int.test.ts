import { type TestPostgres, startTestPostgres, waitUntil } from "@meterline/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Container } from "../../container.ts";
import { connectLive, type LiveClient, type LiveRead } from "../../testing/live-client.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { newCustomer } from "../../testing/test-system.ts";
import { raiseAlert } from "../../testing/raise-alert.ts";

const alerts = `subscription Watch($id: ID!, $after: String) { limitAlerts(customerId: $id, after: $after) { id sequence title } }`;

let postgres: TestPostgres;
let servers: [TestServer, TestServer];
let key: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  const { url: databaseUrl } = await postgres.createDatabase();
  const environment = { LIVE_POLL_EVERY_MS: "600000", LIVE_MAX_SUBSCRIPTIONS: "1000" };
  servers = [await startTestServer({ databaseUrl, environment }), await startTestServer({ databaseUrl, environment })];
  key = await servers[0].makeKey("usage:read");
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await postgres.stop();
});

function sequences(read: LiveRead): string[] {
  return (read.data as { limitAlerts: { sequence: string } }[]).map(({ limitAlerts }) => limitAlerts.sequence);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

test("without `after` alerts come from now on, in any process, at once and in order", async () => {
  const customerId = await newCustomer(servers[0], { planKey: "standard" });
  await raiseAlert(servers[0].container, customerId);
  const clients = await Promise.all(servers.map((server) => connectLive(server.url, { key })));
  const reads = clients.map((client) => client.subscribe(alerts, { id: customerId }));
  await waitUntil(() => servers.every((server) => server.container.live.alerts.size === 1));
  for (let count = 0; count < 5; count += 1) await raiseAlert(servers[count % 2]?.container as Container, customerId);
  for (const read of reads) await waitUntil(() => sequences(read).length === 5);
  for (const read of reads) expect(sequences(read)).toEqual(range(2, 6));
  for (const client of clients) client.close();
});

test("with `after` what followed comes first: from the table, then what is kept, then what is new", async () => {
  const customerId = await newCustomer(servers[0], { planKey: "standard" });
  const count = 250;
  for (let raised = 0; raised < count; raised += 1) await raiseAlert(servers[0].container, customerId);
  const client = await connectLive(servers[1].url, { key });
  const all = client.subscribe(alerts, { id: customerId, after: "0" });
  const some = client.subscribe(alerts, { id: customerId, after: "249" });
  const none = client.subscribe(alerts, { id: customerId, after: "250" });
  await waitUntil(() => sequences(all).length === count && sequences(some).length === 1);
  await raiseAlert(servers[0].container, customerId);
  await waitUntil(() => sequences(all).at(-1) === "251" && sequences(some).at(-1) === "251");
  expect(sequences(all)).toEqual(range(1, 251));
  expect(sequences(some)).toEqual(range(250, 251));
  await waitUntil(() => sequences(none).length === 1);
  const late = client.subscribe(alerts, { id: customerId, after: "200" });
  await waitUntil(() => sequences(late).length === 51);
  expect(sequences(late)).toEqual(range(201, 251));
  client.close();
});

test("an `after` that is no sequence is refused; one that is ahead waits", async () => {
  const customerId = await newCustomer(servers[0], { planKey: "standard" });
  const client = await connectLive(servers[0].url, { key });
  for (const after of ["", "-1", "x", "9".repeat(30)]) {
    const read = client.subscribe(alerts, { id: customerId, after });
    await waitUntil(() => read.errors.length === 1);
    expect(read.errors[0]).toMatchObject({ extensions: { code: "BAD_USER_INPUT", field: "after" } });
  }
  const ahead = client.subscribe(alerts, { id: customerId, after: "1" });
  await waitUntil(() => servers[0].container.live.alerts.size === 1);
  await raiseAlert(servers[0].container, customerId);
  await raiseAlert(servers[0].container, customerId);
  await waitUntil(() => sequences(ahead).length === 1);
  expect(sequences(ahead)).toEqual(["2"]);
  client.close();
});

test("another customer's alerts never come", async () => {
  const customerId = await newCustomer(servers[0], { planKey: "standard" });
  const other = await newCustomer(servers[0], { planKey: "standard" });
  const cookie = await servers[0].signInMember(customerId, "walled@example.com");
  const client = await connectLive(servers[0].url, {
    headers: { cookie, origin: servers[0].config.http.publicUrl },
    params: { app: "portal" },
  });
  const foreign = client.subscribe(alerts, { id: other, after: "0" });
  const own = client.subscribe(alerts, { id: customerId, after: "0" });
  await waitUntil(() => foreign.errors.length === 1);
  expect(foreign.errors[0]).toMatchObject({ extensions: { code: "NOT_FOUND" } });
  await raiseAlert(servers[0].container, other);
  await raiseAlert(servers[0].container, customerId);
  await waitUntil(() => own.data.length === 1);
  expect(foreign.data).toEqual([]);
  client.close();
});

/** A client that is cut off again and again, and goes on where it was, in either process. */
class Resuming {
  readonly seen: string[] = [];
  #client: LiveClient | null = null;
  #read: LiveRead | null = null;
  #after = "0";

  constructor(
    readonly customerId: string,
    readonly random: () => number,
  ) {}

  async connect(): Promise<void> {
    const server = servers[this.random() < 0.5 ? 0 : 1];
    // The database may be away while it connects, which closes with 4503: then it tries again.
    await waitUntil(async () => {
      const client = await connectLive(server.url, { key });
      if (client.socket.readyState !== client.socket.OPEN) return false;
      this.#client = client;
      return true;
    }, 20_000);
    this.#read = this.#client?.subscribe(alerts, { id: this.customerId, after: this.#after }) ?? null;
  }

  /** Cuts the connection without a word, wherever it is, and keeps the last cursor that came. */
  cut(): void {
    this.#client?.socket.terminate();
    this.#take();
    this.#client = null;
    this.#read = null;
  }

  get isConnected(): boolean {
    return this.#client !== null;
  }

  async caughtUp(last: string): Promise<void> {
    if (this.#client === null) await this.connect();
    await waitUntil(
      async () => {
        const failed = this.#read !== null && this.#read.errors.length > 0;
        if (failed || this.#client?.socket.readyState !== this.#client?.socket.OPEN) {
          this.cut();
          await this.connect();
        }
        return [...this.seen, ...(this.#read === null ? [] : sequences(this.#read))].at(-1) === last;
      },
      30_000,
      `customer ${this.customerId} to catch up`,
    );
    this.cut();
  }

  #take(): void {
    const came = this.#read === null ? [] : sequences(this.#read);
    this.seen.push(...came);
    this.#after = came.at(-1) ?? this.#after;
  }
}

/** Mulberry32: the same seed gives the same schedule. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test.each([1, 2, 3, 4])("schedule %d of cuts and resumes over two processes: none missed, none twice", async (seed) => {
  const random = randomFrom(seed);
  const customerIds = await Promise.all([1, 2, 3].map(() => newCustomer(servers[0], { planKey: "standard" })));
  const watchers = customerIds.flatMap((id) => [new Resuming(id, random), new Resuming(id, random)]);
  const raised = new Map(customerIds.map((id) => [id, 0]));
  for (let step = 0; step < 150; step += 1) {
    const customerId = customerIds[Math.floor(random() * 3)] ?? "";
    const watcher = watchers[Math.floor(random() * watchers.length)];
    const dice = random();
    if (dice < 0.6) {
      // Several at once, so that the order of commits is the database's.
      const count = 1 + Math.floor(random() * 3);
      const container = servers[random() < 0.5 ? 0 : 1].container;
      await Promise.all(Array.from({ length: count }, () => raiseAlert(container, customerId)));
      raised.set(customerId, (raised.get(customerId) ?? 0) + count);
    } else if (watcher?.isConnected) watcher.cut();
    else await watcher?.connect();
  }
  for (const watcher of watchers) {
    const count = raised.get(watcher.customerId) ?? 0;
    await watcher.caughtUp(String(count));
    expect(watcher.seen).toEqual(range(1, count));
  }
});

test("the database killed while alerts come: connections stay, none missed, none twice", async () => {
  const random = randomFrom(99);
  const customerId = await newCustomer(servers[0], { planKey: "standard" });
  const watchers = Array.from({ length: 4 }, () => new Resuming(customerId, random));
  for (const watcher of watchers) await watcher.connect();
  const attempts = (async () => {
    // A failed commit may have happened or not; the table says which.
    for (let count = 0; count < 100; count += 1) {
      await raiseAlert(servers[count % 2]?.container as Container, customerId).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await postgres.killPostgres();
  await postgres.restartPostgres();
  await attempts;
  await waitUntil(async () => (await raiseAlert(servers[0].container, customerId)) !== "", 20_000);
  const rows = await servers[0].container.database.query<{ sequence: string }>(
    "SELECT sequence FROM alert WHERE customer_id = $1 ORDER BY sequence",
    [customerId],
  );
  const stored = rows.map((row) => row.sequence);
  for (const watcher of watchers) {
    await watcher.caughtUp(stored.at(-1) ?? "");
    expect(watcher.seen).toEqual(stored);
  }
});

test("2,000 watchers on 40 connections: one alert reaches all, and leaving lets every feed go", async () => {
  const customerIds = await Promise.all(
    Array.from({ length: 20 }, () => newCustomer(servers[0], { planKey: "standard" })),
  );
  const clients = await Promise.all(Array.from({ length: 40 }, () => connectLive(servers[1].url, { key })));
  const reads = clients.flatMap((client) =>
    Array.from({ length: 50 }, (_, index) =>
      client.subscribe(alerts, { id: customerIds[index % 20] ?? "", after: "0" }),
    ),
  );
  await waitUntil(() => servers[1].container.live.alerts.size === 20, 30_000);
  for (const customerId of customerIds) await raiseAlert(servers[0].container, customerId);
  await waitUntil(() => reads.every((read) => read.data.length === 1), 30_000);
  for (const client of clients) client.close();
  await waitUntil(() => servers[1].container.live.alerts.size === 0);
});
