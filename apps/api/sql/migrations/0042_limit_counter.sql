-- What limits count that no total holds: usage of one property value, and of all time. Written in the transaction that
-- records the usage, and counted from events where there is no row: a row may be deleted at any time.
CREATE TABLE limit_counter (
  customer_id     uuid NOT NULL,
  meter_id        uuid NOT NULL,
  period          text NOT NULL CHECK (period IN ('BILLING_PERIOD','DAY','HOUR','LIFETIME')),
  window_start    timestamptz NOT NULL,
  -- '' where the limit names no property.
  property        text NOT NULL,
  property_value  text NOT NULL,
  window_end      timestamptz NOT NULL,
  -- NULL where the aggregation has no value: MAX of nothing.
  used            numeric,
  PRIMARY KEY (customer_id, meter_id, period, window_start, property, property_value)
) WITH (fillfactor = 70);
GRANT SELECT ON limit_counter TO meterline_member;
ALTER TABLE limit_counter ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customer ON limit_counter FOR SELECT TO meterline_member
  USING (customer_id = current_setting('meterline.customer_id')::uuid);
