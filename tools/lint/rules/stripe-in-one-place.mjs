/** One module speaks to Stripe, so that retries, idempotency keys and the pinned version are decided once. */
export const stripeInOnePlace = {
  meta: { type: "problem" },
  create(context) {
    const check = (node) => {
      const from = node.source?.value;
      if (typeof from === "string" && (from === "stripe" || from.startsWith("stripe/"))) {
        context.report({ node, message: "Use apps/api/src/platform/stripe instead of the Stripe SDK." });
      }
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
