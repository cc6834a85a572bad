/**
 * Why Meterline closes a live connection, beside the codes of the protocol itself (graphql-transport-ws: 4400 bad
 * message, 4401 subscribed before the acknowledgement, 4408 no `connection_init` in time, 4409 id in use, 4429 a second
 * `connection_init`) and of WebSocket (1001 the process stops, 1009 a message is too large). Documented in
 * docs/data-flow.md: clients act on the number.
 */
export const closeCodes = {
  /** No session, no good key. Sign in, or use another key; trying again alone does not help. */
  REFUSED: 4403,
  /** The session ended, the member was removed or the key was revoked while connected. As above. */
  RIGHTS_ENDED: 4410,
  /** This person, key or process has as many connections as it may. Try again later. */
  TOO_MANY_CONNECTIONS: 4420,
  /** What was sent was not read in time. Connect again and give `after`: nothing is lost. */
  SLOW_READER: 4430,
  /** The database was away while the viewer was to be checked. Try again. */
  UNAVAILABLE: 4503,
  /** The process stops; another one answers. Connect again and give `after`. */
  GOING_AWAY: 1001,
  /** A fault of ours; the log has it. Connect again. */
  INTERNAL: 1011,
} as const;
