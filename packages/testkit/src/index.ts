export { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from "./test-database.ts";
export { startTestPostgres, type TestPostgres } from "./test-postgres.ts";
export { freePort } from "@meterline/local-postgres";
export { waitUntil } from "./wait-until.ts";
