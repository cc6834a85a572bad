/**
 * The statements that put usage into the database, in the order in which one transaction runs them. Each takes
 * arrays, one element a row, so that a group of requests costs a fixed number of round trips. Rows are locked in the
 * order in which they are sent, which is that of their keys, and the tables always in this order, so that two groups can
 * wait for but never deadlock each other. (Sorting them here costs a tenth of the whole.)
 */
export type NamedStatement = { name: string; text: string };

const eventColumns = [
  "customer_id",
  "id",
  "meter_id",
  "quantity",
  "occurred_at",
  "received_at",
  "idempotency_key",
  "content_hash",
  "properties",
  "unique_value",
  "dimension_key",
  "counted",
  "historical",
].join(", ");

const eventRows = `unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::numeric[], $5::timestamptz[], $6::timestamptz[],
      $7::text[], $8::uuid[], $9::jsonb[], $10::text[], $11::text[], $12::boolean[], $13::boolean[], $14::integer[])
      AS e (${eventColumns}, billing_version)`;

// One look-up a row by key: a join may be planned as a scan of all customers.
const customerAsPlaced = `SELECT c.id FROM customer c
      WHERE c.id = e.customer_id AND c.billing_version = e.billing_version`;

/**
 * Appends events. A row is left out when its key exists already, or when the customer's billing version has moved on
 * since its billing period was computed; the caller tells the two apart by looking the key up.
 */
export const insertUsageEvents: NamedStatement = {
  name: "insert_usage_events",
  text: `
    INSERT INTO usage_event (${eventColumns})
    SELECT ${eventColumns} FROM ${eventRows}
    WHERE (${customerAsPlaced}) IS NOT NULL
    ON CONFLICT (customer_id, id) DO NOTHING
    RETURNING id`,
};

/**
 * Appends events that are all new, or fails as a whole: a key that exists breaks the primary key, and a row whose
 * customer's billing version has moved on has no customer id, which the column refuses.
 */
export const insertNewUsageEvents: NamedStatement = {
  name: "insert_new_usage_events",
  text: `
    INSERT INTO usage_event (${eventColumns})
    SELECT (${customerAsPlaced}), ${eventColumns.replace("customer_id, ", "")} FROM ${eventRows}`,
};

/** Adds states to rollup windows. MAX and LATEST take the greater and the later; ties in time go to the later receipt. */
export const mergeRollups: NamedStatement = {
  name: "merge_rollups",
  text: `
    INSERT INTO usage_rollup AS r (customer_id, meter_id, window_start, dimension_key, event_count, quantity_sum,
      quantity_max, latest_quantity, latest_occurred_at, latest_received_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::bigint[], $6::numeric[],
      $7::numeric[], $8::numeric[], $9::timestamptz[], $10::timestamptz[])
    ON CONFLICT (customer_id, meter_id, window_start, dimension_key) DO UPDATE SET ${mergedState()}`,
};

/** Adds states to billing-period totals and answers the totals as they now stand. */
export const mergePeriodTotals: NamedStatement = {
  name: "merge_period_totals",
  text: `
    INSERT INTO usage_period_total AS r (customer_id, meter_id, period_start, dimension_key, event_count, quantity_sum,
      quantity_max, latest_quantity, latest_occurred_at, latest_received_at, period_end, unique_count)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::bigint[], $6::numeric[],
      $7::numeric[], $8::numeric[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::bigint[])
    ON CONFLICT (customer_id, meter_id, period_start, dimension_key) DO UPDATE SET ${mergedState()},
      unique_count = r.unique_count + EXCLUDED.unique_count
    RETURNING customer_id, meter_id, period_start, dimension_key, event_count, quantity_sum, quantity_max,
      latest_quantity, unique_count`,
};

/**
 * Counts distinct values of windows ('W') and periods ('P'). A row whose count after the statement equals what was
 * added was not there before, or had been voided away: it is one more distinct value.
 */
export const mergeUniqueValues: NamedStatement = {
  name: "merge_unique_values",
  text: `
    INSERT INTO usage_unique_value AS u (customer_id, meter_id, span, span_start, dimension_key, value, event_count)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::"char"[], $4::timestamptz[], $5::text[], $6::text[], $7::bigint[])
    ON CONFLICT (customer_id, meter_id, span, span_start, dimension_key, value)
      DO UPDATE SET event_count = u.event_count + EXCLUDED.event_count
    RETURNING customer_id, meter_id, span, span_start, dimension_key, value, event_count`,
};

function mergedState(): string {
  // The greater quantity where both times tie, so that the order of arrival never decides.
  const later =
    "(EXCLUDED.latest_occurred_at, EXCLUDED.latest_received_at, EXCLUDED.latest_quantity) >=" +
    " (r.latest_occurred_at, r.latest_received_at, r.latest_quantity) OR r.latest_occurred_at IS NULL";
  return `
      event_count = r.event_count + EXCLUDED.event_count,
      quantity_sum = r.quantity_sum + EXCLUDED.quantity_sum,
      quantity_max = GREATEST(r.quantity_max, EXCLUDED.quantity_max),
      latest_quantity = CASE WHEN ${later} THEN EXCLUDED.latest_quantity ELSE r.latest_quantity END,
      latest_received_at = CASE WHEN ${later} THEN EXCLUDED.latest_received_at ELSE r.latest_received_at END,
      latest_occurred_at = CASE WHEN ${later} THEN EXCLUDED.latest_occurred_at ELSE r.latest_occurred_at END`;
}
