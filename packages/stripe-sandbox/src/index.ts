export type { SandboxOptions, WebhookOptions } from "./core/options.ts";
export type { FaultEffect, FaultRule } from "./http/faults.ts";
export { type Sandbox, type SandboxSettings, startSandbox } from "./sandbox.ts";
