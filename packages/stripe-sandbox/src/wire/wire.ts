import type Stripe from "stripe";

/**
 * An SDK type as it travels in JSON. The SDK turns decimals into `Stripe.Decimal` objects after parsing; on the wire
 * they are strings. Everything else keeps its shape, so a handler that forgets a field does not compile.
 */
export type Wire<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends Stripe.Decimal
    ? string
    : T extends readonly (infer Item)[]
      ? Wire<Item>[]
      : T extends object
        ? { [Key in keyof T]: Wire<T[Key]> }
        : T;

/** A list as v1 sends it. */
export type WireList<T> = { object: "list"; data: T[]; has_more: boolean; url: string };

/** The id of a field that holds an id or the expanded object. */
export function idOf(reference: string | { id: string }): string {
  return typeof reference === "string" ? reference : reference.id;
}

/** Milliseconds to the whole seconds that v1 uses for instants. */
export function seconds(atMs: number): number {
  return Math.floor(atMs / 1000);
}

/** Milliseconds to the RFC 3339 text that v2 uses for instants. */
export function rfc3339(atMs: number): string {
  return new Date(atMs).toISOString();
}
