import type { NamedStatement } from "./usage-write.sql.ts";

/**
 * Statements behind charts. Parameters: $1 customer, $2 meter, $3 the starts of the buckets in order, $4 the end of
 * the last, $5 null for the meter as a whole or the place of a group-by property (0, 1, 2). Whole windows come from
 * rollups; only what lies in a window that $3[1] or $4 cuts comes from events, so that a chart of any range is exact
 * and its cost does not grow with events.
 */
const span = `
    span AS (
      SELECT ($3::timestamptz[])[1] AS from_at, $4::timestamptz AS to_at,
        LEAST(date_bin('15 minutes', ($3::timestamptz[])[1] + interval '15 minutes' - interval '1 microsecond', '2000-01-01Z'), $4) AS head_end,
        date_bin('15 minutes', $4::timestamptz, '2000-01-01Z') AS tail_start
    ),
    edge AS (
      SELECT from_at, head_end AS to_at FROM span WHERE from_at < head_end
      UNION ALL SELECT GREATEST(tail_start, head_end), to_at FROM span WHERE GREATEST(tail_start, head_end) < to_at
    )`;

/** The value of the asked property in a combination; what went past the bound on combinations keeps its own name. */
const groupOf = (key: string) =>
  `CASE WHEN $5::integer IS NULL THEN '' WHEN ${key} = '(other)' THEN ${key} ELSE ${key}::jsonb ->> $5 END`;

const ofDimension = (key: string) => `($5::integer IS NULL) = (${key} = '')`;

const edgeEvents = `
      FROM edge g JOIN usage_event e ON e.customer_id = $1 AND e.meter_id = $2
        AND e.occurred_at >= g.from_at AND e.occurred_at < g.to_at
      WHERE e.kind = 'USAGE' AND e.counted AND ($5::integer IS NULL OR e.dimension_key IS NOT NULL)
        AND NOT EXISTS (SELECT FROM usage_event v WHERE v.customer_id = e.customer_id AND v.voids_event_id = e.id)`;

const edgeKey = "CASE WHEN $5::integer IS NULL THEN '' ELSE e.dimension_key END";

/** Mergeable states by bucket (from 1) and group, for every aggregation but UNIQUE_COUNT and WEIGHTED_SUM. */
export const selectSeries: NamedStatement = {
  name: "select_usage_series",
  text: `
    WITH ${span},
    piece AS (
      SELECT r.window_start AS at, r.dimension_key, r.event_count, r.quantity_sum, r.quantity_max,
        r.latest_quantity AS quantity, r.latest_occurred_at AS occurred_at, r.latest_received_at AS received_at
      FROM span JOIN usage_rollup r ON r.customer_id = $1 AND r.meter_id = $2
        AND r.window_start >= head_end AND r.window_start < tail_start AND ${ofDimension("r.dimension_key")}
      UNION ALL
      SELECT e.occurred_at, ${edgeKey}, 1, e.quantity, e.quantity, e.quantity, e.occurred_at, e.received_at ${edgeEvents}
    )
    SELECT width_bucket(at, $3::timestamptz[]) AS bucket, ${groupOf("dimension_key")} AS "group",
      sum(event_count)::text AS event_count, sum(quantity_sum) AS quantity_sum, max(quantity_max) AS quantity_max,
      (array_agg(quantity ORDER BY occurred_at DESC NULLS LAST, received_at DESC, quantity DESC))[1] AS latest_quantity,
      max(occurred_at) AS latest_occurred_at
    FROM piece GROUP BY 1, 2 ORDER BY 1, 2`,
};

/** Distinct values by bucket and group, and (bucket 0) over the whole range. */
export const selectUniqueSeries: NamedStatement = {
  name: "select_unique_series",
  text: `
    WITH ${span},
    piece AS (
      SELECT u.span_start AS at, u.dimension_key, u.value, u.event_count
      FROM span JOIN usage_unique_value u ON u.customer_id = $1 AND u.meter_id = $2 AND u.span = 'W'
        AND u.span_start >= head_end AND u.span_start < tail_start AND ${ofDimension("u.dimension_key")} AND u.event_count > 0
      UNION ALL
      SELECT e.occurred_at, ${edgeKey}, e.unique_value, 1 ${edgeEvents}
    ),
    bucketed AS (
      SELECT width_bucket(at, $3::timestamptz[]) AS bucket, ${groupOf("dimension_key")} AS "group", value, event_count FROM piece
    )
    SELECT bucket, "group", count(DISTINCT value)::text AS unique_count, sum(event_count)::text AS event_count
    FROM bucketed GROUP BY 1, 2
    UNION ALL
    SELECT 0, "group", count(DISTINCT value)::text, sum(event_count)::text FROM bucketed GROUP BY 2
    ORDER BY 1, 2`,
};

/** States of levels in time order: whole windows, and single events at cut edges. */
export const selectLevels: NamedStatement = {
  name: "select_levels",
  text: `
    WITH ${span}
    SELECT r.event_count::text AS event_count, r.first_quantity, r.first_occurred_at, r.first_received_at,
      r.latest_quantity, r.latest_occurred_at, r.latest_received_at, r.level_area
    FROM span JOIN usage_rollup r ON r.customer_id = $1 AND r.meter_id = $2 AND r.dimension_key = ''
      AND r.window_start >= head_end AND r.window_start < tail_start
    UNION ALL
    SELECT '1', e.quantity, e.occurred_at, e.received_at, e.quantity, e.occurred_at, e.received_at, 0 ${edgeEvents}
    ORDER BY 3, 4, 2`,
};

/** The level in force just before $3, of those set at $4 or later. */
export const selectLevelBefore: NamedStatement = {
  name: "select_level_before",
  text: `
    SELECT e.quantity FROM usage_event e
    WHERE e.customer_id = $1 AND e.meter_id = $2 AND e.occurred_at < $3 AND e.occurred_at >= $4 AND e.kind = 'USAGE' AND e.counted
      AND NOT EXISTS (SELECT FROM usage_event v WHERE v.customer_id = e.customer_id AND v.voids_event_id = e.id)
    ORDER BY e.occurred_at DESC, e.received_at DESC, e.quantity DESC LIMIT 1`,
};
