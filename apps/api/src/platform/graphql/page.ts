import "reflect-metadata";
import { Field, ObjectType } from "type-graphql";
import { badUserInput } from "./errors.ts";

/** The most rows of one page. */
export const MAX_PAGE_SIZE = 200;

/** Where a page ends. */
@ObjectType({ simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage: boolean;

  @Field(() => String, { nullable: true, description: "Give it as `after` for the next page." })
  endCursor: string | null;
}

/** Checks `first`: 1 to 200. */
export function pageSize(first: number): number {
  if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE_SIZE)
    throw badUserInput(`first must be from 1 to ${MAX_PAGE_SIZE}.`, "first");
  return first;
}

/** A cursor over the values that order a list. It is opaque to callers and holds nothing that they cannot see. */
export function encodeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** Reads a cursor back; `count` is how many values it must hold. */
export function decodeCursor(cursor: string, count: number): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.length === count && parts.every((part) => typeof part === "string")) return parts;
  } catch {
    // Falls through to the refusal: a cursor that does not parse is a wrong cursor.
  }
  throw badUserInput("after is not a cursor of this list.", "after");
}

/** Cuts the one row read past the page, which only says that there are more. */
export function toPage<Row>(
  rows: readonly Row[],
  first: number,
  cursorOf: (row: Row) => readonly string[],
): { nodes: Row[]; pageInfo: PageInfo } {
  const nodes = rows.slice(0, first);
  const last = nodes.at(-1);
  return {
    nodes,
    pageInfo: { hasNextPage: rows.length > first, endCursor: last === undefined ? null : encodeCursor(cursorOf(last)) },
  };
}
