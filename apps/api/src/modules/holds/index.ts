export { CommitReservationService } from "./commit-reservation.service.ts";
export { HoldResolver } from "./hold.resolver.ts";
export { type HoldOutcome, type HoldRequest, HoldService } from "./hold.service.ts";
