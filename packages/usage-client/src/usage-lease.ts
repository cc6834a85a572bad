import type { Clock } from "./clock.ts";
import type { PropertyValue, UsageRecord } from "./usage-record.ts";

/** What a lease was granted for, and when by whose clock. */
export type LeaseGrant = {
  readonly id: string;
  readonly token: string;
  readonly quantity: string;
  /** By the API's clock, in milliseconds. */
  readonly heldAt: number;
  readonly expiresAt: number;
  /** By ours, before the question was sent. */
  readonly askedAt: number;
  readonly clock: Clock;
  readonly usage: {
    readonly customerId?: string;
    readonly externalCustomerId?: string;
    readonly meterKey: string;
    readonly properties?: Readonly<Record<string, PropertyValue>>;
  };
  readonly release: () => Promise<void>;
};

const PLACES = 12;
const QUANTITY = /^(\d{1,18})(?:\.(\d{1,12}))?$/;

/** Units that may be used without asking, while the lease lasts. What is used under it is recorded with its token. */
export class UsageLease {
  readonly id: string;
  readonly #grant: LeaseGrant;
  #left: bigint;

  constructor(grant: LeaseGrant) {
    this.id = grant.id;
    this.#grant = grant;
    this.#left = scaled(grant.quantity) ?? 0n;
  }

  /** Units that may still be used; "0" once the lease has ended. */
  get remaining(): string {
    return this.hasEnded ? "0" : textOf(this.#left);
  }

  /** Whether its time is up. Counted from when it was asked for, so that it never ends here later than at the API. */
  get hasEnded(): boolean {
    const { askedAt, heldAt, expiresAt, clock } = this.#grant;
    return clock.now() - askedAt >= expiresAt - heldAt;
  }

  /**
   * Takes units and answers the usage to record, or null when the lease has not that many left or has ended: then ask the
   * API. The time is told by the API's clock, since a lease covers what happens between its beginning and its end there.
   */
  use(usage: { readonly quantity?: string; readonly idempotencyKey?: string } = {}): UsageRecord | null {
    const { quantity = "1", idempotencyKey } = usage;
    const units = scaled(quantity);
    if (units === null || this.hasEnded || units > this.#left) return null;
    this.#left -= units;
    const { askedAt, heldAt, clock, token, usage: kind } = this.#grant;
    return {
      ...kind,
      quantity,
      occurredAt: new Date(heldAt + (clock.now() - askedAt)),
      leaseToken: token,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    };
  }

  /** Gives back what is left, at once rather than when its time is up. What was taken stays taken. */
  async release(): Promise<void> {
    this.#left = 0n;
    await this.#grant.release();
  }
}

function scaled(quantity: string): bigint | null {
  const match = QUANTITY.exec(quantity);
  if (match === null) return null;
  return BigInt((match[1] ?? "0") + (match[2] ?? "").padEnd(PLACES, "0"));
}

function textOf(units: bigint): string {
  const digits = String(units).padStart(PLACES + 1, "0");
  const fraction = digits.slice(-PLACES).replace(/0+$/, "");
  return digits.slice(0, -PLACES) + (fraction === "" ? "" : `.${fraction}`);
}
