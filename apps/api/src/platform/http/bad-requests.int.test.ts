import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allScopes, postGraphql, startTestServer, type TestServer } from "../../testing/test-server.ts";

let server: TestServer;
let key: string;

beforeAll(async () => {
  server = await startTestServer();
  key = await server.makeKey(...allScopes);
});
afterAll(() => server.stop());

const whoAsks = "{ viewer { kind } }";

/** Sends a head and then body in pieces until the server answers and closes, or has taken everything. */
function sendRaw(head: string, piece: Buffer, pieces: number): Promise<{ answer: string; sentBytes: number }> {
  return new Promise((resolve) => {
    const socket = connect(server.config.http.port, "127.0.0.1");
    let answer = "";
    let sentBytes = 0;
    let left = pieces;
    const finish = () => resolve({ answer, sentBytes });
    const send = () => {
      while (left > 0 && answer === "" && !socket.destroyed) {
        left -= 1;
        sentBytes += piece.length;
        if (!socket.write(piece)) return;
      }
    };
    socket.on("connect", () => socket.write(head, send));
    socket.on("drain", send);
    socket.on("data", (data) => {
      answer += data.toString();
    });
    // The server may close while we still write.
    socket.on("error", finish);
    socket.on("close", finish);
  });
}

const bodyOf = (answer: string) =>
  JSON.parse(answer.slice(answer.indexOf('{"errors"'), answer.lastIndexOf("}") + 1)) as {
    errors: { message: string; extensions: { code: string; requestId: string } }[];
  };

describe("a body that is too large", () => {
  const hundredMegabytes = 104_857_600;
  const mebibyte = Buffer.alloc(1_048_576, "x");
  const head = (more: string) =>
    `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;

  test("100 MB, said beforehand, is refused with PAYLOAD_TOO_LARGE before it is read", async () => {
    const { answer, sentBytes } = await sendRaw(head(`Content-Length: ${hundredMegabytes}`), mebibyte, 100);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer.toLowerCase()).toContain("connection: close");
    expect(bodyOf(answer).errors[0]).toMatchObject({
      message: "The request body is larger than 8192 KiB. Send smaller batches.",
      extensions: { code: "PAYLOAD_TOO_LARGE", requestId: expect.any(String) },
    });
    expect(sentBytes).toBeLessThan(hundredMegabytes);
  });

  test("100 MB in chunks is refused at the limit, not at its end", async () => {
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), mebibyte, Buffer.from("\r\n")]);
    const { answer, sentBytes } = await sendRaw(head("Transfer-Encoding: chunked"), chunk, 100);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(bodyOf(answer).errors[0]?.extensions.code).toBe("PAYLOAD_TOO_LARGE");
    expect(sentBytes).toBeLessThan(hundredMegabytes / 2);
  });

  test("an ordinary client reads the refusal, and the next request is served", async () => {
    const answer = await postGraphql(server.url, "x".repeat(9_000_000), { authorization: `Bearer ${key}` });
    expect([answer.status, answer.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect((await server.ask(whoAsks, { key })).data).toEqual({ viewer: { kind: "API_KEY" } });
  });

  test("sign-in takes no larger bodies than the rest", async () => {
    const response = await fetch(`${server.url}/api/auth/portal/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "x".repeat(9_000_000),
    });
    expect(response.status).toBe(413);
  });
});

