export type { SandboxOptions, WebhookOptions } from "./core/options.ts";
export type { UsageFact } from "./core/usage-ledger.ts";
export type { WallClock } from "./core/clock.ts";
export type { FaultEffect, FaultPanel, FaultRule } from "./http/faults.ts";
export { type Sandbox, type SandboxSettings, startSandbox } from "./sandbox.ts";
