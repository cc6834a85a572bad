import type { DeliveryFailure, UsageOutcome } from "../outcome.ts";
import type { UsageClient } from "../usage-client.ts";
import { apiAway, apiRefuses } from "./api-caller.ts";
import type { CsvRow } from "./csv-splitter.ts";
import { ImportStopped } from "./import-stopped.ts";
import type { RejectsFile } from "./rejects-file.ts";
import type { MappedRow } from "./row-mapper.ts";
import type { Tally } from "./tally.ts";

/** Refused rows that wait to be written; past it, sending waits for them. */
const MAX_UNWRITTEN = 1_000;

/** Gives rows to the client and counts what becomes of them. Without a client (a dry run) it counts what would be sent. */
export class RowSender {
  readonly #client: UsageClient | null;
  readonly #tally: Tally;
  readonly #rejects: RejectsFile;
  readonly #waitMs: number;
  #failure: Error | null = null;
  #writing: Promise<void> = Promise.resolve();
  #unwritten = 0;

  constructor(options: { client: UsageClient | null; tally: Tally; rejects: RejectsFile; waitMs: number }) {
    this.#client = options.client;
    this.#tally = options.tally;
    this.#rejects = options.rejects;
    this.#waitMs = options.waitMs;
  }

  /** Resolves when the row was taken, which is before it is answered. Throws what an earlier row's answer was fatal for. */
  async send(row: CsvRow, mapped: MappedRow): Promise<void> {
    const client = this.#client;
    if (client === null) {
      this.#tally.accept("SENDABLE", { units: mapped.units, at: Date.parse(String(mapped.record.occurredAt)) });
      return;
    }
    await client.ready();
    if (this.#unwritten > MAX_UNWRITTEN) await this.#writing;
    this.throwFailure();
    void client.recordAndWait(mapped.record).then((outcome) => this.#settle(row, { mapped, outcome }));
  }

  /** Counts a row that is not sent, and keeps it in the rejects file. */
  async refuse(row: CsvRow, reason: { code: string; message: string }): Promise<void> {
    this.#tally.refuse(reason.code);
    await this.#rejects.write(row, reason);
  }

  /** Resolves when every row that was sent is answered and counted. */
  async finish(): Promise<void> {
    await this.#client?.flush();
    await this.#writing;
    this.throwFailure();
  }

  throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }

  #settle(row: CsvRow, { mapped, outcome }: { mapped: MappedRow; outcome: UsageOutcome }): void {
    const at = Date.parse(String(mapped.record.occurredAt));
    switch (outcome.outcome) {
      case "RECORDED":
      case "DUPLICATE":
        this.#tally.accept(outcome.outcome, { units: mapped.units, at });
        return;
      case "REJECTED":
        this.#refuseLater(row, { code: outcome.rejection.code, message: outcome.rejection.message });
        return;
      case "FAILED":
        if (outcome.failure.kind === "CONTENT" || outcome.failure.code === "INVALID_INPUT")
          this.#refuseLater(row, outcome.failure);
        else this.#failure ??= this.#fatal(outcome.failure);
        return;
      case "SPILLED":
        // This client has no spill directory.
        this.#failure ??= new ImportStopped("SPILLED", "The client kept a row on disk.");
    }
  }

  #refuseLater(row: CsvRow, reason: { code: string; message: string }): void {
    this.#unwritten += 1;
    this.#writing = this.#writing
      .then(() => this.refuse(row, reason))
      .then(() => {
        this.#unwritten -= 1;
      })
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      });
  }

  #fatal(failure: DeliveryFailure): ImportStopped {
    if (failure.code === "CLOSED")
      return new ImportStopped("STOPPED", "Stopped. Run the same command again to continue.");
    return failure.kind === "CONFIGURATION" ? apiRefuses(failure) : apiAway(failure, this.#waitMs);
  }
}
