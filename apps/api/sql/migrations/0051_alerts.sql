-- Thresholds that were crossed. Rows are only added; `queued_at` says when their deliveries were written.
CREATE TABLE alert (
  customer_id         uuid NOT NULL,
  id                  uuid NOT NULL,
  -- 1, 2, 3 … of the customer, given under the lock of its row in alert_sequence, which is held until commit: who has
  -- seen a number has seen every smaller one that there will ever be. Numbers may be missing.
  sequence            bigint NOT NULL,
  rule_id             uuid NOT NULL,
  kind                text NOT NULL,
  basis               text NOT NULL,
  severity            text NOT NULL CHECK (severity IN ('INFO','WARNING','CRITICAL')),
  meter_id            uuid,
  limit_id            uuid,
  -- Names the threshold within its rule: a percentage, or the day of a drop or spike.
  threshold_key       text NOT NULL,
  percent             numeric,
  -- What it was measured against, the threshold, and the value when it was crossed: units of the meter, or with a
  -- currency major units of it. Exact: 80 % of a budget need not be whole cents.
  basis_value         numeric NOT NULL,
  threshold_value     numeric NOT NULL,
  crossing_value      numeric NOT NULL,
  currency            text,
  period_start        timestamptz NOT NULL,
  period_end          timestamptz NOT NULL,
  -- 0, and one more each time that the basis was raised above what an earlier alert of the period was measured against.
  generation          integer NOT NULL DEFAULT 0,
  -- FORECAST: when the threshold is expected to be crossed, and the band around it.
  expected_at         timestamptz,
  earliest_at         timestamptz,
  latest_at           timestamptz,
  crossed_at          timestamptz NOT NULL,
  queued_at           timestamptz,
  PRIMARY KEY (customer_id, id),
  UNIQUE (customer_id, sequence),
  UNIQUE (customer_id, rule_id, threshold_key, period_start, generation)
);
CREATE INDEX alert_to_queue ON alert (crossed_at) WHERE queued_at IS NULL;

CREATE TABLE alert_sequence (
  customer_id    uuid PRIMARY KEY,
  last_sequence  bigint NOT NULL
);
