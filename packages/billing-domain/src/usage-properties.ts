/** A value that a property of a usage event may have. */
export type JsonScalar = string | number | boolean | null;

/** Properties of a usage event: flat, by name. */
export type UsageProperties = Readonly<Record<string, JsonScalar>>;

/** Bytes that the properties of one event may take as JSON in UTF-8. */
export const MAX_PROPERTIES_BYTES = 4_096;

/** Properties read, with their canonical text (names sorted), or what is wrong with them. */
export type ReadProperties =
  | { ok: true; properties: UsageProperties | null; canonical: string }
  | { ok: false; message: string };

const NONE: ReadProperties = { ok: true, properties: null, canonical: "" };

/** Checks properties as they were sent. Absent, null and `{}` are the same: none. */
export function readProperties(json: unknown): ReadProperties {
  if (json === null || json === undefined) return NONE;
  if (typeof json !== "object" || Array.isArray(json)) {
    return refused('properties must be an object with plain values, such as {"model": "large"}.');
  }
  const names = Object.keys(json);
  if (names.length === 0) return NONE;
  const properties = json as Record<string, unknown>;
  if (names.length > 1) names.sort();
  let canonical = "{";
  for (const name of names) {
    const value = properties[name];
    const fault = nameFault(name) ?? valueFault(name, value);
    if (fault !== null) return refused(fault);
    canonical += `${canonical.length === 1 ? "" : ","}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  canonical += "}";
  // A UTF-16 unit takes at most three bytes, so short text need not be measured.
  if (canonical.length * 3 > MAX_PROPERTIES_BYTES && utf8Length(canonical) > MAX_PROPERTIES_BYTES) {
    return refused(`properties take more than ${MAX_PROPERTIES_BYTES} bytes as JSON. Send fewer or shorter ones.`);
  }
  return { ok: true, properties: json as UsageProperties, canonical };
}

/** Whether text can be stored: PostgreSQL keeps no NUL, and a lone surrogate is no character. */
export function isStorable(text: string): boolean {
  return !text.includes("\u0000") && text.isWellFormed();
}

/** The text that a property stands for in filters, groups and distinct counts; null when it was not sent. */
export function propertyText(properties: UsageProperties | null, name: string): string | null {
  if (properties === null || !Object.hasOwn(properties, name)) return null;
  const value = properties[name];
  return value === null || value === undefined ? null : String(value);
}

function nameFault(name: string): string | null {
  if (name === "" || name.length > 255) return "The name of a property must have 1 to 255 characters.";
  return isStorable(name)
    ? null
    : "The name of a property holds a character that is not text. Send well-formed Unicode without NUL.";
}

function valueFault(name: string, value: unknown): string | null {
  if (typeof value === "string") {
    return isStorable(value)
      ? null
      : `Property "${name}" holds a character that is not text. Send well-formed Unicode without NUL.`;
  }
  if (typeof value === "boolean" || value === null) return null;
  if (typeof value === "number" && Number.isFinite(value)) return null;
  return `Property "${name}" must be text, a number, true, false or null. Properties are flat: no lists or objects inside.`;
}

function refused(message: string): ReadProperties {
  return { ok: false, message };
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
