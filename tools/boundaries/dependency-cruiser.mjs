import { forbidden } from "./rules.mjs";

// TypeScript 7 has no API that could parse for this tool, so SWC does. What a package resolves to is its source, by the
// condition that everything in the repository uses.
export default {
  forbidden,
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    exclude: { path: ["/dist/", "/src/gql/", "/samples/"] },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["meterline-source", "types", "import", "node", "default"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json", ".css"],
      mainFields: ["module", "main", "types"],
    },
  },
};
