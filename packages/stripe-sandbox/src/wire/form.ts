import { invalidRequest } from "./errors.ts";

/** A decoded but unchecked value. Form values are strings; v2 JSON brings its own types. */
export type RawValue = string | number | boolean | null | RawValue[] | { [key: string]: RawValue };
/** Parameters by name, decoded but unchecked. */
export type RawObject = { [key: string]: RawValue };

const MAX_PAIRS = 10_000;
const MAX_DEPTH = 12;

/** Decodes Stripe's form encoding (`items[0][price]=x`, `expand[]=y`) from a body or query string. */
export function decodeForm(text: string): RawObject {
  const root: RawObject = {};
  if (text === "") return root;
  const pairs = text.split("&");
  if (pairs.length > MAX_PAIRS) throw invalidRequest("Too many parameters.");
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    const name = unescapeForm(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? "" : unescapeForm(pair.slice(equals + 1));
    assign(root, splitName(name), value);
  }
  return root;
}

function unescapeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw invalidRequest("Invalid form encoding in the request.");
  }
}

/** "items[0][price]" is ["items", "0", "price"]. */
function splitName(name: string): string[] {
  const open = name.indexOf("[");
  if (open === -1) return [name];
  const parts = [name.slice(0, open)];
  for (const match of name.slice(open).matchAll(/\[([^\]]*)\]/g)) parts.push(match[1] ?? "");
  if (parts.length > MAX_DEPTH) throw invalidRequest("Parameters are nested too deeply.");
  return parts;
}

function assign(target: RawObject, path: readonly string[], value: string): void {
  const key = path[0] === "" ? String(Object.keys(target).length) : (path[0] ?? "");
  if (key === "__proto__" || key === "constructor") throw invalidRequest(`Received unknown parameter: ${key}`);
  if (path.length === 1) {
    target[key] = value;
    return;
  }
  const existing = Object.hasOwn(target, key) ? target[key] : undefined;
  const child: RawObject =
    existing !== undefined && typeof existing === "object" && existing !== null && !Array.isArray(existing)
      ? existing
      : {};
  target[key] = child;
  assign(child, path.slice(1), value);
}

/** A list as either encoding brings it: an array, or an object whose keys are whole numbers. Null for anything else. */
export function listOf(value: RawValue): RawValue[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) return null;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every(([key]) => /^\d+$/.test(key))) return null;
  return entries.sort(([left], [right]) => Number(left) - Number(right)).map(([, item]) => item);
}
