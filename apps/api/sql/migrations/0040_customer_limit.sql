-- Limits of one customer beside those of its plan. What decides (scope, bound, policy) is the definition, as
-- billing-domain reads it. A row is never changed but for its end: what held when is a fact.
CREATE TABLE customer_limit (
  customer_id   uuid NOT NULL,
  id            uuid NOT NULL,
  -- An OVERRIDE stands in place of every other limit of its scope until it ends; staff say why.
  source        text NOT NULL CHECK (source IN ('CUSTOMER','OVERRIDE')),
  definition    jsonb NOT NULL,
  reason        text,
  starts_at     timestamptz NOT NULL,
  -- Exclusive; NULL while it has no end.
  ends_at       timestamptz CHECK (ends_at >= starts_at),
  created_by    text NOT NULL,
  created_at    timestamptz NOT NULL,
  -- Set when somebody ended it or a later one took its place; ends_at is then that moment.
  ended_by      text,
  PRIMARY KEY (customer_id, id),
  CHECK (source <> 'OVERRIDE' OR (reason IS NOT NULL AND ends_at IS NOT NULL))
);
GRANT SELECT ON customer_limit TO meterline_member;
ALTER TABLE customer_limit ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customer ON customer_limit FOR SELECT TO meterline_member
  USING (customer_id = current_setting('meterline.customer_id')::uuid);
