export { LimitResolver } from "./limit.resolver.ts";
export { LimitService } from "./limit.service.ts";
export { forgetCounters, takeBackFromCounters } from "./limit-counter.repository.ts";
export { type AskedValue, dimensionValuesOf, type LimitPorts, readTallies } from "./limit-facts.ts";
export { LimitReader } from "./limit-reader.ts";
export { mapLimitState, mapUnlimited, wordsContext } from "./limit-state.mapping.ts";
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
export { tallyKey, type TallyRequest } from "./tally-request.ts";
