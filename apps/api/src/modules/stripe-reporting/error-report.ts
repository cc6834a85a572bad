/** One mistake that Stripe found in events after it had accepted them. */
export type ErrorReportType = {
  code: string;
  count: number;
  /** Of some of the events only. */
  samples: { identifier: string; message: string }[];
};

/** What an asynchronous error report says. */
export type ErrorReport = {
  /** Between these instants Stripe looked at the events. */
  startAt: number;
  endAt: number;
  count: number;
  types: ErrorReportType[];
};

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const countOf = (value: unknown): number => (typeof value === "number" && Number.isSafeInteger(value) ? value : 0);

/**
 * Reads the data of `v1.billing.meter.error_report_triggered` and `no_meter_found`. Samples of older documentation hold
 * `request.id` and `request.idempotency_key` in place of `request.identifier`; a key of ours begins with the identifier.
 * Null for what is no report.
 */
export function readErrorReport(data: unknown): ErrorReport | null {
  if (!isObject(data) || !isObject(data["reason"])) return null;
  const startAt = Date.parse(String(data["validation_start"]));
  const endAt = Date.parse(String(data["validation_end"]));
  if (!Number.isFinite(startAt) || !Number.isFinite(endAt)) return null;
  const types = listOf(data["reason"]["error_types"]).map((type) => ({
    code: String(type["code"]),
    count: countOf(type["error_count"]),
    samples: listOf(type["sample_errors"]).flatMap((sample) => {
      const request = isObject(sample["request"]) ? sample["request"] : {};
      const identifier = request["identifier"] ?? request["idempotency_key"];
      return typeof identifier === "string" ? [{ identifier, message: String(sample["error_message"]) }] : [];
    }),
  }));
  return { startAt, endAt, count: countOf(data["reason"]["error_count"]), types };
}
