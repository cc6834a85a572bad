-- Closed stays closed: once the grace after a billing period is over, its bill and quantities are written down (frozen)
-- and never change. What becomes known of it later is late usage, billed in the open period on lines of its own.

-- Up to here the customer's periods are frozen; null while none is. Set with a raised billing_version, so that every
-- ingest that placed its events before is placed again and knows which of them are late.
ALTER TABLE customer ADD COLUMN frozen_until timestamptz;

CREATE TABLE frozen_period (
  customer_id      uuid NOT NULL,
  period_start     timestamptz NOT NULL,
  period_end       timestamptz NOT NULL,
  subscription_id  uuid NOT NULL,
  currency         text NOT NULL,
  -- The bill as billing-domain's freezeBill writes it: every decimal as exact text.
  bill             jsonb NOT NULL,
  frozen_at        timestamptz NOT NULL,
  PRIMARY KEY (customer_id, period_start)
);

-- What each meter came to in a frozen period: what Stripe is told, whatever comes later.
CREATE TABLE frozen_usage (
  customer_id   uuid NOT NULL,
  meter_id      uuid NOT NULL,
  period_start  timestamptz NOT NULL,
  -- Null: nothing was measured, and the aggregation has no value.
  quantity      numeric,
  event_count   bigint NOT NULL,
  PRIMARY KEY (customer_id, meter_id, period_start)
);

-- What a frozen period (source) was billed for late, and in the bill of which later period.
CREATE TABLE late_usage_line (
  customer_id    uuid NOT NULL,
  source_start   timestamptz NOT NULL,
  billed_start   timestamptz NOT NULL,
  -- The meter's key; '' is the bill's own minimum or maximum.
  meter_key      text NOT NULL,
  source_end     timestamptz NOT NULL,
  position       integer NOT NULL,
  quantity       numeric NOT NULL,
  amount_minor   bigint NOT NULL,
  -- What was billed before, and how the source period is priced with everything known, as exact text.
  detail         jsonb NOT NULL,
  PRIMARY KEY (customer_id, source_start, billed_start, meter_key)
);
CREATE INDEX late_usage_line_by_bill ON late_usage_line (customer_id, billed_start);

-- Where something came or was taken back before frozen_until and is not billed yet. Written with the event itself, so
-- that a bill needs not compare every frozen period with its totals; removed in the transaction that bills it.
CREATE TABLE late_usage_mark (
  customer_id   uuid NOT NULL,
  meter_id      uuid NOT NULL,
  period_start  timestamptz NOT NULL,
  PRIMARY KEY (customer_id, meter_id, period_start)
);

-- When a customer's next period is to be frozen; null where there is none. The closing job reads it by time.
CREATE TABLE closing_due (
  customer_id  uuid PRIMARY KEY,
  due_at       timestamptz
);
CREATE INDEX closing_due_by_time ON closing_due (due_at) WHERE due_at IS NOT NULL;
-- Works itself out at the first look.
INSERT INTO closing_due (customer_id, due_at) SELECT DISTINCT customer_id, timestamptz 'epoch' FROM plan_subscription;

DO $$
DECLARE walled text;
BEGIN
  FOREACH walled IN ARRAY ARRAY['frozen_period','frozen_usage','late_usage_line','late_usage_mark'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO meterline_member', walled);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY own_customer ON %I FOR SELECT TO meterline_member
                    USING (customer_id = current_setting(''meterline.customer_id'')::uuid)', walled);
  END LOOP;
END $$;

-- Frozen is frozen in SQL too. Citus refuses triggers on distributed tables, so there only the application holds it.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is written once and never changes', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
DO $$
DECLARE frozen text;
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN RETURN; END IF;
  FOREACH frozen IN ARRAY ARRAY['frozen_period','frozen_usage','late_usage_line'] LOOP
    EXECUTE format('CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
                   frozen);
  END LOOP;
END $$;
