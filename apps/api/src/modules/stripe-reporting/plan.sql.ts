import { hasItsTurn } from "./send.sql.ts";

/**
 * Usage totals that moved since they were last planned, of customers `$1`, whose period ended after `$2`; by channel `$3`
 * and of meters `$5`. With `$4` only the period that starts then, moved or not. Whatever the number of events, a customer costs one index
 * range of its periods of 35 days.
 */
export const selectMovedTotals = {
  name: "select_moved_totals",
  text: `
    SELECT t.customer_id, t.meter_id, t.period_start, t.period_end, t.event_count, t.quantity_sum, t.quantity_max,
      t.latest_quantity, t.unique_count, fp.customer_id IS NOT NULL AS is_frozen, f.quantity AS frozen_quantity, s.seen,
      c.planned_total, c.last_sequence, c.last_event_at, c.version
    FROM usage_period_total t
    JOIN customer cu ON cu.id = t.customer_id
    LEFT JOIN meter_report_total c ON c.customer_id = t.customer_id AND c.meter_id = t.meter_id
      AND c.period_start = t.period_start AND c.channel = $3
    -- A frozen period is told as it was written down, whatever came later.
    LEFT JOIN frozen_period fp ON fp.customer_id = t.customer_id AND fp.period_start = t.period_start
    LEFT JOIN frozen_usage f ON f.customer_id = t.customer_id AND f.meter_id = t.meter_id
      AND f.period_start = t.period_start
    CROSS JOIN LATERAL (
      SELECT CASE WHEN fp.customer_id IS NOT NULL THEN concat('frozen ', trim_scale(coalesce(f.quantity, 0)))
        ELSE concat_ws(' ', t.event_count, trim_scale(t.quantity_sum), coalesce(trim_scale(t.quantity_max)::text, '-'),
          coalesce(trim_scale(t.latest_quantity)::text, '-'), t.unique_count) END AS seen
    ) s
    WHERE t.customer_id = ANY ($1::uuid[]) AND t.dimension_key = '' AND t.period_end > $2
      AND t.meter_id = ANY ($5::uuid[])
      -- Links begin on whole minutes, so a period that starts in the minute of the go-live is not historical.
      AND t.period_start >= date_trunc('minute', cu.go_live_at)
      AND CASE WHEN $4::timestamptz IS NULL THEN c.seen IS DISTINCT FROM s.seen ELSE t.period_start = $4 END
    UNION ALL
    -- A total whose last event was taken back is gone, and so is one whose period was cut differently.
    SELECT c.customer_id, c.meter_id, c.period_start, c.period_end, 0, 0, NULL, NULL, 0, fp.customer_id IS NOT NULL,
      f.quantity, s.seen, c.planned_total, c.last_sequence, c.last_event_at, c.version
    FROM meter_report_total c
    LEFT JOIN frozen_period fp ON fp.customer_id = c.customer_id AND fp.period_start = c.period_start
    LEFT JOIN frozen_usage f ON f.customer_id = c.customer_id AND f.meter_id = c.meter_id
      AND f.period_start = c.period_start
    CROSS JOIN LATERAL (
      SELECT CASE WHEN fp.customer_id IS NOT NULL THEN concat('frozen ', trim_scale(coalesce(f.quantity, 0)))
        ELSE 'gone' END AS seen
    ) s
    WHERE c.customer_id = ANY ($1::uuid[]) AND c.period_end > $2 AND c.channel = $3 AND c.meter_id = ANY ($5::uuid[])
      AND NOT EXISTS (
        SELECT FROM usage_period_total t
        WHERE t.customer_id = c.customer_id AND t.meter_id = c.meter_id AND t.period_start = c.period_start
          AND t.dimension_key = ''
      )
      -- Levels were never seen as a total, and hold on without one.
      AND CASE WHEN $4::timestamptz IS NULL THEN c.seen IS NOT NULL AND c.seen <> s.seen ELSE c.period_start = $4 END
    ORDER BY 1, 2, 3
    LIMIT $6`,
};

/**
 * Moves cursors on, in key order, where they still are as they were read (`version`); answers those that it moved. Two
 * planners can therefore never plan the same difference twice, without a lock that Citus would refuse.
 */
export const moveCursors = {
  name: "move_report_cursors",
  text: `
    INSERT INTO meter_report_total AS c (customer_id, meter_id, channel, period_start, period_end, planned_total,
      last_sequence, last_event_at, version, seen, refusal, untold, planned_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::numeric[],
      $7::integer[], $8::timestamptz[], $9::integer[], $10::text[], $11::text[], $12::numeric[], $13::timestamptz[])
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (customer_id, meter_id, channel, period_start) DO UPDATE SET
      period_end = EXCLUDED.period_end, planned_total = EXCLUDED.planned_total, last_sequence = EXCLUDED.last_sequence,
      last_event_at = EXCLUDED.last_event_at, version = EXCLUDED.version, seen = EXCLUDED.seen,
      refusal = EXCLUDED.refusal, untold = EXCLUDED.untold, planned_at = EXCLUDED.planned_at
    WHERE c.version = EXCLUDED.version - 1
    RETURNING customer_id, meter_id, channel, period_start`,
};

/** Writes reports, which are jobs from then on. */
export const insertReports = {
  name: "insert_meter_reports",
  text: `
    INSERT INTO meter_report (customer_id, meter_id, channel, period_start, sequence, kind, mode, delta, total_after,
      event_at, transport, state, next_attempt_at, corrects_sequence, created_at)
    SELECT customer_id, meter_id, channel, period_start, sequence, kind, mode, delta, total_after, event_at, transport,
      'PENDING', created_at, corrects_sequence, created_at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::integer[], $6::text[], $7::text[],
      $8::numeric[], $9::numeric[], $10::timestamptz[], $11::text[], $12::integer[], $13::timestamptz[])
      AS n (customer_id, meter_id, channel, period_start, sequence, kind, mode, delta, total_after, event_at, transport,
        corrects_sequence, created_at)
    ORDER BY customer_id, meter_id, channel, period_start, sequence`,
};

/** The latest reports of a line that Stripe accepted, to see whether one of them can be taken back by name. */
export const selectCancellable = `
  SELECT sequence, delta, event_at, accepted_at, EXISTS (
      SELECT FROM meter_report k
      WHERE k.customer_id = r.customer_id AND k.meter_id = r.meter_id AND k.channel = r.channel
        AND k.period_start = r.period_start AND k.sequence > r.sequence AND k.corrects_sequence = r.sequence
        AND k.kind = 'CANCEL' AND k.state <> 'NOT_COUNTED'
    ) AS is_corrected
  FROM (
    SELECT * FROM meter_report
    WHERE customer_id = $1 AND meter_id = $2 AND channel = $3 AND period_start = $4
    ORDER BY sequence DESC LIMIT 200
  ) r
  WHERE state IN ('ACCEPTED','CONFIRMED') AND kind IN ('USAGE','REPAIR') AND accepted_at > $5`;

/**
 * When the oldest report that was never tried was planned; looked for among the thousand that are due first. A value that
 * waits for the one before it, as where a meter is deactivated, says nothing of the sender.
 */
export const selectOldestUntried = `
  SELECT min(next_attempt_at) AS at FROM (
    SELECT d.next_attempt_at, d.attempts FROM meter_report d
    WHERE d.state = 'PENDING' AND ${hasItsTurn}
    ORDER BY d.next_attempt_at LIMIT 1000
  ) r
  WHERE attempts = 0`;
