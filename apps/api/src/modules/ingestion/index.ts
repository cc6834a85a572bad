export type { IngestItem } from "./ingest-item.ts";
export type { IngestOutcome, UsageRejection } from "./ingest-outcome.ts";
export { mapOutcome } from "./ingestion.mapping.ts";
export { IngestionResolver } from "./ingestion.resolver.ts";
export { IngestionService } from "./ingestion.service.ts";
export { RecordUsageResult, UsageRejectionType } from "./ingestion.types.ts";
export { VoidUsageService } from "./void-usage.service.ts";
