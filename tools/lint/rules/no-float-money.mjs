import { isMember, memberName, wordsOf } from "../syntax.mjs";

/** Words in a name that make it money or a quantity: `unitPrice`, `amountMinor`, `totalQuantity`. */
const EXACT_WORDS = new Set(
  "amount amounts quantity quantities price prices money fee fees charge charges cost costs allowance".split(" "),
);
const CONVERSIONS = new Set(["Number", "parseFloat", "parseInt"]);
const ROUNDINGS = new Set(["round", "floor", "ceil", "trunc", "fround"]);

/**
 * Binary floats lose cents. By default it looks at what is called an amount, a price or a quantity; with the option
 * `{ everywhere: true }` it forbids every conversion to a float, every rounding of one and every fractional literal.
 */
export const noFloatMoney = {
  meta: { type: "problem", schema: [{ type: "object", properties: { everywhere: { type: "boolean" } } }] },
  create(context) {
    const everywhere = context.options[0]?.everywhere === true;
    const suspect = (...nodes) => everywhere || nodes.some(isExact);
    const report = (node, message) => context.report({ node, message });
    return {
      CallExpression(node) {
        const { callee } = node;
        const name = callee.type === "Identifier" ? callee.name : memberName(callee);
        const converts = CONVERSIONS.has(name) && (callee.type === "Identifier" || callee.object.name === "Number");
        if (converts && suspect(...node.arguments)) report(node, `${name} makes a float: use decimal() or BigInt().`);
        if (name === "toNumber" && callee.type === "MemberExpression" && suspect(callee.object)) {
          report(node, "toNumber makes a float: keep the decimal.");
        }
        if (ROUNDINGS.has(name) && isMember(callee, "Math", name) && suspect(...node.arguments)) {
          report(node, `Math.${name} rounds a float: round a decimal, by a named rule.`);
        }
      },
      UnaryExpression(node) {
        if (node.operator === "+" && suspect(node.argument)) report(node, "Unary + makes a float: use decimal().");
      },
      Literal(node) {
        if (typeof node.value !== "number" || Number.isInteger(node.value)) return;
        if (suspect(...beside(node))) report(node, `${node.raw} is a float: write decimal("${node.raw}").`);
      },
    };
  },
};

/** What a literal is combined with or given to. */
function beside(node) {
  const { parent } = node;
  switch (parent.type) {
    case "BinaryExpression":
      return [parent.left, parent.right];
    case "VariableDeclarator":
      return [parent.id];
    case "AssignmentExpression":
    case "AssignmentPattern":
      return [parent.left];
    case "Property":
    case "PropertyDefinition":
      return [parent.key];
    default:
      return [];
  }
}

/** Whether an expression mentions something that has to stay exact. */
function isExact(node) {
  if (!node || typeof node.type !== "string") return false;
  switch (node.type) {
    case "Identifier":
      return wordsOf(node.name).some((word) => EXACT_WORDS.has(word));
    case "MemberExpression":
      return isExact(node.property) || isExact(node.object);
    case "CallExpression":
      return isExact(node.callee) || node.arguments.some(isExact);
    case "BinaryExpression":
    case "LogicalExpression":
      return isExact(node.left) || isExact(node.right);
    case "UnaryExpression":
      return isExact(node.argument);
    case "TemplateLiteral":
      return node.expressions.some(isExact);
    case "ChainExpression":
    case "TSNonNullExpression":
    case "TSAsExpression":
      return isExact(node.expression);
    default:
      return false;
  }
}
