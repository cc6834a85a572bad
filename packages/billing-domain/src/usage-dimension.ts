import { propertyText, type UsageProperties } from "./usage-properties.ts";

/** Characters (code points) of one group-by value. */
export const MAX_GROUP_VALUE_CHARACTERS = 255;

/**
 * Bytes of all group-by values of one event, as a JSON array in UTF-8. They are part of the keys of rollups, and
 * PostgreSQL refuses an index entry past 2,704 bytes: without this bound one event would fail everybody's commit.
 */
export const MAX_DIMENSION_BYTES = 1_024;

/** The group-by values as a JSON array, "" for one that was not sent; null without group-by. Or what is wrong. */
export type Dimension = { ok: true; key: string | null } | { ok: false; field: string; message: string };

const NONE: Dimension = { ok: true, key: null };

/** Reads the group-by values of an event, in the meter's order. */
export function dimensionOf(groupBy: readonly string[], properties: UsageProperties | null): Dimension {
  if (groupBy.length === 0) return NONE;
  const values: string[] = [];
  for (const name of groupBy) {
    const value = propertyText(properties, name) ?? "";
    if (hasMoreCharacters(value, MAX_GROUP_VALUE_CHARACTERS)) {
      const message = `Usage is grouped by "${name}", which has more than ${MAX_GROUP_VALUE_CHARACTERS} characters. Send a shorter value.`;
      return { ok: false, field: `properties.${name}`, message };
    }
    values.push(value);
  }
  const key = JSON.stringify(values);
  // A UTF-16 unit takes at most three bytes, so short text need not be measured.
  if (key.length * 3 > MAX_DIMENSION_BYTES && new TextEncoder().encode(key).length > MAX_DIMENSION_BYTES) {
    const names = groupBy.map((name) => `"${name}"`).join(", ");
    const message = `The values that usage is grouped by (${names}) take more than ${MAX_DIMENSION_BYTES} bytes. Send shorter ones.`;
    return { ok: false, field: "properties", message };
  }
  return { ok: true, key };
}

/** Whether text has more than `most` characters. Code points are only counted where UTF-16 units are too many. */
export function hasMoreCharacters(text: string, most: number): boolean {
  return text.length > most && [...text].length > most;
}
