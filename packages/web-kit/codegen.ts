import type { CodegenConfig } from "@graphql-codegen/cli";

/** Types for the fragments and queries declared beside the shared components. The apps generate their own from the same text. */
const config: CodegenConfig = {
  schema: "../../apps/api/schema.graphql",
  documents: ["src/**/*.{ts,tsx}", "!src/gql/**"],
  generates: {
    "./src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "readFragment" } },
      config: {
        strictScalars: true,
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: { Decimal: "string", DateTime: "string", JSONObject: "Record<string, unknown>" },
      },
    },
  },
};

export default config;
