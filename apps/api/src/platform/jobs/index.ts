export { type JobPlan, startJobRunner } from "./job-runner.ts";
