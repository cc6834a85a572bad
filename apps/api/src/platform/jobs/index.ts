export { type JobPlan, type JobRunner, type JobSettings, startJobRunner } from "./job-runner.ts";
