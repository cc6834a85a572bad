import type { Clock } from "../../platform/clock.ts";
import { boundedCache } from "../../platform/bounded-cache.ts";
import type { Logger } from "../../platform/observability/index.ts";
import type { StripeGateway } from "../../platform/stripe/index.ts";
import { readInvoice } from "../reconciliation/index.ts";
import type { StatementRecord } from "./statement.repository.ts";

/** Where a customer sees and pays its invoice at Stripe. */
export type InvoiceLinks = { hostedUrl: string | null; pdfUrl: string | null };

const dayMs = 86_400_000;
/** Stripe's links end some weeks after they were made; those of the statement are shown for so long. */
const trustedMs = 7 * dayMs;
const rememberedMs = 3_600_000;
const mostInvoices = 1_000;

/** Links of a statement's invoice that still open: Stripe is asked for new ones when those that were kept have aged. */
export class CurrentInvoiceLinks {
  readonly #on: { gateway: StripeGateway | null; clock: Clock; logger: Logger };
  readonly #read = boundedCache<string, InvoiceLinks>(mostInvoices, rememberedMs);

  constructor(on: { gateway: StripeGateway | null; clock: Clock; logger: Logger }) {
    this.#on = on;
  }

  /** Never fails: while Stripe is away, the links that were kept. */
  async of({ invoice, finalAt }: Pick<StatementRecord, "invoice" | "finalAt">): Promise<InvoiceLinks | null> {
    if (invoice === null) return null;
    const { stripeInvoiceId, hostedUrl, pdfUrl } = invoice;
    const kept = { hostedUrl, pdfUrl };
    const { gateway, clock, logger } = this.#on;
    const isFresh = finalAt === null || clock.now() - finalAt < trustedMs;
    // A credit note has no page, and its PDF is not the invoice's.
    if (isFresh || gateway === null || hostedUrl === null) return kept;
    const known = this.#read.get(stripeInvoiceId);
    if (known !== undefined) return known;
    try {
      const read = await readInvoice(gateway, stripeInvoiceId);
      const links = { hostedUrl: read.hostedUrl ?? hostedUrl, pdfUrl: read.pdfUrl ?? pdfUrl };
      this.#read.set(stripeInvoiceId, links);
      return links;
    } catch (error) {
      logger.warn({ err: error, stripeInvoiceId }, "could not read an invoice's links anew");
      return kept;
    }
  }
}
