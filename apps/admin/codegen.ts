import type { CodegenConfig } from "@graphql-codegen/cli";

/** Types for this app's queries; web-kit's fragments are read too, because the queries spread them. */
const config: CodegenConfig = {
  schema: "../api/schema.graphql",
  documents: [
    "src/**/*.{ts,tsx}",
    "!src/gql/**",
    "../../packages/web-kit/src/**/*.{ts,tsx}",
    "!../../packages/web-kit/src/gql/**",
  ],
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
