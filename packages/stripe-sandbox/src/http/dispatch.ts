import type { World } from "../core/world.ts";
import { newId } from "../core/world.ts";
import { ApiError, invalidRequest, lockTimeout, rateLimited } from "../wire/errors.ts";
import { decodeForm, listOf, type RawObject } from "../wire/form.ts";
import { expandReply, type Render } from "./expand.ts";
import { type FaultEffect, type FaultPanel, faultError } from "./faults.ts";
import type { Idempotency, StoredReply } from "./idempotency.ts";
import type { Locks } from "./locks.ts";
import type { RateLimits } from "./rate-limits.ts";
import { decodeBody } from "./request.ts";
import { type Call, matchRoute, type Route } from "./route.ts";

/** A request off the wire. */
export type RawRequest = {
  method: string;
  /** Path without the query. */
  path: string;
  query: string;
  body: string;
  key: string;
  apiVersion: string;
  idempotencyKey: string | null;
};

/** What to send; `dropped` means that the connection is cut instead. */
export type Reply = StoredReply & { headers: Readonly<Record<string, string>>; dropped: boolean };

/** What one server answers with. */
export type Desk = {
  world: World;
  routes: readonly Route[];
  render: Render;
  faults: FaultPanel;
  limits: RateLimits;
  locks: Locks;
  idempotency: Idempotency;
  /** Refuses a change that the object's state forbids, whatever the change is. */
  guard: (world: World, call: Call) => void;
};

const DROPPED: Reply = { status: 0, body: "", headers: {}, dropped: true };

/** Answers one API request: rate limit, idempotency, locks, then the work, with the panel's faults where they strike. */
export async function dispatch(desk: Desk, request: RawRequest): Promise<Reply> {
  const requestId = newId(desk.world, "req");
  const effects = desk.faults.strike(request.method, request.path);
  try {
    if (effects.some((effect) => effect.kind === "refuse")) return DROPPED;
    const reply = await answer(desk, { ...request, requestId }, effects);
    return { ...reply, headers: { "request-id": requestId, "stripe-version": request.apiVersion, ...reply.headers } };
  } catch (error) {
    const { status, body, headers } = errorReply(error, isV2(request.path), requestId);
    return { status, body, headers: { "request-id": requestId, ...headers }, dropped: false };
  }
}

type Tracked = RawRequest & { requestId: string };

async function answer(desk: Desk, request: Tracked, effects: readonly FaultEffect[]): Promise<Reply> {
  const v2 = isV2(request.path);
  const found = matchRoute(desk.routes, request.method, request.path);
  if (!found) throw unknownUrl(request);
  const { params, expand } = readParameters(request, v2);
  const call = { params, path: found.path, url: request.path, apiVersion: request.apiVersion, key: request.key };
  const limited = desk.limits.take(found.route, eventsIn(params), desk.world.clock.now());
  if (limited) throw rateLimited(limited, v2);
  const tooMany = effects.find((effect) => effect.kind === "fail" && effect.status === 429);
  if (tooMany?.kind === "fail") throw faultError(tooMany, v2);

  const family = v2 ? "v2" : "v1";
  const hasMemory = request.method === "POST" || (v2 && request.method === "DELETE");
  if (request.idempotencyKey === null || !hasMemory) {
    return finish(await work(desk, { request, call, route: found.route, effects, expand }), effects);
  }
  const content = `${request.method} ${request.path}\n${request.body}`;
  const claim = desk.idempotency.claim({ family, key: request.idempotencyKey, content, now: desk.world.clock.now() });
  if ("replay" in claim) {
    return finish({ ...claim.replay, headers: { "idempotent-replayed": "true" }, dropped: false }, effects);
  }
  let stored: StoredReply | null = null;
  try {
    const reply = await work(desk, { request, call, route: found.route, effects, expand });
    stored = { status: reply.status, body: reply.body };
    return finish(reply, effects);
  } finally {
    claim.settle(stored);
  }
}

type Job = { request: Tracked; call: Call; route: Route; effects: readonly FaultEffect[]; expand: readonly string[] };

/** Takes the locks, waits as long as the work is set to take, and does it in one step that is undone when it fails. */
async function work(desk: Desk, job: Job): Promise<Reply> {
  const { world } = desk;
  const v2 = isV2(job.request.path);
  const leave = desk.locks.enter(job.route.exclusive?.(world, job.call) ?? []);
  if (!leave) throw rateLimited("resource-specific", v2);
  const objectId = job.request.method === "GET" ? undefined : job.call.path["id"];
  const free = objectId === undefined ? () => {} : await desk.locks.acquire(objectId, world.options.lockTimeoutMs);
  try {
    if (!free) throw lockTimeout();
    const delayMs = job.effects.reduce((sum, effect) => sum + (effect.kind === "delay" ? effect.delayMs : 0), 0);
    const heldMs = delayMs + (job.route.exclusive ? world.options.serviceMs : 0);
    if (heldMs > 0) await new Promise((resolve) => setTimeout(resolve, heldMs));
    const failure = job.effects.find((effect) => effect.kind === "fail");
    if (failure) throw faultError(failure, v2);
    world.cause = { id: job.request.requestId, idempotencyKey: job.request.idempotencyKey };
    if (job.request.method !== "GET") desk.guard(world, job.call);
    const body = world.state.journal.run(() => {
      const result = job.route.handle(world, job.call);
      if (job.expand.length === 0) return JSON.stringify(result, null, 2);
      // Expanding writes into the reply, which may be what is kept.
      const reply = structuredClone(result);
      expandReply(world, reply, job.expand, desk.render);
      return JSON.stringify(reply, null, 2);
    });
    if (job.effects.some((effect) => effect.kind === "fail_after")) throw faultError({ status: 500 }, v2);
    return { status: 200, body, headers: {}, dropped: false };
  } catch (error) {
    return { ...errorReply(error, v2, job.request.requestId), dropped: false };
  } finally {
    world.cause = null;
    free?.();
    leave();
  }
}

function finish(reply: Reply, effects: readonly FaultEffect[]): Reply {
  return effects.some((effect) => effect.kind === "drop") ? DROPPED : reply;
}

function readParameters(request: RawRequest, v2: boolean): { params: RawObject; expand: string[] } {
  const source = request.method === "POST" ? decodeBody(request.body, v2) : decodeForm(request.query);
  const { expand, ...params } = source;
  if (v2 || expand === undefined) return { params: source, expand: [] };
  const paths = listOf(expand);
  if (!paths?.every((path) => typeof path === "string")) throw invalidRequest("Invalid array", { param: "expand" });
  return { params, expand: paths.map(String) };
}

function eventsIn(params: RawObject): number {
  return Array.isArray(params["events"]) ? params["events"].length : 1;
}

function isV2(path: string): boolean {
  return path.startsWith("/v2/");
}

function unknownUrl(request: RawRequest): ApiError {
  const shown = `(${request.method}: ${request.path})`;
  return new ApiError(404, {
    type: "invalid_request_error",
    message: `Unrecognized request URL ${shown}. Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
  });
}

function errorReply(error: unknown, v2: boolean, requestId: string): StoredReply & { headers: Record<string, string> } {
  // Anything but an ApiError is a fault of the sandbox itself, and says so, so that nobody looks for it in their own code.
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(500, { type: "api_error", message: `The sandbox failed: ${String(error)}` });
  const detail = v2
    ? { code: known.detail.code ?? "invalid_request", ...known.detail }
    : { ...known.detail, request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}` };
  return { status: known.status, body: JSON.stringify({ error: detail }, null, 2), headers: { ...known.headers } };
}
