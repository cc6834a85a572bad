import type { WebSocket } from "ws";
import { closeCodes } from "./close-codes.ts";

/** How much may wait for a reader, and how long. */
export type ReaderBounds = { maxBufferedBytes: number; slowReaderMs: number };

/** What a closed connection still gets to read its close frame; then the socket is cut. */
const closeGraceMs = 2_000;
/** A close frame holds at most 123 bytes of reason. */
const maxReasonCharacters = 120;

/**
 * One WebSocket, written to no faster than it is read: `send` resolves when the bytes have left the process, and graphql
 * asks the source for the next value only then. A reader that lets them wait longer or in greater number than the bounds
 * allow is shed: the connection closes with {@link closeCodes.SLOW_READER}, and the client resumes from its cursor.
 */
export class LiveSocket {
  readonly #socket: WebSocket;
  readonly #bounds: ReaderBounds;
  readonly #closed: Promise<void>;
  #isAlive = true;

  constructor(socket: WebSocket, bounds: ReaderBounds) {
    this.#socket = socket;
    this.#bounds = bounds;
    this.#closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("pong", () => this.#heard());
    socket.on("message", () => this.#heard());
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  send(text: string): Promise<void> {
    if (this.#socket.bufferedAmount > this.#bounds.maxBufferedBytes) this.shed();
    // Not before it is over, or a source would be read to its end for nobody.
    if (!this.isOpen) return this.#closed;
    return new Promise((resolve) => {
      const tooSlow = setTimeout(() => this.shed(), this.#bounds.slowReaderMs);
      this.#socket.send(text, () => {
        // Also when it failed: the socket then closes by itself, and everything that hangs on it with it.
        clearTimeout(tooSlow);
        resolve();
      });
    });
  }

  onMessage(handle: (text: string) => Promise<void>, onFault: (error: unknown) => void): void {
    this.#socket.on("message", (bytes) => {
      handle(String(bytes)).catch(onFault);
    });
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.#socket.close(code, reason.slice(0, maxReasonCharacters));
    // Who does not read does not answer the close either.
    const cut = setTimeout(() => this.#socket.terminate(), closeGraceMs);
    this.#socket.once("close", () => clearTimeout(cut));
  }

  /** Ends a reader that does not keep up. */
  shed(): void {
    this.close(closeCodes.SLOW_READER, "You read too slowly. Connect again and give `after`: nothing is lost.");
  }

  /** Asks whether anybody is there; false when the question before was not answered, and the socket is then cut. */
  ping(): boolean {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return false;
    }
    this.#isAlive = false;
    if (this.isOpen) this.#socket.ping();
    return true;
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #heard(): void {
    this.#isAlive = true;
  }
}
