/**
 * LIVE: pushed as it happens. CONNECTING: being made, or made again, for a short time. LOST: away for longer, so pages ask
 * again by themselves. OFF: nothing is watched, or the session ended.
 */
export type LiveState = "OFF" | "CONNECTING" | "LIVE" | "LOST";

/** How long a connection may be away before the page says so: a restart of the server is shorter. */
export const LOST_AFTER_MS = 8_000;

/** The state of an app's one live connection, to be read by React. */
export class LiveStateStore {
  #state: LiveState = "OFF";
  #watched = 0;
  #lost: ReturnType<typeof setTimeout> | null = null;
  readonly #listeners = new Set<() => void>();

  get = (): LiveState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Something is watched; answers the way to say that it is not any more. */
  watch(): () => void {
    this.#watched += 1;
    let isOver = false;
    return () => {
      if (!isOver) this.#watched -= 1;
      isOver = true;
    };
  }

  connecting(): void {
    if (this.#state === "LOST" || this.#state === "CONNECTING") return;
    this.#set("CONNECTING");
    this.#lost = setTimeout(() => this.#set("LOST"), LOST_AFTER_MS);
  }

  connected(): void {
    this.#set("LIVE");
  }

  /** The connection ended. `isFinal`: it is not made again. */
  closed(isFinal: boolean): void {
    if (isFinal || this.#watched === 0) this.#set("OFF");
    else this.connecting();
  }

  #set(state: LiveState): void {
    if (state !== "LOST" && this.#lost !== null) clearTimeout(this.#lost);
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
