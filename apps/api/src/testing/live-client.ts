import { waitUntil } from "@meterline/testkit";
import { WebSocket } from "ws";

/** What a subscription answered: the data of each `next`, and how it ended. */
export type LiveRead = {
  data: Record<string, unknown>[];
  errors: { message: string; extensions: Record<string, unknown> }[];
  completed: boolean;
  /** Ends it, as a client that has seen enough. */
  complete(): void;
};

/** A connection that speaks graphql-transport-ws by hand, so that a test sees every frame and close code. */
export type LiveClient = {
  socket: WebSocket;
  subscribe(query: string, variables?: object): LiveRead;
  /** The code that it was closed with; waits for it. */
  closeCode(): Promise<number>;
  close(): void;
};

/** How a test connects. */
export type LiveOptions = {
  headers?: Record<string, string>;
  params?: Record<string, unknown>;
  /** A backend's key, as connection parameter. */
  key?: string;
};

/** Opens a connection and waits until it is acknowledged, or closed. */
export async function connectLive(url: string, options: LiveOptions = {}): Promise<LiveClient> {
  const { headers = {}, params = {}, key } = options;
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws", { headers });
  const reads = new Map<string, LiveRead>();
  let code: number | null = null;
  let acknowledged = false;
  let refusal: Error | null = null;
  socket.on("error", (error) => (refusal = error));
  socket.on("close", (closedWith) => (code = closedWith));
  socket.on("open", () => {
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
    socket.send(JSON.stringify({ type: "connection_init", payload: { ...authorization, ...params } }));
  });
  socket.on("message", (bytes) => {
    const message = JSON.parse(String(bytes)) as { type: string; id?: string; payload?: unknown };
    if (message.type === "connection_ack") acknowledged = true;
    const read = reads.get(message.id ?? "");
    if (read === undefined) return;
    if (message.type === "next") {
      const payload = message.payload as { data?: Record<string, unknown>; errors?: LiveRead["errors"] };
      if (payload.data) read.data.push(payload.data);
      if (payload.errors) read.errors.push(...payload.errors);
    } else if (message.type === "error") read.errors.push(...(message.payload as LiveRead["errors"]));
    else if (message.type === "complete") read.completed = true;
  });
  await waitUntil(async () => acknowledged || code !== null);
  // Refused before there was a connection to close.
  if (refusal !== null && code === 1006) throw refusal;
  let next = 0;
  return {
    socket,
    subscribe(query, variables = {}) {
      next += 1;
      const id = String(next);
      const read: LiveRead = {
        data: [],
        errors: [],
        completed: false,
        complete: () => socket.send(JSON.stringify({ type: "complete", id })),
      };
      reads.set(id, read);
      socket.send(JSON.stringify({ type: "subscribe", id, payload: { query, variables } }));
      return read;
    },
    async closeCode() {
      await waitUntil(async () => code !== null);
      return code ?? 0;
    },
    close: () => socket.close(),
  };
}
