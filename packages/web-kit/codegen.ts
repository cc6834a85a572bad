import { codegenConfig } from "./codegen-base.ts";

/** Types for the fragments and queries declared beside the shared components. The apps generate their own from the same text. */
export default codegenConfig("../../apps/api/schema.graphql", []);
