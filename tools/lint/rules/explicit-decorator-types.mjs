import { propertyNamed } from "../syntax.mjs";

const TYPE_FUNCTION_FIRST = new Set(["Field", "FieldResolver", "Query", "Mutation", "Subscription", "Args"]);
const RELATIONS = new Set(["OneToOne", "OneToMany", "ManyToOne", "ManyToMany"]);
const COLUMNS = new Set(["Column", "PrimaryColumn"]);

/**
 * Without emitted metadata, a type-graphql or TypeORM decorator knows only what it is told: one that does not name its
 * type would be guessed from nothing.
 */
export const explicitDecoratorTypes = {
  meta: { type: "problem" },
  create(context) {
    /** Local name of an imported decorator, to "library name". */
    const imported = new Map();
    return {
      ImportDeclaration(node) {
        if (node.source.value !== "type-graphql" && node.source.value !== "typeorm") return;
        for (const specifier of node.specifiers) {
          if (specifier.type !== "ImportSpecifier") continue;
          imported.set(specifier.local.name, `${node.source.value} ${specifier.imported.name}`);
        }
      },
      Decorator(node) {
        const call = node.expression.type === "CallExpression" ? node.expression : undefined;
        const [library, name] = (imported.get((call?.callee ?? node.expression).name) ?? "").split(" ");
        if (!library) return;
        const message = fault(library, name, call?.arguments ?? []);
        if (message) context.report({ node, message });
      },
    };
  },
};

function fault(library, name, args) {
  if (library === "type-graphql") {
    if (TYPE_FUNCTION_FIRST.has(name) && !isFunction(args[0])) return `Name the type: @${name}(() => Type).`;
    if (name === "Arg" && !isFunction(args[1])) return 'Name the type: @Arg("name", () => Type).';
    return undefined;
  }
  if (COLUMNS.has(name) && !namesColumnType(args)) return `Name the type: @${name}({ type: "…" }).`;
  if (RELATIONS.has(name) && !isFunction(args[0])) return `Name the entity: @${name}(() => Entity, …).`;
  return undefined;
}

function namesColumnType([first, second]) {
  if (first?.type === "Literal" && typeof first.value === "string") return true;
  return [first, second].some((one) => one?.type === "ObjectExpression" && propertyNamed(one, "type") !== undefined);
}

function isFunction(node) {
  return node?.type === "ArrowFunctionExpression" || node?.type === "FunctionExpression";
}
