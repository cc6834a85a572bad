export { WorkLanes, type WorkSource } from "./work-lanes.ts";
export {
  type DueRow,
  type WorkDependencies,
  type WorkEnd,
  type WorkPlan,
  type WorkTable,
  WorkRows,
} from "./work-rows.ts";
