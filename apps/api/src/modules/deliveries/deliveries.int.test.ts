import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Container } from "../../container.ts";
import { newCustomer, record, startTestSystem, type TestSystem, usageItem } from "../../testing/test-system.ts";

type Received = { headers: IncomingMessage["headers"]; body: string };

let system: TestSystem;
let container: Container;
let hook: Server;
let received: Received[] = [];
let answer: (response: ServerResponse, request: Received) => void;
const accept = (response: ServerResponse) => void response.writeHead(204).end();

beforeAll(async () => {
  system = await startTestSystem(undefined, { MAILBOX: "true", WEBHOOK_ALLOW_LOOPBACK: "true" });
  container = system.container;
  answer = accept;
  hook = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      const one = { headers: request.headers, body };
      received.push(one);
      answer(response, one);
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  hook.closeAllConnections();
  hook.close();
  await system.close();
});
afterEach(() => {
  received = [];
  answer = accept;
});

const hookUrl = () => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hooks`;
const hours = (count: number) => count * 3_600_000;

/** A customer that is warned at 80 calls, with a member and an endpoint. */
async function warned(url = hookUrl()): Promise<{ customerId: string; endpointId: string; secret: string }> {
  const customerId = await newCustomer(system, { planKey: "standard", timeZone: "Europe/Berlin" });
  const wanted = { customerId, email: `${customerId}@member.example`, name: "Ann", role: "OWNER" as const };
  await container.members.create({ kind: "STAFF", userId: "s", name: "S", email: "s@example.com" }, wanted);
  const { endpoint, secret } = await container.alerting.endpoints.create(null, { customerId, url, description: null });
  return { customerId, endpointId: endpoint.id, secret };
}

const cross = (customerId: string) => record(container, usageItem({ customerId, quantity: "85" }));

/** What a receiver with this secret reads, at the time of the system. */
function verified(secret: string, message: Received | undefined): unknown {
  vi.useFakeTimers({ toFake: ["Date"], now: system.clock.now() });
  try {
    return new Webhook(secret).verify(message?.body ?? "", message?.headers as Record<string, string>);
  } finally {
    vi.useRealTimers();
  }
}

/** What came for a customer. */
const receivedOf = (customerId: string) => received.filter((one) => one.body.includes(customerId));

/** Everything that is due is queued and sent. */
async function deliver(by: Container = container): Promise<void> {
  await by.alerting.queue.drain();
  await by.alerting.deliveries.work.drain();
}

type Row = { channel: string; state: string; reason: string | null; due_at: Date | null; attempts: number };
const deliveriesOf = (customerId: string, channel: string) =>
  container.database.query<Row>(
    `SELECT d.channel, d.state, d.reason, d.due_at,
       (SELECT count(*)::int FROM alert_delivery_attempt a WHERE a.delivery_id = d.id) AS attempts
     FROM alert_delivery d WHERE d.customer_id = $1 AND d.channel = $2 ORDER BY d.queued_at, d.kind`,
    [customerId, channel],
  );
const attemptsOf = async (customerId: string) =>
  (
    await container.database.query<{ outcome: string; status: number | null }>(
      `SELECT a.outcome, a.status FROM alert_delivery_attempt a JOIN alert_delivery d ON d.id = a.delivery_id
       WHERE a.customer_id = $1 AND d.channel = 'WEBHOOK' ORDER BY a.sent_at, a.number`,
      [customerId],
    )
  ).map((one) => `${one.outcome} ${one.status ?? ""}`.trim());

describe("an alert", () => {
  it("is told in the app, by mail and by a webhook that its secret verifies, each on record", async () => {
    const { customerId, secret } = await warned();
    await cross(customerId);
    await deliver();
    for (const channel of ["IN_APP", "EMAIL", "WEBHOOK"]) {
      const [delivery] = await deliveriesOf(customerId, channel);
      expect([channel, delivery?.state, delivery?.due_at]).toEqual([channel, "SENT", null]);
    }
    expect(verified(secret, receivedOf(customerId)[0])).toMatchObject({
      type: "limit.alert",
      data: { customerId, meterKey: "calls", thresholdPercent: "80", valueQuantity: "85", severity: "WARNING" },
    });
    const [mail] = (await container.alerting.mailbox?.list()) ?? [];
    expect(mail?.subject).toContain("Calls: 80 % of the 100 calls included");
    // Berlin is an hour ahead: the period ends at 02:00 there, since the clocks go forward in March.
    expect(mail?.textBody).toContain("Counting begins anew on 1 Apr at 02:00.");
    expect(mail?.htmlBody).toContain("<h1");
  });

  it("is queued once, however many processes look", async () => {
    const { customerId } = await warned();
    await cross(customerId);
    const other = await system.another();
    await Promise.all([deliver(), deliver(other), deliver(), deliver(other)]);
    await deliver();
    expect(receivedOf(customerId)).toHaveLength(1);
    expect(await deliveriesOf(customerId, "EMAIL")).toHaveLength(1);
  });

  it("that nobody wants to hear now is kept: snoozed, and in quiet hours until their end", async () => {
    const { customerId } = await warned();
    const settings = container.alerting.settings;
    // It is 10:00 UTC, 11:00 in Berlin.
    await settings.change(null, customerId, { quietHours: { from: "08:00", to: "12:30" } });
    await cross(customerId);
    await deliver();
    const [held] = await deliveriesOf(customerId, "EMAIL");
    expect([held?.state, held?.due_at?.toISOString()]).toEqual(["QUEUED", "2026-03-16T11:30:00.000Z"]);
    expect(receivedOf(customerId)).toHaveLength(1);
    await settings.change(null, customerId, { snoozedUntil: system.clock.now() + hours(1) });
    await record(container, usageItem({ customerId, quantity: "15" }));
    await deliver();
    expect((await deliveriesOf(customerId, "WEBHOOK")).map((one) => one.state).toSorted()).toEqual(["SENT", "SKIPPED"]);
    system.clock.advance(hours(2));
    await deliver();
    expect((await deliveriesOf(customerId, "EMAIL")).map((one) => one.state).toSorted()).toEqual(["SENT", "SKIPPED"]);
  });
});

describe("an endpoint", () => {
  it("that redirects is not followed", async () => {
    const { customerId } = await warned();
    answer = (response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    await cross(customerId);
    await deliver();
    expect(await attemptsOf(customerId)).toEqual(["REFUSED 302"]);
  });

  it("that hangs, before or in the middle of its answer, times out and is tried again", async () => {
    const { customerId } = await warned();
    answer = (response) => void response.writeHead(200).write("…");
    await cross(customerId);
    await deliver(await system.another({ WEBHOOK_TIMEOUT_MS: "200" }));
    const [first] = await deliveriesOf(customerId, "WEBHOOK");
    expect(first?.state).toBe("UNCERTAIN");
    answer = accept;
    system.clock.advance(5_000);
    await deliver();
    expect(await attemptsOf(customerId)).toEqual(["TIMED_OUT", "ACCEPTED 204"]);
    const ids = receivedOf(customerId).map((one) => one.headers["webhook-id"]);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  });

  it("that answers without end is cut off and judged by its status", async () => {
    const { customerId } = await warned();
    answer = (response) => {
      response.writeHead(200);
      const more = () => {
        if (!response.destroyed) response.write("x".repeat(8_192), () => setImmediate(more));
      };
      more();
    };
    await cross(customerId);
    await deliver();
    expect(await attemptsOf(customerId)).toEqual(["ACCEPTED 200"]);
  });

  it("that answers 500 for a day is tried nine times, paused, told to its owner, and resumed with what waited", async () => {
    const { customerId, endpointId } = await warned();
    answer = (response) => void response.writeHead(500).end();
    await cross(customerId);
    await deliver();
    for (const wait of [5 / 3_600, 1 / 60, 5 / 60, 0.5, 2, 5, 8, 8.5]) {
      system.clock.advance(Math.round(hours(wait)));
      await deliver();
    }
    expect(await attemptsOf(customerId)).toHaveLength(9);
    const [endpoint] = await container.alerting.endpoints.list(
      { kind: "STAFF", userId: "s", name: "S", email: "s@example.com" },
      customerId,
    );
    expect(endpoint?.state).toBe("PAUSED");
    expect(endpoint?.pauseReason).toContain("Answered 500");
    await deliver();
    const mails = (await container.alerting.mailbox?.list()) ?? [];
    const own = mails.filter((mail) => mail.sentTo.startsWith(customerId)).map((mail) => mail.subject);
    expect(own).toContain("Your webhook endpoint was paused");
    // What is crossed meanwhile waits.
    await record(container, usageItem({ customerId, quantity: "20" }));
    received = [];
    answer = accept;
    await deliver();
    expect(receivedOf(customerId)).toHaveLength(0);
    await container.alerting.endpoints.resume(null, customerId, endpointId);
    await deliver();
    expect(receivedOf(customerId)).toHaveLength(1);
  });

  it("that says 410 Gone is paused at once", async () => {
    const { customerId } = await warned();
    answer = (response) => void response.writeHead(410).end();
    await cross(customerId);
    await deliver();
    const [delivery] = await deliveriesOf(customerId, "WEBHOOK");
    expect([delivery?.state, delivery?.due_at]).toEqual(["FAILED", null]);
    const [row] = await container.database.query("SELECT state FROM webhook_endpoint WHERE customer_id = $1", [
      customerId,
    ]);
    expect(row).toEqual({ state: "PAUSED" });
  });

  it("is tested, and hears by two secrets while they are exchanged", async () => {
    const { customerId, endpointId, secret } = await warned();
    const rotated = await container.alerting.endpoints.rotate(null, customerId, endpointId, 24);
    await container.alerting.endpoints.test(null, customerId, endpointId);
    await deliver();
    for (const one of [secret, rotated.secret]) {
      expect(verified(one, receivedOf(customerId)[0])).toMatchObject({ type: "webhook.test" });
    }
    system.clock.advance(hours(25));
    await container.alerting.endpoints.test(null, customerId, endpointId);
    await deliver();
    expect(String(receivedOf(customerId)[1]?.headers["webhook-signature"]).split(" ")).toHaveLength(1);
  });

  it.each([
    ["http://10.0.0.1/", "not a public address"],
    ["http://169.254.169.254/latest/meta-data", "not a public address"],
    ["http://[fd00::1]/", "not a public address"],
    ["https://user:secret@example.com/", "user name"],
    ["ftp://example.com/", "https://"],
    ["nowhere", "must be an address"],
  ])("%s is refused when it is added", async (url, why) => {
    const customerId = await newCustomer(system);
    const made = container.alerting.endpoints.create(null, { customerId, url, description: null });
    await expect(made).rejects.toThrow(why);
  });

  it("whose address became a private one is blocked when it is sent to", async () => {
    const { customerId } = await warned();
    await container.database.query("UPDATE webhook_endpoint SET url = 'http://192.168.0.1/' WHERE customer_id = $1", [
      customerId,
    ]);
    await cross(customerId);
    await deliver();
    expect(await attemptsOf(customerId)).toEqual(["BLOCKED"]);
    expect((await deliveriesOf(customerId, "WEBHOOK"))[0]?.state).toBe("FAILED");
  });
});

describe("a process that dies", () => {
  it("in the middle of an attempt leaves it UNKNOWN, and another sends it again with the same id", async () => {
    const { customerId } = await warned();
    await cross(customerId);
    await container.alerting.queue.drain();
    // As the dead process left it: the attempt is begun and was never answered.
    await container.database.query(
      `INSERT INTO alert_delivery_attempt (customer_id, delivery_id, number, sent_at)
       SELECT customer_id, id, 1, queued_at FROM alert_delivery WHERE customer_id = $1 AND channel = 'WEBHOOK'`,
      [customerId],
    );
    await container.database.query(
      "UPDATE alert_delivery SET state = 'SENDING', attempts = 1 WHERE customer_id = $1 AND channel = 'WEBHOOK'",
      [customerId],
    );
    await deliver(await system.another());
    expect(await attemptsOf(customerId)).toEqual(["UNKNOWN", "ACCEPTED 204"]);
  });
});

describe("mail through a server", () => {
  it("is HTML and text, has an id that stays, and what is refused for good is not tried again", async () => {
    const messages: string[] = [];
    const smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS", "AUTH"],
      onRcptTo({ address }, _session, callback) {
        if (address.startsWith("unknown")) callback(Object.assign(new Error("no such user"), { responseCode: 550 }));
        else callback();
      },
      onData(stream, _session, callback) {
        let text = "";
        stream.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
        stream.on("end", () => {
          messages.push(text);
          callback();
        });
      },
    });
    await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
    const port = (smtp.server.address() as AddressInfo).port;
    const mailing = await system.another({
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      MAIL_FROM: "Alerts <a@operator.example>",
    });
    try {
      const { customerId } = await warned();
      await container.database.query("UPDATE customer SET email = 'unknown@customer.example' WHERE id = $1", [
        customerId,
      ]);
      await cross(customerId);
      await deliver(mailing);
      const [message = ""] = messages;
      expect(messages).toHaveLength(1);
      expect(message).toContain("multipart/alternative");
      expect(message).toContain("From: Alerts <a@operator.example>");
      expect(message).toMatch(/Message-ID: <[0-9a-f-]{36}@meterline>/);
      const states = (await deliveriesOf(customerId, "EMAIL")).map((one) => one.state).toSorted();
      expect(states).toEqual(["FAILED", "SENT"]);
    } finally {
      await new Promise<void>((resolve) => smtp.close(resolve));
    }
  });

  it("a server that is away is tried again", async () => {
    const mailing = await system.another({ SMTP_URL: "smtp://127.0.0.1:1" });
    const { customerId } = await warned();
    await cross(customerId);
    await deliver(mailing);
    const [delivery] = await deliveriesOf(customerId, "EMAIL");
    expect([delivery?.state, delivery?.attempts]).toEqual(["QUEUED", 1]);
    expect(delivery?.due_at).not.toBeNull();
  });
});
