export { ProjectionResolver } from "./projection.resolver.ts";
export { PastAlertService } from "./past-alerts.ts";
export { type Projected, ProjectionService } from "./projection.service.ts";
export { ProjectionType } from "./projection.types.ts";
