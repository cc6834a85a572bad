import { type ApiCaller, apiRefuses } from "./api-caller.ts";
import { ImportStopped } from "./import-stopped.ts";

/** What the import is going to need of the API. */
export type ApiNeeds = {
  readonly meterKey: string;
  readonly planKey: string | null;
  readonly isBackfill: boolean;
  /** How long an API that does not answer is waited for. */
  readonly waitMs: number;
};

/** An API that is not there from the start was most likely not started; one that starts again takes less than this. */
const FIRST_WAIT_MS = 60_000;

/** What the API allows and knows. */
export type ApiFacts = { readonly scopes: ReadonlySet<string>; readonly planCurrency: string | null };

const VIEWER = "query Viewer{viewer{kind name scopes}}";
const METERS = "query Meters{meters{key}}";
const PLANS = "query Plans{plans{key latest{currency}}}";

type Viewer = { readonly viewer: { readonly kind: string; readonly name: string; readonly scopes: readonly string[] } };
type Meters = { readonly meters: readonly { readonly key: string }[] };
type Plans = { readonly plans: readonly { readonly key: string; readonly latest: { readonly currency: string } }[] };

/** Looks at the key, the meter and the plan before the first row, so that a slip is not told once per row. Throws `ImportStopped`. */
export async function checkApi(api: ApiCaller, needs: ApiNeeds): Promise<ApiFacts> {
  const answer = await api.call(VIEWER, {}, Math.min(needs.waitMs, FIRST_WAIT_MS));
  if (!answer.ok) throw apiRefuses(answer.failure);
  const { viewer } = answer.data as Viewer;
  const scopes = new Set(viewer.scopes);
  requireScope(scopes, "USAGE_WRITE", { key: viewer.name, purpose: "recording usage" });
  if (needs.isBackfill) requireScope(scopes, "USAGE_BACKFILL", { key: viewer.name, purpose: "--backfill" });
  if (needs.planKey !== null) {
    requireScope(scopes, "CUSTOMERS_WRITE", { key: viewer.name, purpose: "--create-customers" });
  }
  await checkMeter(api, needs.meterKey);
  return { scopes, planCurrency: needs.planKey === null ? null : await currencyOfPlan(api, needs.planKey) };
}

function requireScope(
  scopes: ReadonlySet<string>,
  scope: string,
  { key, purpose }: { key: string; purpose: string },
): void {
  if (scopes.has(scope)) return;
  const name = scope.toLowerCase().replace("_", ":");
  const message = `The API key "${key}" lacks the scope ${name}, which ${purpose} needs. Use a key that has it.`;
  throw new ImportStopped("MISSING_SCOPE", message);
}

/** A key that may not list meters learns from the first rows instead. */
async function checkMeter(api: ApiCaller, meterKey: string): Promise<void> {
  const answer = await api.call(METERS);
  if (!answer.ok) return;
  const keys = (answer.data as Meters).meters.map(({ key }) => key);
  if (keys.includes(meterKey)) return;
  throw new ImportStopped("UNKNOWN_METER", `There is no meter "${meterKey}". There are: ${keys.join(", ") || "none"}.`);
}

async function currencyOfPlan(api: ApiCaller, planKey: string): Promise<string | null> {
  const answer = await api.call(PLANS);
  if (!answer.ok) return null;
  const { plans } = answer.data as Plans;
  const plan = plans.find(({ key }) => key === planKey);
  if (plan) return plan.latest.currency;
  const keys = plans.map(({ key }) => key).join(", ") || "none";
  throw new ImportStopped("UNKNOWN_PLAN", `There is no plan "${planKey}". There are: ${keys}.`);
}
