export type { IngestItem } from "./ingest-item.ts";
export type { IngestOutcome } from "./ingest-outcome.ts";
export { IngestionResolver } from "./ingestion.resolver.ts";
export { IngestionService } from "./ingestion.service.ts";
export { VoidUsageService } from "./void-usage.service.ts";
