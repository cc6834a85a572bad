/** How live connections are bounded, each a setting. */
export type LiveSettings = {
  /** Connections of this process. */
  maxConnections: number;
  /** Connections of one member or member of staff to this process. */
  maxConnectionsPerPerson: number;
  /** Connections of one API key to this process. */
  maxConnectionsPerKey: number;
  /** GraphQL subscriptions on one connection. */
  maxSubscriptions: number;
  /** The largest message that a client may send, in bytes. */
  maxMessageBytes: number;
  /** Bytes that may wait for a reader; past it, it is shed. */
  maxBufferedBytes: number;
  /** How long one message may wait for a reader; past it, it is shed. */
  slowReaderMs: number;
  /** How often a quiet connection is asked whether it is there; one that does not answer before the next time is ended. */
  pingEveryMs: number;
  /** How often the rights of every connection are looked up again. */
  recheckEveryMs: number;
  /** How long a new connection may take to say who it is. */
  initTimeoutMs: number;
};
