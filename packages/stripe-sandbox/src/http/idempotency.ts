import { createHash } from "node:crypto";
import type { EpochMs } from "../core/time.ts";
import { ApiError, invalidRequest } from "../wire/errors.ts";

/** How long a first reply is replayed. Stripe says "at least 24 hours"; the harsher reading is: not a moment longer. */
const KEY_MEMORY_MS = 24 * 3_600_000;
const MAX_KEY_LENGTH = 255;

/** A reply as it is sent. */
export type StoredReply = { status: number; body: string };

/** What a request with a key may do: answer from memory, or go on and tell how it ended. */
export type Claim = { replay: StoredReply } | { settle: (reply: StoredReply | null) => void };

type Remembered = StoredReply & { fingerprint: string; createdAt: EpochMs };

/** Remembers first replies by key. v1 and v2 keep their keys apart. */
export class Idempotency {
  private readonly running = new Set<string>();
  /** In order of time, so the old ones are at the front. */
  private remembered = new Map<string, Remembered>();

  /** @throws ApiError 400 for other parameters under the same key, 409 while the first request is still running. */
  claim(request: { family: "v1" | "v2"; key: string; content: string; now: EpochMs }): Claim {
    if (request.key.length > MAX_KEY_LENGTH) {
      throw invalidRequest(`Idempotency keys can be at most ${MAX_KEY_LENGTH} characters.`);
    }
    const id = `${request.family} ${request.key}`;
    const fingerprint = createHash("sha256").update(request.content).digest("hex");
    this.forget(request.now);
    const known = this.remembered.get(id);
    if (known) {
      if (known.fingerprint !== fingerprint) throw otherParameters(request.key);
      return { replay: { status: known.status, body: known.body } };
    }
    if (this.running.has(id)) throw stillRunning(request.key);
    this.running.add(id);
    return {
      settle: (reply) => {
        this.running.delete(id);
        if (reply && isKept(request.family, reply.status)) {
          this.remembered.set(id, { ...reply, fingerprint, createdAt: request.now });
        }
      },
    };
  }

  /** Everything that is remembered, for a state file. */
  save(): Map<string, Remembered> {
    return this.remembered;
  }

  /** Takes what `save` gave. */
  load(saved: Map<string, Remembered>): void {
    this.remembered = saved;
  }

  private forget(now: EpochMs): void {
    for (const [id, { createdAt }] of this.remembered) {
      if (now - createdAt < KEY_MEMORY_MS) break;
      this.remembered.delete(id);
    }
  }
}

/**
 * v1 keeps whatever execution began to do, 500s included; a refused parameter or a conflict never began. v2 continues
 * failed work instead of replaying it, so only its successes are kept.
 */
function isKept(family: "v1" | "v2", status: number): boolean {
  if (status < 400) return true;
  return family === "v1" && (status === 402 || status >= 500);
}

function otherParameters(key: string): ApiError {
  return new ApiError(400, {
    type: "idempotency_error",
    message:
      "Keys for idempotent requests can only be used with the same parameters they were first used with. " +
      `Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}

function stillRunning(key: string): ApiError {
  return new ApiError(409, {
    type: "idempotency_error",
    code: "idempotency_key_in_use",
    message:
      "There is currently another in-progress request using this Idempotent Key (that probably means you submitted " +
      `twice, and the other request is still going through): ${key}. Please try again later.`,
  });
}
