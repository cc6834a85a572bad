import type { TestProject } from "vitest/node";
import { startTestPostgres } from "./test-postgres.ts";
import "./test-database.ts";

/** Vitest calls it once a run: starts the server that every suite's database lives on. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestPostgres({ inMemory: true });
  project.provide("meterlinePostgres", { adminUrl: server.adminUrl, ownerUrl: server.ownerUrl });
  return () => server.stop();
}
