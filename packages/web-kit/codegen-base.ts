import type { CodegenConfig } from "@graphql-codegen/cli";

/** How every codegen.ts generates, from these documents into src/gql. */
export function codegenConfig(schema: string, documents: string[]): CodegenConfig {
  return {
    schema,
    documents: ["src/**/*.{ts,tsx}", "!src/gql/**", ...documents],
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
}
