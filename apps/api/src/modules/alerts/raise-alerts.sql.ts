/**
 * Raises the crossings among candidates: at most once each (the unique key of `alert`), and numbered under the lock of
 * the customer's row in alert_sequence, which is held until commit. Where no value is given it is the period total as
 * this very statement finds it, so in the transaction that records usage it is what that usage comes to. A candidate
 * that was raised before, against as much or more, is left out.
 */
export const raiseAlertsSql = {
  name: "raise_alerts",
  text: `
    WITH candidate AS (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[],
        $9::text[], $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[], $14::text[], $15::timestamptz[],
        $16::timestamptz[], $17::timestamptz[], $18::timestamptz[], $19::timestamptz[], $20::timestamptz[], $21::text[])
        AS c (customer_id, id, rule_id, kind, basis, severity, meter_id, limit_id, threshold_key, percent, basis_value,
          threshold_value, given_value, currency, period_start, period_end, crossed_at, expected_at, earliest_at,
          latest_at, aggregation)
    ), crossed AS (
      SELECT c.*, v.value,
        (SELECT count(*) FROM alert a WHERE a.customer_id = c.customer_id AND a.rule_id = c.rule_id
           AND a.threshold_key = c.threshold_key AND a.period_start = c.period_start) AS generation,
        row_number() OVER (PARTITION BY c.customer_id ORDER BY c.threshold_value DESC, c.id) - 1 AS places_before_last
      FROM candidate c
      LEFT JOIN usage_period_total t ON c.given_value IS NULL AND t.customer_id = c.customer_id
        AND t.meter_id = c.meter_id AND t.period_start = c.period_start AND t.dimension_key = ''
      CROSS JOIN LATERAL (SELECT coalesce(c.given_value, CASE c.aggregation
        WHEN 'SUM' THEN t.quantity_sum WHEN 'COUNT' THEN t.event_count WHEN 'MAX' THEN t.quantity_max
        WHEN 'LATEST' THEN t.latest_quantity WHEN 'UNIQUE_COUNT' THEN t.unique_count END) AS value) v
      WHERE (v.value >= c.threshold_value OR c.given_value IS NOT NULL)
        AND NOT EXISTS (SELECT FROM alert a WHERE a.customer_id = c.customer_id AND a.rule_id = c.rule_id
          AND a.threshold_key = c.threshold_key AND a.period_start = c.period_start AND a.basis_value >= c.basis_value)
    ), numbered AS (
      INSERT INTO alert_sequence AS s (customer_id, last_sequence)
      SELECT customer_id, count(*) FROM crossed GROUP BY customer_id ORDER BY customer_id
      ON CONFLICT (customer_id) DO UPDATE SET last_sequence = s.last_sequence + EXCLUDED.last_sequence
      RETURNING customer_id, last_sequence
    )
    INSERT INTO alert (customer_id, id, sequence, rule_id, kind, basis, severity, meter_id, limit_id, threshold_key,
      percent, basis_value, threshold_value, crossing_value, currency, period_start, period_end, generation, expected_at,
      earliest_at, latest_at, crossed_at)
    SELECT c.customer_id, c.id, n.last_sequence - c.places_before_last, c.rule_id, c.kind, c.basis, c.severity,
      c.meter_id, c.limit_id, c.threshold_key, c.percent, c.basis_value, c.threshold_value, c.value, c.currency,
      c.period_start, c.period_end, c.generation, c.expected_at, c.earliest_at, c.latest_at, c.crossed_at
    FROM crossed c JOIN numbered n ON n.customer_id = c.customer_id
    ORDER BY c.customer_id, c.places_before_last DESC
    ON CONFLICT (customer_id, rule_id, threshold_key, period_start, generation) DO NOTHING
    RETURNING customer_id, id`,
};

/**
 * Asks that customers be evaluated, not later than given, and once more after that: what another transaction has not
 * committed yet is seen then. Rows that ask for it already are not touched.
 */
export const markEvaluationsSql = {
  name: "mark_alert_evaluations",
  text: `
    INSERT INTO alert_evaluation AS e (customer_id, due_at, settle)
    SELECT c.customer_id, c.due_at, true FROM unnest($1::uuid[], $2::timestamptz[]) AS c (customer_id, due_at) ORDER BY 1
    ON CONFLICT (customer_id) DO UPDATE SET due_at = LEAST(e.due_at, EXCLUDED.due_at), settle = true, attempts = 0
    WHERE e.due_at IS NULL OR e.due_at > EXCLUDED.due_at OR NOT e.settle`,
};
