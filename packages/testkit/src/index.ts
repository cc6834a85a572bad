export { createTestDatabase, type TestDatabase } from "./test-database.ts";
export type { TestDatabaseOptions } from "./databases.ts";
export { makeTestFolder } from "./test-folder.ts";
export { startTestPostgres, type TestPostgres } from "./test-postgres.ts";
export { freePort } from "@meterline/local-postgres";
export { waitUntil } from "./wait-until.ts";
