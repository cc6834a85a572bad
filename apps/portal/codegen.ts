import { codegenConfig } from "@meterline/web-kit/codegen";

/** Types for this app's queries; web-kit's fragments are read too, because the queries spread them. */
export default codegenConfig("../api/schema.graphql", [
  "../../packages/web-kit/src/**/*.{ts,tsx}",
  "!../../packages/web-kit/src/gql/**",
]);
