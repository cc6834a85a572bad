import { randomUUID } from "node:crypto";
import {
  customerPeriodAt,
  type EpochMs,
  type Fault,
  faultsOfLimit,
  type LimitDefinition,
  limitBelowUsageInWords,
  limitInWords,
  MAX_LIMITS,
  parseLimitDefinition,
} from "@meterline/billing-domain";
import type { AuditLog } from "../../platform/audit/index.ts";
import { actorOf, type Viewer } from "../../platform/auth/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Database, isUuid, type Transaction } from "../../platform/database/index.ts";
import { badUserInput, conflict, notFound } from "../../platform/graphql/index.ts";
import { type BillingProfile, type BillingProfiles, type Meters, selectProfiles } from "../catalog/index.ts";
import { lockUsage, rebuildTimeoutSql } from "../usage/index.ts";
import {
  type CustomerLimitRecord,
  endCustomerLimits,
  insertCustomerLimit,
  replacedBy,
  selectCustomerLimits,
} from "./customer-limit.repository.ts";
import { forgetCounters } from "./limit-counter.repository.ts";
import type { LimitReader } from "./limit-reader.ts";
import { wordsContext } from "./limit-state.mapping.ts";

/** What the service stands on. */
export type LimitDependencies = {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  meters: Meters;
  profiles: BillingProfiles;
  reader: LimitReader;
  /** Told in the same transaction: whoever judges by limits looks at the customer again. */
  onChanged(transaction: Transaction, customerId: string): Promise<void>;
};

/** What a limit would do, before it is saved: in words, what is wrong with it, and what it means for what is used. */
export type LimitPreview = { words: string | null; warnings: string[]; faults: Fault[] };

/** A limit that is to hold from now on. An override has a reason and an end. */
export type WantedLimit = { definition: unknown; reason: string | null; endsAt: EpochMs | null };

const maxReasonLength = 1_000;
const mostOverrideMs = 3 * 366 * 86_400_000;

/** Sets and ends limits of customers. Whether the viewer may is decided before. */
export class LimitService {
  readonly #on: LimitDependencies;

  constructor(dependencies: LimitDependencies) {
    this.#on = dependencies;
  }

  /** What saving a limit would mean. Changes nothing. */
  async preview(profile: BillingProfile, wanted: unknown): Promise<LimitPreview> {
    const { definition, faults } = await this.#checked(profile, wanted);
    if (definition === null) return { words: null, warnings: [], faults };
    const meter = await this.#meterOf(definition);
    const context = wordsContext(profile, meter);
    const standing = await this.#on.reader.standingAt(profile, definition);
    const below = standing === null ? null : limitBelowUsageInWords(standing, context);
    return { words: limitInWords(definition, context), warnings: below === null ? [] : [below], faults: [] };
  }

  /** Gives a customer a limit of its own; one of the same scope and policy that it had ends with it. */
  set(viewer: Viewer | null, customerId: string, definition: unknown): Promise<CustomerLimitRecord> {
    return this.#add(viewer, customerId, "CUSTOMER", { definition, reason: null, endsAt: null });
  }

  /** Puts a limit in place of all others of its scope, until an end, for a reason. */
  async override(viewer: Viewer | null, customerId: string, wanted: WantedLimit): Promise<CustomerLimitRecord> {
    const reason = wanted.reason?.trim() ?? "";
    if (reason === "") throw badUserInput("Say why this customer's limit is overridden.", "reason");
    if (reason.length > maxReasonLength || reason.includes("\0"))
      throw badUserInput(`reason may have at most ${maxReasonLength} characters, none of them NUL.`, "reason");
    const now = this.#on.clock.now();
    if (wanted.endsAt === null || wanted.endsAt <= now || wanted.endsAt > now + mostOverrideMs)
      throw badUserInput("An override ends at an instant ahead, at most three years from now.", "endsAt");
    return this.#add(viewer, customerId, "OVERRIDE", { ...wanted, reason });
  }

