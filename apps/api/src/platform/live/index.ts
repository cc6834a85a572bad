export { closeCodes } from "./close-codes.ts";
export { LiveConnections } from "./live-connections.ts";
export type { LiveParts } from "./live-parts.ts";
export { LiveSource } from "./live-source.ts";
export { serveLive } from "./live-server.ts";
export type { LiveSettings } from "./live-settings.ts";
export { NudgeReceiver } from "./nudge-receiver.ts";
export { type Hearing, type NudgeListener, Nudges, type Nudging } from "./nudges.ts";
