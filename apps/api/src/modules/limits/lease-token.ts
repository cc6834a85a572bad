import { createHmac, timingSafeEqual } from "node:crypto";
import { isUuid } from "../../platform/database/index.ts";

/** What a lease's token says: which hold of which customer. */
export type LeaseClaim = { customerId: string; holdId: string };

const prefix = "mlease";

/**
 * Signs leases, so that a backend can show what it was granted and nobody can make a grant up. The token says nothing
 * that its bearer does not know; what is left of the lease is in the database.
 */
export class LeaseTokens {
  readonly #key: Buffer;

  /** `secret` is the one that signs sessions; the key is derived from it, so that one never stands for the other. */
  constructor(secret: string) {
    this.#key = createHmac("sha256", secret).update("meterline usage leases").digest();
  }

  sign({ customerId, holdId }: LeaseClaim): string {
    return `${prefix}.${customerId}.${holdId}.${this.#signature(customerId, holdId)}`;
  }

  /** The claim of a token that we signed; null for any other text. */
  verify(token: string): LeaseClaim | null {
    const [head, customerId = "", holdId = "", signature = "", ...more] = token.split(".", 6);
    if (head !== prefix || more.length > 0 || !isUuid(customerId) || !isUuid(holdId)) return null;
    const given = Buffer.from(signature);
    const expected = Buffer.from(this.#signature(customerId, holdId));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    return { customerId, holdId };
  }

  #signature(customerId: string, holdId: string): string {
    return createHmac("sha256", this.#key).update(`${customerId}\n${holdId}`).digest("base64url");
  }
}
