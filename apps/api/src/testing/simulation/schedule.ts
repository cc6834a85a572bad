import type { EpochMs } from "@meterline/billing-domain";
import type { CrashPoint } from "./process-scope.ts";
import type { PlanKey } from "./simulation-catalog.ts";

/** One usage event that a backend will send. Its time is counted back from when it is sent. */
export type UsagePlan = {
  /** Unique in the schedule. */
  key: string;
  customer: number;
  meterKey: string;
  quantity: string;
  agoMs: number;
  properties: Record<string, string> | null;
};

/** What the worker does in one step. A healthy one does all of them, in this order, all the time. */
export const workerSteps = ["webhooks", "sync", "plan", "send", "settle", "close", "reconcile"] as const;
export type WorkerStep = (typeof workerSteps)[number];

/** What goes wrong on the way to Stripe, for so many of the coming requests. */
export type NetworkFault = {
  effect: "LOST_REPLY" | "LOST_REQUEST" | "TOO_MANY" | "SERVER_ERROR_BEFORE" | "SERVER_ERROR_AFTER" | "CONFLICT";
  requests: number;
};

/** One thing that happens. */
export type Step =
  | { do: "record"; items: UsagePlan[] }
  /** Items that were sent before are sent again as they were: a caller that did not hear the answer. */
  | { do: "resend"; picks: number[] }
  /** An earlier key with another quantity: refused, and kept. */
  | { do: "conflict"; pick: number }
  | { do: "void"; pick: number }
  /** Time passes, here and at Stripe. Attended: the worker does its part at each period's end on the way, as it should. */
  | { do: "wait"; ms: number; attended: boolean }
  /** Time passes until the customer's running period ends, and a little more or less. */
  | { do: "period-end"; customer: number; offsetMs: number }
  /** From now on our clock is ahead of Stripe's by so much; negative: behind. */
  | { do: "skew"; ms: number }
  /** Another plan: from the end of the running period, or at once. */
  | { do: "change-plan"; customer: number; planKey: PlanKey; atPeriodEnd: boolean }
  | { do: "work"; steps: WorkerStep[] }
  /** The process will die at a later write, in whichever step that is. */
  | { do: "crash"; point: CrashPoint }
  | { do: "fault"; fault: NetworkFault }
  /** Stripe is away, or takes nothing; until so much time has passed. */
  | { do: "outage"; ms: number; how: "REFUSED" | "FAILING" }
  /** Stripe's webhooks do not reach us for so long. */
  | { do: "deaf"; ms: number };

/** A whole run, as data: the same schedule always does the same. */
export type Schedule = {
  seed: number;
  startAt: EpochMs;
  /** Customers live on a Stripe test clock, or on Stripe's own. */
  testClocks: boolean;
  /** First plans, one a customer. */
  plans: PlanKey[];
  sandbox: {
    lagMs: number;
    lagJitterMs: number;
    asyncCheckRate: number;
    duplicateRate: number;
    duplicateEventRate: number;
    reorderRate: number;
  };
  steps: Step[];
};
