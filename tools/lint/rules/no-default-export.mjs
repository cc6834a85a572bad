/** A thing has one name everywhere. */
export const noDefaultExport = {
  meta: { type: "suggestion" },
  create(context) {
    const report = (node) => context.report({ node, message: "Export it by its name." });
    return {
      ExportDefaultDeclaration: report,
      ExportSpecifier(node) {
        if ((node.exported.name ?? node.exported.value) === "default") report(node);
      },
    };
  },
};
