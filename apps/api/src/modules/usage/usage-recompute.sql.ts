import type { NamedStatement } from "./usage-write.sql.ts";

/**
 * Statements that compute derived usage afresh from the facts: for voids, for levels that arrive out of order, when a
 * customer's billing periods change, and to prove that what was kept by addition is what a recount gives. The caller
 * holds the customer's exclusive lock, so that no ingest adds to a row between the reading and the writing.
 */

// Events that count: taken back ones and the takings-back both fall out, so a recount needs no subtraction.
const standing = `
  e.kind = 'USAGE' AND e.counted
  AND NOT EXISTS (SELECT FROM usage_event v WHERE v.customer_id = e.customer_id AND v.voids_event_id = e.id)`;

// A meter's own row, and the row of its combination of group-by values where it has one.
const dimensions =
  "CROSS JOIN LATERAL (SELECT '' AS key UNION ALL SELECT e.dimension_key WHERE e.dimension_key IS NOT NULL) d";

/** The latest of several (quantity, occurred, received), the greater quantity where both times tie. */
function latest(column: string): string {
  return `(array_agg(${column} ORDER BY occurred_at DESC, received_at DESC, quantity DESC))[1]`;
}

/** Drops the rows of windows; the statement after it writes them anew. */
export const deleteRollups: NamedStatement = {
  name: "delete_rollups",
  text: `
    DELETE FROM usage_rollup r
    USING unnest($2::uuid[], $3::timestamptz[]) AS w (meter_id, window_start)
    WHERE r.customer_id = $1 AND r.meter_id = w.meter_id AND r.window_start = w.window_start`,
};

/** Writes the rows of windows of one customer from events. */
export const insertRecountedRollups: NamedStatement = {
  name: "insert_recounted_rollups",
  text: `
    WITH level AS (
      SELECT e.meter_id, w.window_start, d.key AS dimension_key, m.aggregation, e.quantity, e.occurred_at, e.received_at,
        lead(e.occurred_at) OVER (PARTITION BY e.meter_id, w.window_start, d.key
                                  ORDER BY e.occurred_at, e.received_at, e.quantity) AS next_occurred_at
      FROM unnest($2::uuid[], $3::timestamptz[]) AS w (meter_id, window_start)
      JOIN usage_event e ON e.customer_id = $1 AND e.meter_id = w.meter_id
        AND e.occurred_at >= w.window_start AND e.occurred_at < w.window_start + interval '15 minutes'
      JOIN meter m ON m.id = e.meter_id
      ${dimensions}
      WHERE ${standing}
    )
    INSERT INTO usage_rollup (customer_id, meter_id, window_start, dimension_key, event_count, quantity_sum, quantity_max,
      latest_quantity, latest_occurred_at, latest_received_at, first_quantity, first_occurred_at, first_received_at, level_area)
    SELECT $1, meter_id, window_start, dimension_key, count(*), sum(quantity),
      CASE WHEN aggregation = 'MAX' THEN max(quantity) END,
      CASE WHEN aggregation IN ('LATEST', 'WEIGHTED_SUM') THEN ${latest("quantity")} END,
      CASE WHEN aggregation IN ('LATEST', 'WEIGHTED_SUM') THEN ${latest("occurred_at")} END,
      CASE WHEN aggregation IN ('LATEST', 'WEIGHTED_SUM') THEN ${latest("received_at")} END,
      CASE WHEN aggregation = 'WEIGHTED_SUM' THEN (array_agg(quantity ORDER BY occurred_at, received_at, quantity))[1] END,
      CASE WHEN aggregation = 'WEIGHTED_SUM' THEN min(occurred_at) END,
      CASE WHEN aggregation = 'WEIGHTED_SUM' THEN (array_agg(received_at ORDER BY occurred_at, received_at, quantity))[1] END,
      CASE WHEN aggregation = 'WEIGHTED_SUM'
        THEN coalesce(sum(quantity * (extract(epoch FROM next_occurred_at - occurred_at) * 1000)), 0) END
    FROM level
    GROUP BY meter_id, window_start, dimension_key, aggregation`,
};

/** Drops period totals of one customer: those of one meter that start at given instants, or all where $2 is null. */
export const deletePeriodTotals: NamedStatement = {
  name: "delete_period_totals",
  text: `
    DELETE FROM usage_period_total
    WHERE customer_id = $1 AND ($2::uuid IS NULL OR meter_id = $2)
      AND ($3::timestamptz[] IS NULL OR period_start = ANY ($3::timestamptz[]))`,
};

/** Drops the distinct values kept for billing periods, likewise. */
export const deletePeriodUniqueValues: NamedStatement = {
  name: "delete_period_unique_values",
  text: `
    DELETE FROM usage_unique_value
    WHERE customer_id = $1 AND span = 'P' AND ($2::uuid IS NULL OR meter_id = $2)
      AND ($3::timestamptz[] IS NULL OR span_start = ANY ($3::timestamptz[]))`,
};

/** Drops the distinct values kept for windows. */
export const deleteWindowUniqueValues: NamedStatement = {
  name: "delete_window_unique_values",
  text: `
    DELETE FROM usage_unique_value u
    USING unnest($2::uuid[], $3::timestamptz[]) AS w (meter_id, window_start)
    WHERE u.customer_id = $1 AND u.span = 'W' AND u.meter_id = w.meter_id AND u.span_start = w.window_start`,
};

