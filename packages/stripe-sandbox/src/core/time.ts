/** Milliseconds since 1970. */
export type EpochMs = number;

/** Where an object lives in time: a test clock's id, or null for the wall clock. */
export type TimeScope = string | null;
