import { endedIdentities, type Identity } from "../auth/index.ts";
import type { Clock } from "../clock.ts";
import type { Sql } from "../database/index.ts";
import type { Logger } from "../observability/index.ts";
import { closeCodes } from "./close-codes.ts";
import type { LiveSettings } from "./live-settings.ts";
import type { LiveSocket } from "./live-socket.ts";

/** A connection; its identity is known once it has said who it is. */
export type LiveConnection = { readonly socket: LiveSocket; identity: Identity | null };

/** Every live connection of this process: counted, asked whether it is there, and held to its rights. */
export class LiveConnections {
  readonly #parts: { sql: Sql; clock: Clock; logger: Logger; settings: LiveSettings };
  readonly #open = new Set<LiveConnection>();
  readonly #perViewer = new Map<string, number>();
  #pings: NodeJS.Timeout | null = null;
  #checks: NodeJS.Timeout | null = null;
  #checking: Promise<void> | null = null;

  constructor(parts: { sql: Sql; clock: Clock; logger: Logger; settings: LiveSettings }) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#open.size;
  }

  get isFull(): boolean {
    return this.#open.size >= this.#parts.settings.maxConnections;
  }

  /** Begins to ask and to check, for all connections together. */
  start(): void {
    const { pingEveryMs, recheckEveryMs } = this.#parts.settings;
    this.#pings = setInterval(() => {
      for (const { socket } of this.#open) socket.ping();
    }, pingEveryMs);
    this.#checks = setInterval(() => {
      // One at a time: a database that answers late is not asked again meanwhile.
      this.#checking ??= this.checkRights().finally(() => {
        this.#checking = null;
      });
    }, recheckEveryMs);
  }

  add(connection: LiveConnection): void {
    this.#open.add(connection);
  }

  /** Notes who a connection is; false when that viewer has as many as it may. */
  admit(connection: LiveConnection, identity: Identity): boolean {
    const { maxConnectionsPerKey, maxConnectionsPerPerson } = this.#parts.settings;
    const most = identity.viewer.kind === "API_KEY" ? maxConnectionsPerKey : maxConnectionsPerPerson;
    const key = viewerKey(identity);
    const count = this.#perViewer.get(key) ?? 0;
    if (count >= most || !this.#open.has(connection)) return false;
    this.#perViewer.set(key, count + 1);
    connection.identity = identity;
    return true;
  }

  remove(connection: LiveConnection): void {
    if (!this.#open.delete(connection) || connection.identity === null) return;
    const key = viewerKey(connection.identity);
    const left = (this.#perViewer.get(key) ?? 1) - 1;
    if (left > 0) this.#perViewer.set(key, left);
    else this.#perViewer.delete(key);
  }

  /** Closes every connection whose viewer lost the session, the membership or the key that it came with. */
  async checkRights(): Promise<void> {
    const { sql, clock, logger } = this.#parts;
    const known = [...this.#open].filter(isKnown);
    try {
      const ended = await endedIdentities(
        sql,
        known.map((connection) => connection.identity),
        clock.now(),
      );
      for (const { socket, identity } of known)
        if (ended.has(identity)) socket.close(closeCodes.RIGHTS_ENDED, "Your session or key has ended.");
    } catch (error) {
      // Without a database nothing can be read either; the next check decides.
      logger.warn({ err: error, connections: known.length }, "could not check the rights of live connections");
    }
  }

  /** Tells every client to go elsewhere, and cuts off those that do not go within `graceMs`. */
  async close(graceMs: number): Promise<void> {
    if (this.#pings !== null) clearInterval(this.#pings);
    if (this.#checks !== null) clearInterval(this.#checks);
    await this.#checking;
    for (const { socket } of this.#open) socket.close(closeCodes.GOING_AWAY, "Meterline restarts.");
    const deadline = performance.now() + graceMs;
    while (this.#open.size > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const { socket } of this.#open) socket.terminate();
  }
}

function isKnown(connection: LiveConnection): connection is LiveConnection & { identity: Identity } {
  return connection.identity !== null;
}

function viewerKey({ viewer }: Identity): string {
  return viewer.kind === "API_KEY" ? `key ${viewer.keyId}` : `${viewer.kind} ${viewer.userId}`;
}
