import type { Fault } from "./fault.ts";

/**
 * Reads a definition that a person wrote (a plan, a rate card) and reports every fault at once, each with its path and
 * what to write instead: whoever fixes a catalog file should need one round, not ten.
 */

/** Turns JSON into a `T`, or adds to `faults` and returns undefined. */
export type Reader<T> = (json: unknown, path: string, faults: Fault[]) => T | undefined;

type Field<T, Required extends boolean> = { read: Reader<T>; required: Required; fix: string };
type Shape = Record<string, Field<unknown, boolean>>;
type KeysWhere<S extends Shape, Required extends boolean> = {
  [K in keyof S]: S[K] extends Field<unknown, Required> ? K : never;
}[keyof S];
type Value<F> = F extends Field<infer T, boolean> ? T : never;

/** What an object of the given fields looks like once read. */
export type ObjectOf<S extends Shape> = { [K in KeysWhere<S, true>]: Value<S[K]> } & {
  [K in KeysWhere<S, false>]?: Value<S[K]>;
};

/** A field that must be there; `fix` says what to write when it is not. */
export function required<T>(read: Reader<T>, fix: string): Field<T, true> {
  return { read, required: true, fix };
}

/** A field that may be left out. */
export function optional<T>(read: Reader<T>): Field<T, false> {
  return { read, required: false, fix: "" };
}

/** Whether JSON is an object with named fields. */
export function isJsonObject(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** The own field of a JSON object; undefined when it is no object or has no such field. */
export function fieldOf(json: unknown, name: string): unknown {
  return isJsonObject(json) && Object.hasOwn(json, name) ? json[name] : undefined;
}

/** The path of a field inside an object, or of an item inside a list. */
export function pathTo(path: string, step: string | number): string {
  if (typeof step === "number") return `${path}[${step}]`;
  return path === "" ? step : `${path}.${step}`;
}

/** Reads the given fields and refuses all others, because a misspelt field would silently not be charged. */
export function objectOf<S extends Shape>(shape: S): Reader<ObjectOf<S>> {
  return (json, path, faults) => {
    if (!isJsonObject(json)) {
      faults.push({ path, message: `must be an object with the fields ${Object.keys(shape).join(", ")}` });
      return undefined;
    }
    const before = faults.length;
    const result: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(shape)) {
      const value = fieldOf(json, name);
      if (value !== undefined) result[name] = field.read(value, pathTo(path, name), faults);
      else if (field.required) faults.push({ path: pathTo(path, name), message: `is missing; ${field.fix}` });
    }
    for (const name of Object.keys(json)) {
      if (Object.hasOwn(shape, name)) continue;
      const message = `is not a field here; leave it out or use one of ${Object.keys(shape).join(", ")}`;
      faults.push({ path: pathTo(path, name), message });
    }
    return faults.length === before ? (result as ObjectOf<S>) : undefined;
  };
}

/** Reads a list of `least` to `most` items; every item is read, so that each of them can report its own faults. */
export function listOf<T>(item: Reader<T>, bounds: { least: number; most: number; what: string }): Reader<T[]> {
  return (json, path, faults) => {
    const { least, most, what } = bounds;
    if (!Array.isArray(json) || json.length < least || json.length > most) {
      faults.push({ path, message: `must be a list of ${least} to ${most} ${what}` });
      return undefined;
    }
    const before = faults.length;
    const items: T[] = [];
    for (const [index, value] of json.entries()) {
      const read = item(value, pathTo(path, index), faults);
      if (read !== undefined) items.push(read);
    }
    return faults.length === before ? items : undefined;
  };
}

/**
 * Adds a rule that looks at several fields together. It sees the raw JSON, so it speaks up even when one of the fields
 * has a fault of its own; it must pass over what it cannot read.
 */
export function withRule<T>(read: Reader<T>, rule: (json: unknown, path: string, faults: Fault[]) => void): Reader<T> {
  return (json, path, faults) => {
    const before = faults.length;
    const value = read(json, path, faults);
    rule(json, path, faults);
    return faults.length === before ? value : undefined;
  };
}
