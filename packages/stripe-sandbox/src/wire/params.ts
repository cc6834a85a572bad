import { type Decimal, decimal } from "@meterline/billing-domain";
import { invalidRequest } from "./errors.ts";
import { listOf, type RawObject, type RawValue } from "./form.ts";

/** How one parameter is read. `path` is its name as Stripe prints it: `items[0][price]`. */
export type Kind<T> = { read(raw: RawValue, path: string): T; optional?: boolean };
/** The parameters that a call knows, by name. */
export type Shape = { readonly [name: string]: Kind<unknown> };
type Optional<S extends Shape> = { [Key in keyof S]: S[Key] extends { optional: true } ? Key : never }[keyof S];
/** What a shape reads to. Optional parameters that were not sent are absent. */
export type Params<S extends Shape> = {
  [Key in Exclude<keyof S, Optional<S>>]: S[Key] extends Kind<infer T> ? T : never;
} & { [Key in Optional<S>]?: (S[Key] extends Kind<infer T> ? T : never) | undefined };

const invalid = (message: string, param: string, code?: string) =>
  invalidRequest(message, code === undefined ? { param } : { code, param });

const EMPTY_TEXT = (path: string) =>
  `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a parameter; however ` +
  `'${path}' cannot be unset. You should remove '${path}' from your request or supply a non-empty value.`;

/** A string that is not empty. `max` counts characters. */
export function text(max = 5000): Kind<string> {
  return {
    read(raw, path) {
      if (typeof raw !== "string") throw invalid("Invalid string: the value must be a string.", path);
      if (raw === "") throw invalid(EMPTY_TEXT(path), path, "parameter_invalid_empty");
      if ([...raw].length > max) throw invalid(`Invalid string: must be at most ${max} characters`, path);
      return raw;
    },
  };
}

/** A whole number within inclusive bounds. */
export function integer(bounds: { min?: number; max?: number } = {}): Kind<number> {
  return {
    read(raw, path) {
      const value =
        typeof raw === "number" ? raw : typeof raw === "string" && /^-?\d{1,15}$/.test(raw) ? Number(raw) : NaN;
      if (!Number.isSafeInteger(value))
        throw invalid(`Invalid integer: ${String(raw)}`, path, "parameter_invalid_integer");
      if (bounds.min !== undefined && value < bounds.min) {
        throw invalid(`This value must be greater than or equal to ${bounds.min}.`, path, "parameter_invalid_integer");
      }
      if (bounds.max !== undefined && value > bounds.max) {
        throw invalid(`This value must be less than or equal to ${bounds.max}.`, path, "parameter_invalid_integer");
      }
      return value;
    },
  };
}

/** An instant in whole seconds since 1970. */
export const unixTime = (): Kind<number> => ({
  read(raw, path) {
    const value = typeof raw === "string" && /^\d{1,11}$/.test(raw) ? Number(raw) : raw;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
      throw invalid(`Invalid timestamp: must be an integer Unix timestamp`, path);
    }
    return value;
  },
});

/** An instant of v2 (RFC 3339 with an offset), read to milliseconds. */
export const rfc3339Time = (): Kind<number> => ({
  read(raw, path) {
    const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
    const atMs = typeof raw === "string" && shape.test(raw) ? Date.parse(raw) : NaN;
    if (Number.isNaN(atMs)) throw invalid("Invalid timestamp: must be an RFC 3339 date and time", path);
    return atMs;
  },
});

/** An exact decimal with at most `places` decimal places. */
export function decimalText(places = 12): Kind<Decimal> {
  return {
    read(raw, path) {
      if (typeof raw !== "string" || !/^-?\d+(\.\d+)?$/.test(raw)) {
        throw invalid(`Invalid decimal: ${String(raw)}`, path, "parameter_invalid_decimal");
      }
      if ((raw.split(".")[1] ?? "").replace(/0+$/, "").length > places) {
        throw invalid(`Invalid decimal: ${raw}; at most ${places} decimal places are allowed`, path);
      }
      return decimal(raw);
    },
  };
}

/** true or false, as a word or as JSON has it. */
export const flag = (): Kind<boolean> => ({
  read(raw, path) {
    if (raw === true || raw === "true") return true;
    if (raw === false || raw === "false") return false;
    throw invalid(`Invalid boolean: ${String(raw)}`, path);
  },
});

