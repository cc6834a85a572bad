import { createHash } from "node:crypto";
import type { Fault } from "@meterline/billing-domain";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database, Sql } from "../../platform/database/index.ts";
import { badUserInput, type CallerError, conflict } from "../../platform/graphql/index.ts";
import { canonicalJson } from "./canonical-json.ts";
import { lockCatalog, readStoredCatalog, writeCatalogChange } from "./catalog.repository.ts";
import { parseCatalog } from "./catalog-definition.ts";
import { type CatalogChange, type CatalogChangePlan, planCatalogChange } from "./catalog-difference.ts";
import type { Meters } from "./meters.ts";
import { latestPlanVersions, type PlanVersionRow } from "./plan-version.read-model.ts";

/** What differs, and a digest that names exactly this file against exactly this database. */
export type CatalogDifference = { changes: CatalogChange[]; digest: string };

/** What the service stands on. */
export type CatalogDependencies = { database: Database; clock: Clock; audit: AuditLog; meters: Meters };

/** Compares a catalog file with the database and applies it. Whether the viewer may is decided before. */
export class CatalogService {
  readonly #on: CatalogDependencies;

  constructor(dependencies: CatalogDependencies) {
    this.#on = dependencies;
  }

  /** What applying the file would do. Changes nothing. */
  async difference(catalog: unknown): Promise<CatalogDifference> {
    const { plan, digest } = await compare(this.#on.database, catalog);
    return { changes: plan.changes, digest };
  }

  /**
   * Applies the file, if file and database are still those that the digest was made from. Applied again, with the
   * digest of the difference that is then left, it changes nothing.
   */
  async apply(viewer: Viewer | null, catalog: unknown, digest: string): Promise<CatalogDifference> {
    const applied = await this.#on.database.transaction(async (transaction) => {
      await lockCatalog(transaction);
      const compared = await compare(transaction, catalog);
      if (compared.digest !== digest) throw changedSince();
      const changed = compared.plan.changes.filter((change) => change.kind !== "KEEP");
      if (changed.length === 0) return compared;
      await writeCatalogChange(transaction, compared.plan, this.#on.clock.now());
      await this.#on.audit.write(transaction, {
        actor: viewer === null ? "system" : actorOf(viewer),
        action: "catalog.apply",
        subject: "catalog",
        detail: { changes: changed.map(({ kind, path, summary }) => ({ kind, path, summary })) },
      });
      return compared;
    });
    // Billing profiles may stay: a subscription is on a version, and versions never change.
    this.#on.meters.forget();
    return { changes: applied.plan.changes, digest };
  }

  /** The latest version of every plan, by key. */
  plans(): Promise<PlanVersionRow[]> {
    return latestPlanVersions(this.#on.database);
  }
}

async function compare(sql: Sql, json: unknown): Promise<{ plan: CatalogChangePlan; digest: string }> {
  const read = parseCatalog(json);
  if (!read.ok) throw refused(read.faults);
  const stored = await readStoredCatalog(sql);
  const planned = planCatalogChange(stored, read.catalog);
  if (!planned.ok) throw refused(planned.faults);
  const content = canonicalJson({ stored, wanted: read.catalog });
  return { plan: planned.plan, digest: createHash("sha256").update(content).digest("hex") };
}

const maxShownFaults = 200;

function refused(faults: readonly Fault[]): CallerError {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  const [first] = faults;
  const example = first === undefined ? "" : ` The first: ${first.path || "catalog"} ${first.message}.`;
  return badUserInput(
    `The catalog has ${count}; nothing was applied.${example}`,
    "catalog",
    faults.slice(0, maxShownFaults),
  );
}

const changedSince = (): CallerError =>
  conflict(
    "The catalog file or the database changed after the difference was shown. Ask for the difference again.",
    "digest",
  );
