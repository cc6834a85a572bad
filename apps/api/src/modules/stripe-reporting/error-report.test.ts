import { expect, test } from "vitest";
import { readErrorReport } from "./error-report.ts";

const report = {
  developer_message_summary: "There are 3 invalid events",
  validation_start: "2026-03-16T10:00:00.000Z",
  validation_end: "2026-03-16T10:00:10.000Z",
  reason: {
    error_count: 3,
    error_types: [
      {
        code: "meter_event_customer_not_found",
        error_count: 3,
        sample_errors: [
          { error_message: "No such customer: 'cus_1'", request: { identifier: "ml_1" } },
          { error_message: "No such customer: 'cus_1'", request: { id: "req_1", idempotency_key: "ml_2" } },
          { error_message: "nobody knows", request: { id: "req_1" } },
        ],
      },
    ],
  },
};

test("a report is a count and samples, of either documented form", () => {
  expect(readErrorReport(report)).toEqual({
    startAt: Date.parse("2026-03-16T10:00:00Z"),
    endAt: Date.parse("2026-03-16T10:00:10Z"),
    count: 3,
    types: [
      {
        code: "meter_event_customer_not_found",
        count: 3,
        samples: [
          { identifier: "ml_1", message: "No such customer: 'cus_1'" },
          { identifier: "ml_2", message: "No such customer: 'cus_1'" },
        ],
      },
    ],
  });
});

test.each([null, {}, { reason: {} }, { ...report, validation_start: "yesterday" }])("%j is no report", (data) => {
  expect(readErrorReport(data)).toBeNull();
});
