import "reflect-metadata";
import { GraphQLError, GraphQLScalarType, Kind, type ObjectValueNode, type ValueNode } from "graphql";

const refuse = (message: string): never => {
  throw new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
};

/**
 * An exact number as text. Input is only checked to be text here: what it says is judged by `billing-domain`, item by
 * item, so that one bad quantity does not spoil a batch. A JSON number is taken only when it is a safe integer, because
 * any other has already been rounded to binary before we see it.
 */
export const DecimalScalar = new GraphQLScalarType<string, string>({
  name: "Decimal",
  description: 'Exact decimal number, as a string: "12.5".',
  serialize: (value) => String(value),
  parseValue: (value) => {
    if (typeof value === "string") return value;
    if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
    return refuse('Decimal must be sent as a string, such as "12.5".');
  },
  parseLiteral: (node) => {
    if (node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT) return node.value;
    return refuse('Decimal must be sent as a string, such as "12.5".');
  },
});

/** An instant. Input stays text for the same reason as Decimal's; see `parseInstant`. Answers are UTC with milliseconds. */
export const DateTimeScalar = new GraphQLScalarType<string, string>({
  name: "DateTime",
  description: "RFC 3339 instant with an offset. Answers are in UTC with milliseconds.",
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString();
    if (typeof value === "number") return new Date(value).toISOString();
    throw new TypeError("DateTime needs a Date or milliseconds");
  },
  parseValue: (value) => (typeof value === "string" ? value : refuse("DateTime must be a string.")),
  parseLiteral: (node) => (node.kind === Kind.STRING ? node.value : refuse("DateTime must be a string.")),
});

/** A JSON object, of any depth; who takes one says what it may hold. */
export const JSONObjectScalar = new GraphQLScalarType<Record<string, unknown>, Record<string, unknown>>({
  name: "JSONObject",
  description: "A JSON object.",
  serialize: (value) => value as Record<string, unknown>,
  parseValue: (value) => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    return refuse("JSONObject must be an object.");
  },
  parseLiteral: (node, variables) =>
    node.kind === Kind.OBJECT ? objectOf(node, variables ?? {}) : refuse("JSONObject must be an object."),
});

function objectOf(node: ObjectValueNode, variables: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(node.fields.map((field) => [field.name.value, valueOf(field.value, variables)]));
}

function valueOf(node: ValueNode, variables: Record<string, unknown>): unknown {
  switch (node.kind) {
    case Kind.OBJECT:
      return objectOf(node, variables);
    case Kind.LIST:
      return node.values.map((value) => valueOf(value, variables));
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.VARIABLE:
      return variables[node.name.value];
    default:
      return node.value;
  }
}