/** Writes the distinct values of windows from events. */
export const insertRecountedWindowUniqueValues: NamedStatement = {
  name: "insert_recounted_window_unique_values",
  text: `
    INSERT INTO usage_unique_value (customer_id, meter_id, span, span_start, dimension_key, value, event_count)
    SELECT $1, e.meter_id, 'W', w.window_start, d.key, e.unique_value, count(*)
    FROM unnest($2::uuid[], $3::timestamptz[]) AS w (meter_id, window_start)
    JOIN usage_event e ON e.customer_id = $1 AND e.meter_id = w.meter_id
      AND e.occurred_at >= w.window_start AND e.occurred_at < w.window_start + interval '15 minutes'
    ${dimensions}
    WHERE e.unique_value IS NOT NULL AND ${standing}
    GROUP BY 2, 4, 5, 6`,
};

// The whole windows inside a period are read from rollups; only what lies in a window that a period's edge cuts is
// read from events. A period inside one window has an empty middle and one cut piece.
const pieces = `
    period AS (
      SELECT start_at, end_at,
        LEAST(date_bin('15 minutes', start_at + interval '15 minutes' - interval '1 microsecond', '2000-01-01Z'), end_at) AS head_end,
        date_bin('15 minutes', end_at, '2000-01-01Z') AS tail_start
      FROM unnest($3::timestamptz[], $4::timestamptz[]) AS p (start_at, end_at)
    ),
    edge AS (
      SELECT start_at, end_at, start_at AS from_at, head_end AS to_at FROM period WHERE start_at < head_end
      UNION ALL
      SELECT start_at, end_at, GREATEST(tail_start, head_end), end_at FROM period WHERE GREATEST(tail_start, head_end) < end_at
    )`;

/** Writes the distinct values of billing periods, from the windows' and, at cut edges, from events. */
export const insertRecountedPeriodUniqueValues: NamedStatement = {
  name: "insert_recounted_period_unique_values",
  text: `
    WITH ${pieces}
    INSERT INTO usage_unique_value (customer_id, meter_id, span, span_start, dimension_key, value, event_count)
    SELECT $1, meter_id, 'P', start_at, dimension_key, value, sum(event_count) FROM (
      SELECT p.start_at, u.meter_id, u.dimension_key, u.value, u.event_count
      FROM period p JOIN usage_unique_value u ON u.customer_id = $1 AND ($2::uuid IS NULL OR u.meter_id = $2) AND u.span = 'W'
        AND u.span_start >= p.head_end AND u.span_start < p.tail_start
      UNION ALL
      SELECT g.start_at, e.meter_id, d.key, e.unique_value, 1
      FROM edge g JOIN usage_event e ON e.customer_id = $1 AND ($2::uuid IS NULL OR e.meter_id = $2)
        AND e.occurred_at >= g.from_at AND e.occurred_at < g.to_at
      ${dimensions}
      WHERE e.unique_value IS NOT NULL AND ${standing}
    ) piece
    GROUP BY 2, 4, 5, 6`,
};

/** Writes billing-period totals from rollups and, at cut edges, from events; after the distinct values. */
export const insertRecountedPeriodTotals: NamedStatement = {
  name: "insert_recounted_period_totals",
  text: `
    WITH ${pieces}
    INSERT INTO usage_period_total (customer_id, meter_id, period_start, dimension_key, period_end, event_count, quantity_sum,
      quantity_max, latest_quantity, latest_occurred_at, latest_received_at, unique_count)
    SELECT $1, piece.meter_id, start_at, dimension_key, end_at, sum(event_count), sum(quantity_sum), max(quantity_max),
      CASE WHEN m.aggregation = 'LATEST' THEN ${latest("quantity")} END,
      CASE WHEN m.aggregation = 'LATEST' THEN ${latest("occurred_at")} END,
      CASE WHEN m.aggregation = 'LATEST' THEN ${latest("received_at")} END,
      (SELECT count(*) FROM usage_unique_value u
       WHERE u.customer_id = $1 AND u.meter_id = piece.meter_id AND u.span = 'P' AND u.span_start = piece.start_at
         AND u.dimension_key = piece.dimension_key AND u.event_count > 0)
    FROM (
      SELECT p.start_at, p.end_at, r.meter_id, r.dimension_key, r.event_count, r.quantity_sum, r.quantity_max,
        r.latest_quantity AS quantity, r.latest_occurred_at AS occurred_at, r.latest_received_at AS received_at
      FROM period p JOIN usage_rollup r ON r.customer_id = $1 AND ($2::uuid IS NULL OR r.meter_id = $2)
        AND r.window_start >= p.head_end AND r.window_start < p.tail_start
      UNION ALL
      SELECT g.start_at, g.end_at, e.meter_id, d.key, 1, e.quantity, CASE WHEN m.aggregation = 'MAX' THEN e.quantity END,
        e.quantity, e.occurred_at, e.received_at
      FROM edge g JOIN usage_event e ON e.customer_id = $1 AND ($2::uuid IS NULL OR e.meter_id = $2)
        AND e.occurred_at >= g.from_at AND e.occurred_at < g.to_at
      JOIN meter m ON m.id = e.meter_id
      ${dimensions}
      WHERE ${standing}
    ) piece
    JOIN meter m ON m.id = piece.meter_id
    GROUP BY piece.meter_id, start_at, end_at, dimension_key, m.aggregation
    HAVING sum(event_count) <> 0`,
};
