import { isMember } from "../syntax.mjs";

/** The time comes from a clock that is passed in, so that a test can hold it still. */
export const clockInOnePlace = {
  meta: { type: "problem" },
  create(context) {
    const report = (node) =>
      context.report({ node, message: "Take the time from a Clock (platform/clock.ts) or a parameter `now`." });
    return {
      CallExpression(node) {
        if (isMember(node.callee, "Date", "now")) report(node);
        if (node.callee.type === "Identifier" && node.callee.name === "Date") report(node);
      },
      MemberExpression(node) {
        if (isMember(node, "Temporal", "Now")) report(node);
      },
      NewExpression(node) {
        if (node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 0)
          report(node);
      },
    };
  },
};
