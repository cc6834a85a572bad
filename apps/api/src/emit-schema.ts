import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { lexicographicSortSchema, printSchema } from "graphql";
import { resolverClasses } from "./container.ts";
import { buildApiSchema } from "./platform/graphql/schema.ts";

// Writes apps/api/schema.graphql, from which the web apps' types are generated.
const schema = lexicographicSortSchema(buildApiSchema(resolverClasses));
await writeFile(resolve(import.meta.dirname, "../schema.graphql"), `${printSchema(schema)}\n`);
