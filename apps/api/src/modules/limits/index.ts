export {
  countHolds,
  expireHolds,
  findHolds,
  type HoldRecord,
  insertHold,
  latestHolds,
  releaseHold,
  writeHolds,
} from "./hold.repository.ts";
export { type LeaseClaim, LeaseTokens } from "./lease-token.ts";
export { LimitResolver } from "./limit.resolver.ts";
export { LimitService } from "./limit.service.ts";
export { forgetCounters, forgetOldCounters, takeBackFromCounters, writeCounters } from "./limit-counter.repository.ts";
export { type AskedValue, dimensionValuesOf, type LimitPorts, readTallies } from "./limit-facts.ts";
export { limitLockSql } from "./limit-lock.ts";
export { LimitReader } from "./limit-reader.ts";
export { mapLimitState, mapUnlimited, wordsContext } from "./limit-state.mapping.ts";
export { askedValueOf, type LimitedUse, limitedUsageOf, limitedUseOf, type TouchedLimit } from "./limited-use.ts";
export {
  everyLimitOf,
  hasLimits,
  limitsHolding,
  type PlacedLimit,
  placed,
  planLimitsOf,
  type TallySource,
  tallySourceOf,
} from "./limits-of-profile.ts";
export { refuseUnheldAmounts } from "./plan-change.ts";
export { type LimitMeter, tallyKey, type TallyRequest } from "./tally-request.ts";
