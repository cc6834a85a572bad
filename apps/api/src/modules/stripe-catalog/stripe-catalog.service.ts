import { createHash } from "node:crypto";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database, SessionLocks } from "../../platform/database/index.ts";
import { badUserInput, CallerError, conflict, unavailable } from "../../platform/graphql/index.ts";
import { classifyStripeError, type StripeGateway } from "../../platform/stripe/index.ts";
import { canonicalJson, type Meters } from "../catalog/index.ts";
import { readTheirCatalog } from "./stripe-account-state.ts";
import { planVersionsForStripe, readStoredLinks } from "./stripe-catalog.repository.ts";
import type { StripeChange } from "./stripe-changes.ts";
import { planStripeChange } from "./stripe-difference.ts";
import { applyStripeOperation } from "./stripe-operations.ts";

/** What differs, and a digest that names exactly these changes. */
export type StripeCatalogDifference = { changes: StripeChange[]; digest: string };

/** What was done of a difference, and how much of it is left for another call. */
export type AppliedStripeCatalog = { applied: StripeChange[]; left: number };

/** What the service stands on; no gateway where Stripe is not configured. */
export type StripeCatalogDependencies = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  meters: Meters;
  locks: SessionLocks;
  gateway: StripeGateway | null;
};

const lockClass = 7_011;
/** One call applies so many changes, so that it ends within a request's time; the caller calls again for the rest. */
const mostChanges = 200;

/** Brings our catalog to Stripe: what it would do is shown first. Whether the viewer may is decided before. */
export class StripeCatalogService {
  readonly #on: StripeCatalogDependencies;

  constructor(dependencies: StripeCatalogDependencies) {
    this.#on = dependencies;
  }

  /** What applying would do. Changes nothing. */
  async difference(): Promise<StripeCatalogDifference> {
    const gateway = requireGateway(this.#on.gateway);
    const { database, clock, meters } = this.#on;
    const ours = {
      meters: (await meters.all()).map(({ id, definition }) => ({ id, definition })),
      plans: await planVersionsForStripe(database, clock.now()),
    };
    const stored = await readStoredLinks(database);
    const theirs = await told(() => readTheirCatalog(gateway, ours));
    const changes = planStripeChange(ours, stored, theirs);
    const content = changes.map(({ kind, path, summary }) => ({ kind, path, summary }));
    return { changes, digest: createHash("sha256").update(canonicalJson({ content })).digest("hex") };
  }

  /**
   * Does what `difference` showed, if it is still that. Everything that Stripe refuses is said and stays undone, and so
   * does what comes after it; applied again, it goes on where it stopped. Nothing is ever made twice: meters, products and
   * prices each have a name of ours that Stripe gives once.
   */
  async apply(viewer: Viewer | null, digest: string): Promise<AppliedStripeCatalog> {
    const { locks } = this.#on;
    if (!(await locks.tryLock(lockClass, "catalog"))) throw conflict("The catalog is being applied to Stripe already.");
    try {
      const compared = await this.difference();
      if (compared.digest !== digest)
        throw conflict("Stripe or the catalog changed after the difference was shown. Ask for it again.", "digest");
      return await this.#apply(viewer, compared.changes);
    } finally {
      await locks.unlock(lockClass, "catalog");
    }
  }

  async #apply(viewer: Viewer | null, changes: readonly StripeChange[]): Promise<AppliedStripeCatalog> {
    const gateway = requireGateway(this.#on.gateway);
    const { database, clock, audit } = this.#on;
    const wanted = changes.filter((change) => change.operation !== null);
    const applied: StripeChange[] = [];
    try {
      for (const change of wanted.slice(0, mostChanges)) {
        const { operation } = change;
        if (operation === null) continue;
        await told(() => applyStripeOperation(operation, { gateway, database, now: clock.now() }), change.path);
        applied.push(change);
      }
    } finally {
      if (applied.length > 0)
        await audit.write(database, {
          actor: viewer === null ? "system" : actorOf(viewer),
          action: "stripe.catalog.apply",
          subject: "stripe-catalog",
          detail: { changes: applied.map(({ kind, path, summary }) => ({ kind, path, summary })) },
        });
    }
    return { applied, left: wanted.length - applied.length };
  }
}

function requireGateway(gateway: StripeGateway | null): StripeGateway {
  if (gateway !== null) return gateway;
  throw badUserInput("Stripe is not configured here: set STRIPE_API_KEY.", "stripe");
}

/** A failure of Stripe in the words of the API: to be tried again, or what Stripe said against it. */
async function told<T>(call: () => Promise<T>, path?: string): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CallerError) throw error;
    const { kind, code, message } = classifyStripeError(error);
    const where = path === undefined ? "" : ` at ${path}`;
    if (kind === "PERMANENT") throw conflict(`Stripe refused${where}: ${message} (${code})`);
    throw unavailable(`Stripe could not be asked${where}: ${message} (${code}). Do it again.`);
  }
}
