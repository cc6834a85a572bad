import { createHash, randomBytes, randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { AuditLog } from "../audit/audit-log.ts";
import type { Clock } from "../clock.ts";
import { type Database, isUuid } from "../database/index.ts";
import { badUserInput, notFound } from "../graphql/errors.ts";
import type { Logger } from "../observability/logger.ts";
import { ApiKeyEntity } from "./api-key.entity.ts";
import { type ApiKeyScope, actorOf, type Viewer } from "./viewer.ts";

const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = 10;
const MAX_CACHED_KEYS = 10_000;
const MAX_LISTED_KEYS = 1_000;
const MAX_NAME_LENGTH = 200;
// last_used_at is for people who wonder whether a key is still needed; a minute is near enough.
const LAST_USED_EVERY_MS = 60_000;
const keyPattern = /^ml_[A-Za-z0-9_-]{43}$/;

type KeyViewer = Extract<Viewer, { kind: "API_KEY" }>;

const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/** Makes, revokes and recognizes API keys. */
export class ApiKeyService {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #audit: AuditLog;
  readonly #logger: Logger;
  /** By hash. False is a key that is unknown or revoked, kept so that guessing does not reach the database each time. */
  readonly #known: LRUCache<string, KeyViewer | false> | null;
  readonly #lastUsed = new LRUCache<string, number>({ max: MAX_CACHED_KEYS });

  constructor(parts: { database: Database; clock: Clock; audit: AuditLog; logger: Logger; cacheMs: number }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#audit = parts.audit;
    this.#logger = parts.logger;
    this.#known =
      parts.cacheMs === 0
        ? null
        : new LRUCache({
            max: MAX_CACHED_KEYS,
            ttl: parts.cacheMs,
            perf: { now: () => parts.clock.now() },
            ttlResolution: 0,
          });
  }

  /** Who holds this key; null when it is unknown or revoked. A revocation elsewhere counts here within the cache's time. */
  async authenticate(secret: string): Promise<KeyViewer | null> {
    if (!keyPattern.test(secret)) return null;
    const hash = hashOf(secret);
    const cacheKey = hash.toString("base64");
    const cached = this.#known?.get(cacheKey);
    const viewer = cached ?? (await this.#load(hash));
    if (cached === undefined) this.#known?.set(cacheKey, viewer);
    if (viewer === false) return null;
    this.#touch(viewer.keyId);
    return viewer;
  }

  /** Makes a key; the secret is in the answer and nowhere else. */
  async create(
    viewer: Viewer | null,
    input: { name: string; scopes: readonly ApiKeyScope[] },
  ): Promise<{ apiKey: ApiKeyEntity; secret: string }> {
    const name = input.name.trim();
    if (name.length === 0 || name.length > MAX_NAME_LENGTH || /\p{Cc}/u.test(name))
      throw badUserInput(`name must have 1 to ${MAX_NAME_LENGTH} characters, and no control characters.`, "name");
    if (input.scopes.length === 0) throw badUserInput("scopes must name at least one scope.", "scopes");
    const secret = `ml_${randomBytes(SECRET_BYTES).toString("base64url")}`;
    const apiKey: ApiKeyEntity = {
      id: randomUUID(),
      name,
      prefix: secret.slice(0, SHOWN_CHARACTERS),
      secretHash: hashOf(secret),
      scopes: [...new Set(input.scopes)].toSorted(),
      createdAt: new Date(this.#clock.now()),
      lastUsedAt: null,
      revokedAt: null,
    };
    await this.#database.transaction(async (transaction) => {
      await transaction.manager.insert(ApiKeyEntity, apiKey);
      await this.#audit.write(transaction, {
        actor: viewer === null ? "system" : actorOf(viewer),
        action: "api-key.create",
        subject: `api-key:${apiKey.id}`,
        detail: { name, prefix: apiKey.prefix, scopes: apiKey.scopes },
      });
    });
    return { apiKey, secret };
  }

  /** Ends a key. Doing it again changes nothing. */
  async revoke(viewer: Viewer, id: string): Promise<ApiKeyEntity> {
    if (!isUuid(id)) throw notFound("There is no such API key.", "id");
    const apiKey = await this.#database.transaction(async (transaction) => {
      // Locked in SQL: the manager does not know of the transaction that this connection is in, and refuses its own lock.
      await transaction.query("SELECT id FROM api_key WHERE id = $1 FOR UPDATE", [id]);
      const found = await transaction.manager.findOneBy(ApiKeyEntity, { id });
      if (found === null) throw notFound("There is no such API key.", "id");
      if (found.revokedAt !== null) return found;
      found.revokedAt = new Date(this.#clock.now());
      await transaction.manager.update(ApiKeyEntity, { id }, { revokedAt: found.revokedAt });
      await this.#audit.write(transaction, {
        actor: actorOf(viewer),
        action: "api-key.revoke",
        subject: `api-key:${id}`,
      });
      return found;
    });
    this.#known?.delete(Buffer.from(apiKey.secretHash).toString("base64"));
    return apiKey;
  }

  /** Every key, newest first, revoked ones too. */
  list(): Promise<ApiKeyEntity[]> {
    return this.#database.dataSource.manager.find(ApiKeyEntity, {
      order: { createdAt: "DESC", id: "ASC" },
      take: MAX_LISTED_KEYS,
    });
  }

  async #load(hash: Buffer): Promise<KeyViewer | false> {
    const [row] = await this.#database.query<{
      id: string;
      name: string;
      scopes: ApiKeyScope[];
      last_used_at: Date | null;
    }>("SELECT id, name, scopes, last_used_at FROM api_key WHERE secret_hash = $1 AND revoked_at IS NULL", [hash]);
    if (row === undefined) return false;
    if (row.last_used_at !== null) this.#lastUsed.set(row.id, row.last_used_at.getTime());
    return { kind: "API_KEY", keyId: row.id, name: row.name, scopes: new Set(row.scopes) };
  }

  #touch(keyId: string): void {
    const now = this.#clock.now();
    if (now - (this.#lastUsed.get(keyId) ?? Number.NEGATIVE_INFINITY) < LAST_USED_EVERY_MS) return;
    this.#lastUsed.set(keyId, now);
    // Not awaited: a request is not held up for it, and the next minute tries again.
    this.#database
      .query("UPDATE api_key SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)", [
        keyId,
        new Date(now),
      ])
      .catch((error: unknown) => this.#logger.warn({ err: error, keyId }, "could not note the use of an API key"));
  }
}