describe("a request that cannot be read", () => {
  test.each([
    ["malformed JSON", '{"query": "{ viewer', 400, "The request body is not JSON"],
    ["text", "viewer", 400, "The request body is not JSON"],
    ["an empty body", "", 400, "Body cannot be empty"],
    ["a list", '[{"query":"{ viewer { kind } }"}]', 400, "batching"],
    ["no query", "{}", 400, "no keys"],
    ["a query that is no text", '{"query": 1}', 400, "must be strings"],
    ["a query that does not parse", '{"query": "{ viewer {"}', 400, "Syntax Error"],
    ["an unknown field", '{"query": "{ nothing }"}', 400, "nothing"],
    ["two operations and no name", '{"query": "query a { viewer { kind } } query b { viewer { kind } }"}', 400, "name"],
    ["a forbidden name", '{"query": "{ viewer { kind } }", "variables": {"__proto__": {}}}', 400, "__proto__"],
  ])("%s is BAD_USER_INPUT and says what is wrong", async (_what, body, status, part) => {
    const answer = await postGraphql(server.url, body, { authorization: `Bearer ${key}` });
    expect([answer.status, answer.code]).toEqual([status, "BAD_USER_INPUT"]);
    expect(answer.errors[0]?.message).toContain(part);
    expect(answer.headers.get("content-type")).toContain("json");
  });

  test("another content type is named: 415, and a form never reaches GraphQL", async () => {
    const xml = await postGraphql(server.url, "<a/>", { "content-type": "application/xml" });
    expect([xml.status, xml.code]).toEqual([415, "BAD_USER_INPUT"]);
    expect(xml.errors[0]?.message).toContain("application/json");
    const body = JSON.stringify({ query: whoAsks });
    for (const contentType of ["text/plain", "application/x-www-form-urlencoded"]) {
      const answer = await postGraphql(server.url, body, {
        "content-type": contentType,
        authorization: `Bearer ${key}`,
      });
      expect([contentType, answer.code, answer.data]).toEqual([contentType, "BAD_USER_INPUT", null]);
    }
  });

  test("an unknown path, method or malformed URL is answered in the shape of GraphQL's errors", async () => {
    for (const [method, path, status, code] of [
      ["GET", "/nothing", 404, "NOT_FOUND"],
      ["PUT", "/graphql", 404, "NOT_FOUND"],
      ["GET", "/%zz", 400, "BAD_USER_INPUT"],
    ] as const) {
      const response = await fetch(server.url + path, { method });
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      expect([path, response.status, errors[0]?.extensions.code]).toEqual([path, status, code]);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test("GET runs queries for scripts that name themselves, and never mutations", async () => {
    const get = (query: string, headers: Record<string, string>) =>
      fetch(`${server.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { authorization: `Bearer ${key}`, ...headers },
      });
    expect((await get(whoAsks, { "content-type": "application/json" })).status).toBe(200);
    expect((await get(whoAsks, {})).status).toBe(400);
    const mutation = 'mutation { revokeApiKey(id: "x") { id } }';
    expect((await get(mutation, { "content-type": "application/json" })).status).toBe(405);
  });
});

describe("a batch", () => {
  const record = "mutation ($input: [RecordUsageInput!]!) { recordUsageBatch(input: $input) { recorded rejected } }";
  const items = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      externalCustomerId: "nobody",
      meterKey: "calls",
      idempotencyKey: `batch ${index}`,
    }));

  test("of none or of 1,001 items is BAD_USER_INPUT and names input", async () => {
    for (const count of [0, 1_001]) {
      const answer = await server.ask(record, { key, variables: { input: items(count) } });
      expect([answer.code, answer.field]).toEqual(["BAD_USER_INPUT", "input"]);
      expect(answer.errors[0]?.message).toBe(`input has ${count} items; send 1 to 1000.`);
    }
  });

  test("of 1,000 items is taken", async () => {
    const answer = await server.ask(record, { key, variables: { input: items(1_000) } });
    expect(answer.data).toEqual({ recordUsageBatch: { recorded: 0, rejected: 1_000 } });
  });

  test("an item of the wrong type is named by its place", async () => {
    const input = [...items(1), { ...items(1)[0], meterKey: 7 }];
    const answer = await server.ask(record, { key, variables: { input } });
    expect([answer.status, answer.code, answer.field]).toEqual([400, "BAD_USER_INPUT", "input[1].meterKey"]);
  });
});

describe("an operation that asks too much", () => {
  const deep = (levels: number) =>
    `{ viewer { ${"customer { subscription { ".repeat(levels)} id ${"} }".repeat(levels)} } }`;

  test.each([
    [
      "51 aliases",
      `{ ${Array.from({ length: 51 }, (_, index) => `a${index}: viewer { kind }`).join(" ")} }`,
      "aliases",
    ],
    ["13 levels", deep(6), "levels deep"],
    [
      "pages within pages",
      "{ customers(first: 200) { nodes { id } } meters { key } usageEvents(first: 100000) { nodes { id } } }",
      "fields",
    ],
    ["more than 60,000 tokens", `{ ${"viewer { kind } ".repeat(20_000)} }`, "token"],
  ])("%s are refused before anything runs", async (_what, query, part) => {
    const answer = await server.ask(query, { key });
    expect([answer.status, answer.code, answer.data]).toEqual([400, "BAD_USER_INPUT", null]);
    expect(answer.errors.map((error) => error.message).join(" ")).toContain(part);
  });
});
