import type { RequestContext } from "../../platform/graphql/index.ts";

type Batch<Answer> = { ids: string[]; answers: Promise<Map<string, Answer>> };

/** What one request asks for in one turn, by customer: a page of alerts or deliveries is one read. */
export class RequestBatches<Answer> {
  readonly #read: (context: RequestContext, customerId: string, ids: readonly string[]) => Promise<Map<string, Answer>>;
  readonly #batches = new WeakMap<RequestContext, Map<string, Batch<Answer>>>();

  constructor(
    read: (context: RequestContext, customerId: string, ids: readonly string[]) => Promise<Map<string, Answer>>,
  ) {
    this.#read = read;
  }

  async ask(context: RequestContext, customerId: string, id: string): Promise<Answer | undefined> {
    const batch = this.#batchOf(context, customerId);
    batch.ids.push(id);
    return (await batch.answers).get(id);
  }

  #batchOf(context: RequestContext, customerId: string): Batch<Answer> {
    const batches = this.#batches.get(context) ?? new Map<string, Batch<Answer>>();
    this.#batches.set(context, batches);
    const open = batches.get(customerId);
    if (open !== undefined) return open;
    const ids: string[] = [];
    const answers = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      batches.delete(customerId);
      return this.#read(context, customerId, ids);
    });
    const batch = { ids, answers };
    batches.set(customerId, batch);
    return batch;
  }
}
