-- What of ours is what at Stripe. Small tables: on Citus they are reference tables, like customer and member.

-- Which account every Stripe id in this database belongs to: at most one row.
CREATE TABLE stripe_account (
  is_only     boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  place       text NOT NULL CHECK (place IN ('SANDBOX','TEST','LIVE')),
  account_id  text,
  linked_at   timestamptz NOT NULL
);

-- GETs a UTC day, against the read allowance.
CREATE TABLE stripe_read_day (
  day         date PRIMARY KEY,
  read_count  bigint NOT NULL
);

-- How reports of a meter travel, and its event name where that is not the key. Both may change.
ALTER TABLE meter
  ADD COLUMN stripe_transport text NOT NULL DEFAULT 'V1'
    CHECK (stripe_transport IN ('V1','V2','STREAM','USAGE_RECORDS','NONE')),
  ADD COLUMN stripe_event_name text CHECK (length(stripe_event_name) BETWEEN 1 AND 100);

CREATE TABLE stripe_meter (
  meter_id         uuid PRIMARY KEY REFERENCES meter (id),
  stripe_meter_id  text NOT NULL UNIQUE,
  event_name       text NOT NULL UNIQUE,
  formula          text NOT NULL CHECK (formula IN ('sum','last')),
  -- The keys of an event's payload that hold the customer and the value.
  customer_key     text NOT NULL,
  value_key        text NOT NULL,
  active           boolean NOT NULL,
  -- True for one that the account had before us.
  adopted          boolean NOT NULL,
  linked_at        timestamptz NOT NULL
);

CREATE TABLE stripe_customer (
  customer_id         uuid PRIMARY KEY,
  -- NULL while it is wanted and not made yet.
  stripe_customer_id  text UNIQUE,
  -- The test clock that it lives on, in a sandbox.
  test_clock_id       text,
  adopted             boolean NOT NULL,
  -- When Stripe was seen to have deleted it; its usage is held from then on.
  deleted_at          timestamptz,
  linked_at           timestamptz NOT NULL
);

-- A price is never changed: what it was made from stays, and another supersedes it.
CREATE TABLE stripe_price (
  stripe_price_id  text PRIMARY KEY,
  plan_version_id  uuid NOT NULL REFERENCES plan_version (id),
  -- NULL: the base fee.
  meter_id         uuid REFERENCES meter (id),
  product_id       text NOT NULL,
  lookup_key       text NOT NULL,
  -- What it charges, as the rule that made it says (billing-domain stripe-price.ts).
  content          jsonb NOT NULL,
  active           boolean NOT NULL,
  adopted          boolean NOT NULL,
  superseded_at    timestamptz,
  created_at       timestamptz NOT NULL
);
CREATE UNIQUE INDEX stripe_price_in_force ON stripe_price (plan_version_id, meter_id) NULLS NOT DISTINCT
  WHERE superseded_at IS NULL;

-- A Stripe subscription that is changed in place serves several of ours, one after the other.
CREATE TABLE stripe_subscription (
  customer_id             uuid NOT NULL,
  plan_subscription_id    uuid NOT NULL,
  stripe_subscription_id  text NOT NULL,
  status                  text NOT NULL,
  -- From when Stripe bills it; half-open.
  starts_at               timestamptz NOT NULL,
  cancel_at               timestamptz,
  ended_at                timestamptz,
  -- [{ "itemId": "si_…", "priceId": "price_…", "meterKey": "…" or null for the base fee }]
  items                   jsonb NOT NULL,
  created_at              timestamptz NOT NULL,
  seen_at                 timestamptz NOT NULL,
  PRIMARY KEY (customer_id, plan_subscription_id)
);
CREATE INDEX stripe_subscription_by_stripe_id ON stripe_subscription (stripe_subscription_id);

DO $$
DECLARE walled text;
BEGIN
  FOREACH walled IN ARRAY ARRAY['stripe_customer','stripe_subscription'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO meterline_member', walled);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY own_customer ON %I FOR SELECT TO meterline_member
                    USING (customer_id = current_setting(''meterline.customer_id'')::uuid)', walled);
  END LOOP;
END $$;
GRANT SELECT ON stripe_meter TO meterline_member;