/** One of the words. */
export function oneOf<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    read(raw, path) {
      const found = values.find((value) => value === raw);
      if (found === undefined) {
        throw invalid(`Invalid ${path}: must be one of ${values.join(", ")}`, path);
      }
      return found;
    },
  };
}

/** At most 50 keys of 40 characters, values of 500; an empty value removes the key, an empty map removes all. */
export function metadata(): Kind<Record<string, string>> {
  return {
    read(raw, path) {
      if (raw === "" || raw === null) return { "": "" };
      if (typeof raw !== "object" || Array.isArray(raw)) throw invalid("Invalid object", path);
      const entries = Object.entries(raw);
      if (entries.length > 50) throw invalid("Metadata can have at most 50 keys.", path);
      for (const [key, value] of entries) {
        if (key.length > 40) throw invalid(`Metadata keys can have at most 40 characters: ${key}`, path);
        if (typeof value !== "string") throw invalid("Metadata values must be strings", `${path}[${key}]`);
        if (value.length > 500) throw invalid("Metadata values can have at most 500 characters.", `${path}[${key}]`);
      }
      return raw as Record<string, string>;
    },
  };
}

/** Merges a metadata parameter into what is stored, by the rules of `metadata`. */
export function mergeMetadata(
  stored: Record<string, string>,
  change: Record<string, string> | undefined,
): Record<string, string> {
  if (change === undefined) return stored;
  if (Object.hasOwn(change, "")) return {};
  return Object.fromEntries(Object.entries({ ...stored, ...change }).filter(([, value]) => value !== ""));
}

/** A flat map of strings, as event payloads are. */
export const stringMap = (): Kind<Record<string, string>> => ({
  read(raw, path) {
    if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw invalid("Invalid object", path);
    for (const [key, value] of Object.entries(raw)) {
      if (typeof value !== "string") throw invalid("Invalid string: the value must be a string.", `${path}[${key}]`);
    }
    return raw as Record<string, string>;
  },
});

/** A list of at most `max` entries. */
export function list<T>(item: Kind<T>, max = 100): Kind<T[]> {
  return {
    read(raw, path) {
      const values = listOf(raw);
      if (!values) throw invalid("Invalid array", path);
      if (values.length > max) throw invalid(`Too many entries: at most ${max}`, path);
      return values.map((value, index) => item.read(value, `${path}[${index}]`));
    },
  };
}

/** An object with exactly these parameters. */
export function object<S extends Shape>(shape: S): Kind<Params<S>> {
  return {
    read(raw, path) {
      if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw invalid("Invalid object", path);
      return readParams(shape, raw, path);
    },
  };
}

/** The empty string clears the field and reads as null; anything else is read as `kind`. */
export const clearable = <T>(kind: Kind<T>): Kind<T | null> => ({
  read: (raw, path) => (raw === "" || raw === null ? null : kind.read(raw, path)),
});

/** The first kind that accepts the value. */
export const either = <A, B>(first: Kind<A>, second: Kind<B>): Kind<A | B> => ({
  read(raw, path) {
    try {
      return first.read(raw, path);
    } catch {
      return second.read(raw, path);
    }
  },
});

/** A parameter that may be left out. */
export const optional = <T>(kind: Kind<T>): Kind<T> & { optional: true } => ({ ...kind, optional: true });

/** Reads every parameter of `shape`; unknown and missing ones are refused with Stripe's texts. */
export function readParams<S extends Shape>(shape: S, raw: RawObject, prefix = ""): Params<S> {
  const named = (name: string) => (prefix === "" ? name : `${prefix}[${name}]`);
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(shape, name)) {
      throw invalid(`Received unknown parameter: ${named(name)}`, named(name), "parameter_unknown");
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(shape)) {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (value === undefined) {
      if (!kind.optional) throw invalid(`Missing required param: ${named(name)}.`, named(name), "parameter_missing");
      continue;
    }
    values[name] = kind.read(value, named(name));
  }
  return values as Params<S>;
}

/** The values that were sent: a field that is undefined would otherwise overwrite what is stored. */
export function sent<T extends object>(values: T): { [Key in keyof T]-?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]-?: Exclude<T[Key], undefined> };
}
