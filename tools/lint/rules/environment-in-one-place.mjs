import { isMember } from "../syntax.mjs";

/** Settings are parsed once, where a bad one can stop start-up and name itself. */
export const environmentInOnePlace = {
  meta: { type: "problem" },
  create(context) {
    const report = (node) => context.report({ node, message: "Read settings in config.ts and pass them on." });
    return {
      MemberExpression(node) {
        if (isMember(node, "process", "env")) report(node);
      },
      ImportSpecifier(node) {
        const from = node.parent?.source?.value;
        if ((from === "node:process" || from === "process") && node.imported.name === "env") report(node);
      },
    };
  },
};
