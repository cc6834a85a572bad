import { type ApiCaller, apiRefuses } from "./api-caller.ts";
import type { RowFault } from "./row-mapper.ts";

/** How customers that the file names come to be. */
export type CustomerSetupOptions = {
  readonly planKey: string;
  readonly currency: string;
  /** Start of the subscriptions, RFC 3339. */
  readonly startsAt: string;
};

/** Requests under way at once. */
const MAX_IN_FLIGHT = 8;
/** Customers remembered, so as not to ask again; past it, all are forgotten, which costs a repeated question each. */
const MAX_REMEMBERED = 500_000;

const CREATE_CUSTOMER = "mutation CreateCustomer($input:CreateCustomerInput!){createCustomer(input:$input){id}}";
const FIND_CUSTOMER = "query FindCustomer($externalId:String!){customer(externalId:$externalId){id}}";
const CREATE_SUBSCRIPTION =
  "mutation CreateSubscription($input:CreateSubscriptionInput!){createSubscription(input:$input){id}}";

/** Creates the customers of a file and puts them on a plan, before their first event. Doing it again changes nothing. */
export class CustomerSetup {
  readonly #api: ApiCaller;
  readonly #options: CustomerSetupOptions;
  readonly #known = new Map<string, RowFault | null>();
  #preparedCount = 0;
  #keptPlanCount = 0;

  constructor(api: ApiCaller, options: CustomerSetupOptions) {
    this.#api = api;
    this.#options = options;
  }

  get preparedCount(): number {
    return this.#preparedCount;
  }

  /** Customers who were on a plan already and stay on it. */
  get keptPlanCount(): number {
    return this.#keptPlanCount;
  }

  /** Resolves when each of these customers exists and has a plan, or it is known why not. */
  async prepare(externalIds: Iterable<string>): Promise<void> {
    if (this.#known.size > MAX_REMEMBERED) this.#known.clear();
    const waiting = [...new Set(externalIds)].filter((id) => !this.#known.has(id));
    const work = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
        this.#known.set(id, await this.#prepareOne(id));
    };
    await Promise.all(Array.from({ length: Math.min(MAX_IN_FLIGHT, waiting.length) }, work));
  }

  /** Why this customer's rows cannot be sent; null when they can. */
  faultOf(externalId: string): RowFault | null {
    return this.#known.get(externalId) ?? null;
  }

  async #prepareOne(externalId: string): Promise<RowFault | null> {
    const { planKey, currency, startsAt } = this.#options;
    const created = await this.#api.call(CREATE_CUSTOMER, { input: { externalId, name: externalId, currency } });
    if (!created.ok) {
      if (created.failure.kind === "CONFIGURATION") throw apiRefuses(created.failure);
      // The customer may exist under another name or currency: then it stays as it is.
      const found = await this.#api.call(FIND_CUSTOMER, { externalId });
      if (!found.ok || found.data["customer"] === null) return customerFault(created.failure.message);
    }
    const input = { externalCustomerId: externalId, planKey, startsAt };
    const subscribed = await this.#api.call(CREATE_SUBSCRIPTION, { input });
    if (!subscribed.ok) {
      if (subscribed.failure.kind === "CONFIGURATION") throw apiRefuses(subscribed.failure);
      if (subscribed.failure.code !== "CONFLICT") return customerFault(subscribed.failure.message);
      this.#keptPlanCount += 1;
    }
    this.#preparedCount += 1;
    return null;
  }
}

function customerFault(message: string): RowFault {
  return { ok: false, code: "CUSTOMER_NOT_CREATED", message };
}
