/** What is held of a meter within a window, and of one property value where there is one, for a row `s`. */
const heldSql = `
  (SELECT coalesce(sum(h.quantity - h.drawn), 0)
   FROM usage_hold h
   WHERE h.customer_id = s.customer_id AND h.meter_id = s.meter_id AND h.state = 'HELD' AND h.expires_at > $6
     AND h.held_at >= s.start_at AND h.held_at < s.end_at
     AND (s.property = '' OR h.properties ->> s.property = s.property_value)) AS held`;

const scopeRows = (rest: string) => `
  unnest($1::int[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[]${rest})`;
const plainScope = `(SELECT n, customer_id, meter_id, start_at, end_at, '' AS property, '' AS property_value
  FROM ${scopeRows("")} AS u (n, customer_id, meter_id, start_at, end_at)) s`;

/** Totals of billing periods. Each is one look-up by key, whatever the planner thinks of the table. */
export const periodFactsSql = {
  name: "limit_period_facts",
  text: `
    SELECT s.n, t.event_count, t.quantity_sum, t.quantity_max, t.latest_quantity, t.latest_occurred_at, t.unique_count,
      ${heldSql}
    FROM ${plainScope}
    LEFT JOIN LATERAL (
      SELECT * FROM usage_period_total p
      WHERE p.customer_id = s.customer_id AND p.meter_id = s.meter_id AND p.period_start = s.start_at
        AND p.dimension_key = ''
      LIMIT 1
    ) t ON true`,
};

/** Days and hours: their rollups one by one, because the windows of a day stand between those of its combinations. */
export const windowFactsSql = {
  name: "limit_window_facts",
  text: `
    SELECT s.n, t.event_count, t.quantity_sum, t.quantity_max, t.latest_quantity, t.latest_occurred_at,
      NULL AS unique_count, ${heldSql}
    FROM ${plainScope}
    LEFT JOIN LATERAL (
      SELECT sum(r.event_count) AS event_count, sum(r.quantity_sum) AS quantity_sum, max(r.quantity_max) AS quantity_max,
        (array_agg(r.latest_quantity ORDER BY r.latest_occurred_at DESC, r.latest_received_at DESC, r.latest_quantity DESC)
          FILTER (WHERE r.latest_quantity IS NOT NULL))[1] AS latest_quantity,
        max(r.latest_occurred_at) AS latest_occurred_at
      FROM generate_series(s.start_at, s.end_at - interval '1 millisecond', interval '15 minutes') AS w (start_at)
      CROSS JOIN LATERAL (
        SELECT * FROM usage_rollup o
        WHERE o.customer_id = s.customer_id AND o.meter_id = s.meter_id AND o.window_start = w.start_at
          AND o.dimension_key = ''
        LIMIT 1
      ) r
    ) t ON true`,
};

/** Counters; a row that is not there is told apart from one without a value. */
export const counterFactsSql = {
  name: "limit_counter_facts",
  text: `
    SELECT s.n, t.used, t.customer_id IS NOT NULL AS is_there, ${heldSql}
    FROM ${scopeRows(", $7::text[], $8::text[], $9::text[]")}
      AS s (n, customer_id, meter_id, start_at, end_at, period, property, property_value)
    LEFT JOIN limit_counter t ON t.customer_id = s.customer_id AND t.meter_id = s.meter_id AND t.period = s.period
      AND t.window_start = s.start_at AND t.property = s.property AND t.property_value = s.property_value`,
};

/** What is held of each meter and combination within a window: what a limit on money prices on top of what is used. */
export const heldByMeterSql = {
  name: "limit_held_by_meter",
  text: `
    SELECT h.meter_id, h.dimension_key, sum(h.quantity - h.drawn) AS held
    FROM usage_hold h
    WHERE h.customer_id = $1 AND h.state = 'HELD' AND h.expires_at > $2 AND h.held_at >= $3 AND h.held_at < $4
    GROUP BY 1, 2 HAVING sum(h.quantity - h.drawn) <> 0
    ORDER BY 1, 2 LIMIT 20000`,
};

/** Which distinct values a billing period has seen. */
export const seenValuesSql = {
  name: "limit_seen_values",
  text: `
    SELECT s.customer_id, s.meter_id, s.start_at, s.value
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[]) AS s (customer_id, meter_id, start_at, value)
    WHERE EXISTS (
      SELECT FROM usage_unique_value u
      WHERE u.customer_id = s.customer_id AND u.meter_id = s.meter_id AND u.span = 'P' AND u.span_start = s.start_at
        AND u.dimension_key = '' AND u.value = s.value AND u.event_count > 0)`,
};

/** Holds whose time is up say so, before anything is given to another. */
export const expireHoldsSql = {
  name: "limit_expire_holds",
  text: `
    UPDATE usage_hold SET state = 'EXPIRED', settled_at = expires_at
    WHERE customer_id = ANY ($1::uuid[]) AND state = 'HELD' AND expires_at <= $2`,
};

const counted = `e.kind = 'USAGE' AND e.counted
  AND NOT EXISTS (SELECT FROM usage_event v WHERE v.customer_id = e.customer_id AND v.voids_event_id = e.id)`;

/** A counter anew from events. */
export const recountCounterSql = `
  SELECT CASE m.aggregation WHEN 'COUNT' THEN c.events WHEN 'MAX' THEN c.greatest ELSE c.total END AS used
  FROM meter m, (
    SELECT count(*)::numeric AS events, max(e.quantity) AS greatest, coalesce(sum(e.quantity), 0) AS total
    FROM usage_event e
    WHERE e.customer_id = $1 AND e.meter_id = $2 AND e.occurred_at >= $3 AND e.occurred_at < $4
      AND ($5 = '' OR e.properties ->> $5 = $6) AND ${counted}
  ) c
  WHERE m.id = $2`;

/** A counter of all usage of all time, anew from the totals of billing periods, which are many times fewer than events. */
export const recountLifetimeSql = `
  SELECT CASE m.aggregation WHEN 'COUNT' THEN c.events WHEN 'MAX' THEN c.greatest ELSE c.total END AS used
  FROM meter m, (
    SELECT coalesce(sum(t.event_count), 0)::numeric AS events, max(t.quantity_max) AS greatest,
      coalesce(sum(t.quantity_sum), 0) AS total
    FROM usage_period_total t WHERE t.customer_id = $1 AND t.meter_id = $2 AND t.dimension_key = ''
  ) c
  WHERE m.id = $2`;

/** Writes counters as a decision left them. The caller holds the customer's limit lock, so nothing is added up here. */
export const writeCountersSql = {
  name: "limit_write_counters",
  text: `
    INSERT INTO limit_counter (customer_id, meter_id, period, window_start, window_end, property, property_value, used)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[],
      $7::text[], $8::numeric[])
    ORDER BY 1, 2, 3, 4, 6, 7
    ON CONFLICT (customer_id, meter_id, period, window_start, property, property_value)
      DO UPDATE SET used = EXCLUDED.used`,
};
