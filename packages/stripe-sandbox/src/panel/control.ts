import type { IncomingMessage, ServerResponse } from "node:http";
import { periodEndS } from "../billing/renew.ts";
import { seededRandom } from "../core/random.ts";
import type { World } from "../core/world.ts";
import type { FaultPanel } from "../http/faults.ts";
import type { RateLimits } from "../http/rate-limits.ts";
import { readBody } from "../http/request.ts";
import { ApiError } from "../wire/errors.ts";
import { rfc3339 } from "../wire/wire.ts";
import { readFault } from "./fault-body.ts";
import { renderPage } from "./page.ts";

/** What the control endpoints work on. */
export type Controls = { world: World; faults: FaultPanel; limits: RateLimits; process: () => Promise<void> };

/**
 * Answers `/` and `/_sandbox/…`, which have nothing of Stripe; false for everything else. A POST must say that it is
 * JSON, so that a page of another site cannot make one.
 */
export async function answerControl(
  controls: Controls,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  if (path === "/" && request.method === "GET") {
    response
      .writeHead(200, { "content-type": "text/html; charset=utf-8" })
      .end(renderPage(controls.world, controls.faults));
    return true;
  }
  if (!path.startsWith("/_sandbox/")) return false;
  try {
    const isJson = (request.headers["content-type"] ?? "").startsWith("application/json");
    if (request.method === "POST" && !isJson) throw refused(415, "send application/json");
    const body = request.method === "POST" ? parse(await readBody(request)) : {};
    const result = await control(controls, `${request.method} ${path}`, body);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result, null, 2));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    response.writeHead(error.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { message: error.message } }));
  }
  return true;
}

async function control(controls: Controls, action: string, body: Record<string, unknown>): Promise<unknown> {
  const { world, faults } = controls;
  switch (action) {
    case "GET /_sandbox/state":
      return { now: rfc3339(world.clock.now()), counts: world.state.counts(), faults: faults.list() };
    case "GET /_sandbox/faults":
      return { faults: faults.list() };
    case "POST /_sandbox/faults":
      return faults.add(readFault(body));
    case "DELETE /_sandbox/faults":
      faults.clear();
      return { faults: [] };
    case "POST /_sandbox/seed":
      faults.reseed(seededRandom(wholeNumber(body, "seed")));
      return { seed: body["seed"] };
    case "POST /_sandbox/limits":
      controls.limits.setMode(limitsMode(body));
      return { mode: body["mode"] };
    case "POST /_sandbox/clock":
      return advance(controls, wholeNumber(body, "advanceMs"), body["stopAtInvoices"] === true);
    case "POST /_sandbox/process":
      await controls.process();
      return { now: rfc3339(world.clock.now()) };
    default:
      return removeFault(faults, action);
  }
}

/**
 * Moves the wall clock. With `stopAtInvoices` no further than to where the next period ends: whoever watches gets the
 * draft's hour to do its part in, and moves on by calling again with what is left.
 */
async function advance({ world, process }: Controls, byMs: number, stops: boolean): Promise<unknown> {
  const now = world.clock.now();
  const ends = world.state.subscriptions
    .values()
    .filter((row) => row.testClock === null && row.wire.status !== "canceled")
    .map((row) => periodEndS(world, row) * 1000 - now)
    .filter((ms) => ms > 0 && ms < byMs);
  const movedMs = stops && ends.length > 0 ? Math.min(...ends) : byMs;
  world.clock.advance(movedMs);
  await process();
  return { now: rfc3339(world.clock.now()), leftMs: byMs - movedMs };
}

function removeFault(faults: FaultPanel, action: string): unknown {
  const id = /^DELETE \/_sandbox\/faults\/(\w+)$/.exec(action)?.[1];
  if (id === undefined || !faults.list().some((rule) => rule.id === id)) throw refused(404, `nothing at ${action}`);
  faults.clear(id);
  return { faults: faults.list() };
}

function limitsMode(body: Record<string, unknown>): "live" | "sandbox" | "off" {
  const { mode } = body;
  if (mode === "live" || mode === "sandbox" || mode === "off") return mode;
  throw refused(400, "mode must be live, sandbox or off");
}

function wholeNumber(body: Record<string, unknown>, name: string): number {
  const value = body[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw refused(400, `${name} must be a whole number of 0 or more`);
  }
  return value;
}

function parse(body: string): Record<string, unknown> {
  try {
    const decoded: unknown = JSON.parse(body === "" ? "{}" : body);
    if (typeof decoded === "object" && decoded !== null && !Array.isArray(decoded)) {
      return decoded as Record<string, unknown>;
    }
  } catch {
    // Told below, like any other body that is no object.
  }
  throw refused(400, "the body must be a JSON object");
}

function refused(status: number, message: string): ApiError {
  return new ApiError(status, { message });
}
