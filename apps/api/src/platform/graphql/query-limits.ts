import {
  type ASTNode,
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";
import { MAX_PAGE_SIZE } from "./page.ts";

/** The most that one operation may ask for. */
export type QueryLimits = {
  /** Levels of fields. */
  depth: number;
  /** Fields under another name, in the whole document. */
  aliases: number;
  /** Fields, each counted once for every row of the pages around it. */
  complexity: number;
};

/** Room for every page of the portal and admin app, several times over. */
export const queryLimits: QueryLimits = { depth: 12, aliases: 50, complexity: 20_000 };

/** The rows of a page where the query does not say how many: the default of every list. */
const DEFAULT_PAGE_SIZE = 50;
// Bounds this rule's own work on fragments that spread each other many times over.
const MAX_VISITS = 20_000;

type Measure = { depth: number; complexity: number };

/** Refuses operations that are too deep, too wide or full of aliases, before any of them runs. */
export function limitQueries(limits: QueryLimits): ValidationRule {
  return (context: ValidationContext): ASTVisitor => {
    let aliases = 0;
    return {
      Field(node) {
        if (node.alias === undefined) return;
        aliases += 1;
        if (aliases === limits.aliases + 1)
          refuse(context, `The request has more than ${limits.aliases} aliases.`, node);
      },
      OperationDefinition(node) {
        const walk = new Walk(context);
        const { depth, complexity } = walk.measure(node.selectionSet, new Set());
        if (walk.exhausted) refuse(context, "The request spreads its fragments too often.", node);
        if (depth > limits.depth)
          refuse(context, `The request is ${depth} levels deep; at most ${limits.depth} are allowed.`, node);
        if (complexity > limits.complexity)
          refuse(context, `The request asks for ${complexity} fields; at most ${limits.complexity} are allowed.`, node);
      },
    };
  };
}

function refuse(context: ValidationContext, message: string, node: ASTNode): void {
  context.reportError(new GraphQLError(message, { nodes: [node] }));
}

class Walk {
  readonly #context: ValidationContext;
  #visits = 0;

  constructor(context: ValidationContext) {
    this.#context = context;
  }

  get exhausted(): boolean {
    return this.#visits > MAX_VISITS;
  }

  /** `pageSize` is that of the field around the set: how many `nodes` it answers. */
  measure(set: SelectionSetNode, spreading: ReadonlySet<string>, pageSize = 1): Measure {
    const whole: Measure = { depth: 0, complexity: 0 };
    for (const selection of set.selections) {
      this.#visits += 1;
      if (this.exhausted) break;
      const part = this.#measureSelection(selection, spreading, pageSize);
      whole.depth = Math.max(whole.depth, part.depth);
      whole.complexity += part.complexity;
    }
    return whole;
  }

  #measureSelection(selection: SelectionNode, spreading: ReadonlySet<string>, pageSize: number): Measure {
    if (selection.kind === Kind.FIELD) return this.#measureField(selection, spreading, pageSize);
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.measure(selection.selectionSet, spreading, pageSize);
    const name = selection.name.value;
    const fragment = spreading.has(name) ? undefined : this.#context.getFragment(name);
    if (!fragment) return { depth: 0, complexity: 0 };
    return this.measure(fragment.selectionSet, new Set([...spreading, name]), pageSize);
  }

  #measureField(field: FieldNode, spreading: ReadonlySet<string>, pageSize: number): Measure {
    // Introspection is bounded by graphql's own rule, and editors send a deep one.
    if (field.name.value.startsWith("__")) return { depth: 0, complexity: 1 };
    if (field.selectionSet === undefined) return { depth: 1, complexity: 1 };
    const inner = this.measure(field.selectionSet, spreading, pageSizeOf(field));
    const rows = field.name.value === "nodes" ? pageSize : 1;
    return { depth: inner.depth + 1, complexity: 1 + rows * inner.complexity };
  }
}

function pageSizeOf(field: FieldNode): number {
  const first = field.arguments?.find((argument) => argument.name.value === "first")?.value;
  if (first === undefined) return DEFAULT_PAGE_SIZE;
  // What a variable holds is not known yet, so it is taken to ask for the most.
  return first.kind === Kind.INT ? Math.max(1, Number(first.value)) : MAX_PAGE_SIZE;
}
