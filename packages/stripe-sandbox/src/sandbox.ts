import type { AddressInfo } from "node:net";
import { refuseWhileAdvancing } from "./billing/advancing-guard.ts";
import { WallClock } from "./core/clock.ts";
import { DEFAULT_OPTIONS, type SandboxOptions, type WebhookOptions } from "./core/options.ts";
import { seededRandom } from "./core/random.ts";
import { State } from "./core/state.ts";
import { type Kept, loadState, saveState } from "./core/state-file.ts";
import type { UsageFact } from "./core/usage-ledger.ts";
import type { World } from "./core/world.ts";
import type { Desk } from "./http/dispatch.ts";
import { FaultPanel } from "./http/faults.ts";
import { Idempotency } from "./http/idempotency.ts";
import { Locks } from "./http/locks.ts";
import { RateLimits } from "./http/rate-limits.ts";
import { renderById } from "./http/render.ts";
import { createApiServer } from "./http/server.ts";
import { answerHosted } from "./hosted/pages.ts";
import { answerControl } from "./panel/control.ts";
import { createProcessor } from "./processor.ts";
import { ROUTES } from "./routes.ts";

/** Settings that differ from the defaults; webhook settings one by one. */
export type SandboxSettings = Partial<Omit<SandboxOptions, "webhooks">> & { webhooks?: Partial<WebhookOptions> };

/** A running sandbox. */
export type Sandbox = {
  /** `http://127.0.0.1:12111` */
  url: string;
  host: string;
  port: number;
  clock: WallClock;
  faults: FaultPanel;
  /**
   * What a meter has counted of a customer, event by event and exactly (summaries are doubles); for those who hold it
   * against what they told. Empty where there is no such meter.
   */
  counted(eventName: string, customer: string): readonly UsageFact[];
  /**
   * Does all work that is due: counts usage, reports errors, bills, advances test clocks, delivers webhooks. A call made while another is running
   * waits for that one and then does its own.
   */
  process(): Promise<void>;
  close(): Promise<void>;
};

const SAVE_EVERY_MS = 1_000;

/** What keeps the state file: `saved` resolves when everything done until now is in it. */
type Keeping = { saved(): Promise<void>; stop(): void };

/**
 * Writes the state file from now on. A change is answered once it is in the file, as a real Stripe would know it after a
 * crash; changes that come together share one writing. Does nothing without a file.
 */
function keepSaving(file: string | null, parts: Readonly<Record<string, Kept>>): Keeping {
  if (file === null) return { saved: async () => {}, stop: () => {} };
  const timer = setInterval(() => saveState(file, parts), SAVE_EVERY_MS);
  timer.unref();
  let next: Promise<void> | null = null;
  return {
    saved() {
      next ??= new Promise<void>((resolve, reject) => {
        setImmediate(() => {
          next = null;
          try {
            saveState(file, parts);
            resolve();
          } catch (error) {
            reject(error as Error);
          }
        });
      });
      return next;
    },
    stop() {
      clearInterval(timer);
      saveState(file, parts);
    },
  };
}

/** Starts a sandbox, which holds everything in memory and, without a file, forgets it when it is closed. */
export async function startSandbox(settings: SandboxSettings = {}): Promise<Sandbox> {
  const webhooks = { ...DEFAULT_OPTIONS.webhooks, ...settings.webhooks };
  const options: SandboxOptions = { ...DEFAULT_OPTIONS, ...settings, webhooks };
  const state = new State();
  const world: World = {
    options,
    clock: new WallClock(options.now),
    random: seededRandom(options.seed),
    state,
    previews: new Map(),
    cause: null,
    origin: "",
  };
  const desk: Desk = {
    world,
    routes: ROUTES,
    render: renderById,
    faults: new FaultPanel(seededRandom(options.seed + 1)),
    limits: new RateLimits(options.rateLimits),
    locks: new Locks(),
    idempotency: new Idempotency(),
    guard: refuseWhileAdvancing,
  };
  const kept = { state, clock: world.clock, idempotency: desk.idempotency };
  if (options.file !== null) loadState(options.file, kept);
  const keeping = keepSaving(options.file, kept);
  const processor = createProcessor(world);
  const controls = { world, faults: desk.faults, limits: desk.limits, process: () => processor.process() };
  const server = createApiServer(
    desk,
    async (request, response) =>
      (await answerControl(controls, request, response)) || (await answerHosted(world, request, response)),
    () => keeping.saved(),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  world.origin = `http://${options.host}:${port}`;
  return {
    url: world.origin,
    host: options.host,
    port,
    clock: world.clock,
    faults: desk.faults,
    counted: (eventName, customer) =>
      state.meters.by("eventName", eventName).flatMap((meter) => state.usage.factsOf(meter.id, customer)),
    process: () => processor.process(),
    close: async () => {
      processor.stop();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      keeping.stop();
    },
  };
}