  /** Ends a limit of the customer's own, or an override, at once. Ended already, it stays as it is. */
  async end(viewer: Viewer | null, customerId: string, limitId: string): Promise<CustomerLimitRecord> {
    const unknown = () => notFound("The customer has no such limit of its own.", "limitId");
    if (!isUuid(limitId)) throw unknown();
    return this.#changing(customerId, async (transaction) => {
      const all = await selectCustomerLimits(transaction, customerId, "ALL");
      const limit = all.find((one) => one.id === limitId);
      if (limit === undefined) throw unknown();
      if (limit.endedBy !== null) return { changed: false, answer: limit };
      await this.#end(transaction, viewer, customerId, [limit]);
      const [ended] = (await selectCustomerLimits(transaction, customerId, "ALL")).filter((one) => one.id === limitId);
      return { changed: true, answer: ended ?? limit };
    });
  }

  async #add(
    viewer: Viewer | null,
    customerId: string,
    source: CustomerLimitRecord["source"],
    wanted: WantedLimit,
  ): Promise<CustomerLimitRecord> {
    return this.#changing(customerId, async (transaction, profile) => {
      const { definition, faults } = await this.#checked(profile, wanted.definition);
      if (definition === null) throw refused(faults);
      const standing = await selectCustomerLimits(transaction, customerId);
      const replaced = replacedBy(standing, { source, definition });
      // Those whose time is up are put away too, so that what is read with every profile stays small.
      const now = this.#on.clock.now();
      const over = standing.filter((one) => one.endsAt !== null && one.endsAt <= now && !replaced.includes(one));
      if (standing.length - replaced.length - over.length >= MAX_LIMITS)
        throw conflict(`A customer may have ${MAX_LIMITS} limits of its own; end one first.`, "limit");
      await this.#end(transaction, viewer, customerId, [...replaced, ...over]);
      const record: CustomerLimitRecord = {
        id: randomUUID(),
        customerId,
        source,
        definition,
        reason: wanted.reason,
        startsAt: now,
        endsAt: wanted.endsAt,
        createdBy: actorText(viewer),
        endedBy: null,
      };
      await insertCustomerLimit(transaction, record);
      const action = source === "OVERRIDE" ? "limit.override" : "limit.set";
      const { reason, endsAt } = record;
      const detail = {
        limitId: record.id,
        definition,
        ...(reason === null ? {} : { reason }),
        ...(endsAt === null ? {} : { endsAt: new Date(endsAt).toISOString() }),
        replaces: replaced.map((one) => one.id),
      };
      await this.#on.audit.write(transaction, {
        actor: record.createdBy,
        action,
        subject: `customer:${customerId}`,
        detail,
      });
      return { changed: true, answer: record };
    });
  }

  async #end(
    transaction: Transaction,
    viewer: Viewer | null,
    customerId: string,
    limits: readonly CustomerLimitRecord[],
  ): Promise<void> {
    if (limits.length === 0) return;
    const ids = limits.map((one) => one.id);
    const endedBy = actorText(viewer);
    await endCustomerLimits(transaction, { customerId, ids, endedBy, now: this.#on.clock.now() });
    for (const limitId of ids) {
      const entry = { actor: endedBy, action: "limit.end", subject: `customer:${customerId}`, detail: { limitId } };
      await this.#on.audit.write(transaction, entry);
    }
  }

  /**
   * Runs a change while no usage of the customer is recorded, and raises its billing version: usage that was decided by
   * a profile from before inserts nothing and is decided again.
   */
  async #changing<T>(
    customerId: string,
    change: (transaction: Transaction, profile: BillingProfile) => Promise<{ changed: boolean; answer: T }>,
  ): Promise<T> {
    if (!isUuid(customerId)) throw notFound("There is no such customer.", "customerId");
    try {
      return await this.#on.database.transaction(async (transaction) => {
        await transaction.query(rebuildTimeoutSql);
        await lockUsage(transaction, { shared: [], exclusive: [customerId] });
        const [profile] = await selectProfiles(transaction, { ids: [customerId], externalIds: [] });
        if (profile === undefined) throw notFound("There is no such customer.", "customerId");
        const { changed, answer } = await change(transaction, profile);
        if (!changed) return answer;
        await forgetCounters(transaction, customerId);
        await this.#on.onChanged(transaction, customerId);
        await transaction.query("UPDATE customer SET billing_version = billing_version + 1 WHERE id = $1", [
          customerId,
        ]);
        return answer;
      });
    } finally {
      // Also after a failure: a commit whose answer was lost may have happened.
      this.#on.profiles.changed(customerId);
    }
  }

  async #checked(
    profile: BillingProfile,
    wanted: unknown,
  ): Promise<{ definition: LimitDefinition; faults: [] } | { definition: null; faults: Fault[] }> {
    const read = parseLimitDefinition(wanted);
    if (!read.ok) return { definition: null, faults: read.faults };
    const meters = new Map((await this.#on.meters.all()).map((meter) => [meter.definition.key, meter.definition]));
    const { term } = customerPeriodAt(profile.subscriptions, this.#on.clock.now());
    const faults = faultsOfLimit(read.limit, { meters, rateCards: term?.plan.rateCards ?? [] });
    return faults.length > 0 ? { definition: null, faults } : { definition: read.limit, faults: [] };
  }

  async #meterOf({ meterKey }: LimitDefinition) {
    if (meterKey === undefined) return null;
    return (await this.#on.meters.find([meterKey])).get(meterKey) ?? null;
  }
}

function actorText(viewer: Viewer | null): string {
  return viewer === null ? "system" : actorOf(viewer);
}

function refused(faults: readonly Fault[]) {
  const [first] = faults;
  const example = first === undefined ? "" : ` ${first.path || "limit"} ${first.message}.`;
  return badUserInput(`The limit cannot be set.${example}`, `limit.${first?.path ?? ""}`, faults);
}
