import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";

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

/** The rows that a page field asks for where the query does not say, or says it in a variable. */
const ASSUMED_PAGE_SIZE = 50;
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

function refuse(
  context: ValidationContext,
  message: string,
  node: FieldNode | Parameters<ValidationContext["getFragmentSpreads"]>[0] | object,
): void {
  context.reportError(new GraphQLError(message, { nodes: [node as FieldNode] }));
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

  measure(set: SelectionSetNode, spreading: ReadonlySet<string>): Measure {
    const whole: Measure = { depth: 0, complexity: 0 };
    for (const selection of set.selections) {
      this.#visits += 1;
      if (this.exhausted) break;
      let part: Measure = { depth: 0, complexity: 0 };
      if (selection.kind === Kind.FIELD) part = this.#measureField(selection, spreading);
      else if (selection.kind === Kind.INLINE_FRAGMENT) part = this.measure(selection.selectionSet, spreading);
      else if (!spreading.has(selection.name.value)) {
        const fragment = this.#context.getFragment(selection.name.value);
        if (fragment) part = this.measure(fragment.selectionSet, new Set([...spreading, selection.name.value]));
      }
      whole.depth = Math.max(whole.depth, part.depth);
      whole.complexity += part.complexity;
    }
    return whole;
  }

  #measureField(field: FieldNode, spreading: ReadonlySet<string>): Measure {
    // Introspection is bounded by graphql's own rule, and editors send a deep one.
    if (field.name.value.startsWith("__")) return { depth: 0, complexity: 1 };
    if (field.selectionSet === undefined) return { depth: 1, complexity: 1 };
    const inner = this.measure(field.selectionSet, spreading);
    return { depth: inner.depth + 1, complexity: 1 + pageSizeOf(field) * inner.complexity };
  }
}

function pageSizeOf(field: FieldNode): number {
  const isPage = field.selectionSet?.selections.some(
    (selection) => selection.kind === Kind.FIELD && selection.name.value === "nodes",
  );
  if (!isPage) return 1;
  const first = field.arguments?.find((argument) => argument.name.value === "first")?.value;
  return first?.kind === Kind.INT ? Math.max(1, Number(first.value)) : ASSUMED_PAGE_SIZE;
}
