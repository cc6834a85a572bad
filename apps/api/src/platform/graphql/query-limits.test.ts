import { buildSchema, parse, specifiedRules, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { limitQueries, queryLimits } from "./query-limits.ts";

const schema = buildSchema(`
  type Query { thing: Thing things(first: Int = 50, after: String): Things! }
  type Things { nodes: [Thing!]! }
  type Thing { name: String inner: Thing things(first: Int = 50): Things! }
`);

const limits = { depth: 4, aliases: 2, complexity: 500 };

function faultsOf(query: string, most = limits): string[] {
  return validate(schema, parse(query), [...specifiedRules, limitQueries(most)]).map((error) => error.message);
}

describe("depth", () => {
  test("four levels are taken, the fifth is refused", () => {
    expect(faultsOf("{ thing { inner { inner { name } } } }")).toEqual([]);
    expect(faultsOf("{ thing { inner { inner { inner { name } } } } }")).toEqual([
      "The request is 5 levels deep; at most 4 are allowed.",
    ]);
  });

  test("fragments count where they are spread", () => {
    const query = `{ thing { ...Deep } } fragment Deep on Thing { inner { inner { inner { name } } } }`;
    expect(faultsOf(query)).toEqual(["The request is 5 levels deep; at most 4 are allowed."]);
  });
});

describe("aliases", () => {
  test("two are taken; past that the document is refused, once", () => {
    expect(faultsOf("{ a: thing { name } b: thing { name } }")).toEqual([]);
    expect(faultsOf("{ a: thing { name } b: thing { name } c: thing { name } d: thing { name } }")).toEqual([
      "The request has more than 2 aliases.",
    ]);
  });
});

describe("complexity", () => {
  // things, nodes, and 50 names.
  test("a list without a size counts its default of 50 rows", () => {
    expect(faultsOf("{ things { nodes { name } } }", { ...limits, complexity: 52 })).toEqual([]);
    expect(faultsOf("{ things { nodes { name } } }", { ...limits, complexity: 51 })).toEqual([
      "The request asks for 52 fields; at most 51 are allowed.",
    ]);
  });

  test("a size is counted as it is written; one in a variable as the largest page, 200", () => {
    expect(faultsOf("{ things(first: 498) { nodes { name } } }")).toEqual([]);
    expect(faultsOf("{ things(first: 499) { nodes { name } } }")).toHaveLength(1);
    const inVariable = "query ($first: Int) { things(first: $first) { nodes { name } } }";
    expect(faultsOf(inVariable, { ...limits, complexity: 202 })).toEqual([]);
    expect(faultsOf(inVariable, { ...limits, complexity: 201 })).toHaveLength(1);
  });

  test("pages within pages multiply", () => {
    // 1 + 1 + 20 x (1 + 1 + 30 x 1) = 642.
    const query = "{ things(first: 20) { nodes { things(first: 30) { nodes { name } } } } }";
    expect(faultsOf(query, { ...limits, depth: 9 })).toEqual([
      "The request asks for 642 fields; at most 500 are allowed.",
    ]);
  });

  test("fragments hide no page", () => {
    const fault = ["The request asks for 502 fields; at most 500 are allowed."];
    expect(faultsOf("{ things(first: 500) { ... { nodes { name } } } }")).toEqual(fault);
    expect(faultsOf("{ things(first: 500) { ...Rows } } fragment Rows on Things { nodes { name } }")).toEqual(fault);
    expect(faultsOf("{ things(first: 500) { ... { ...Rows } } } fragment Rows on Things { nodes { name } }")).toEqual(
      fault,
    );
  });
});

test("fragments that spread each other many times over are refused without being walked to the end", () => {
  const rounds = 30;
  const fragments = Array.from(
    { length: rounds },
    (_, index) => `fragment F${index} on Thing { ...F${index + 1} inner { ...F${index + 1} } }`,
  );
  const query = `{ thing { ...F0 } } ${fragments.join(" ")} fragment F${rounds} on Thing { name }`;
  const faults = validate(schema, parse(query), [limitQueries(limits)]).map((error) => error.message);
  expect(faults).toContain("The request spreads its fragments too often.");
});

test("a fragment that spreads itself is left to graphql's own rule", () => {
  expect(faultsOf("{ thing { ...F } } fragment F on Thing { name ...F }")).toEqual([
    'Cannot spread fragment "F" within itself.',
  ]);
});

test("introspection, which editors send, passes the limits of the API", () => {
  const deep = "ofType { ".repeat(9) + "name" + " }".repeat(9);
  expect(faultsOf(`{ __schema { types { fields { type { ${deep} } } } } }`, queryLimits)).toEqual([]);
});
