-- Everything that usage billing stands on. Conventions: TEXT, timestamptz, application-made ids, half-open windows,
-- customer_id first in every big key (so that Citus can distribute by it), no triggers, no foreign keys out of big tables.

CREATE TABLE customer (
  id               uuid PRIMARY KEY,
  external_id      text NOT NULL UNIQUE CHECK (length(external_id) BETWEEN 1 AND 255),
  name             text NOT NULL,
  currency         text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  time_zone        text NOT NULL,
  email            text,
  go_live_at       timestamptz NOT NULL,
  -- Raised whenever something that decides a billing period changes. An ingest that computed its periods from an
  -- older version inserts nothing and is computed again.
  billing_version  integer NOT NULL DEFAULT 1,
  created_at       timestamptz NOT NULL
);
CREATE INDEX customer_name ON customer (lower(name) text_pattern_ops);

CREATE TABLE meter (
  id                     uuid PRIMARY KEY,
  key                    text NOT NULL UNIQUE CHECK (key ~ '^[a-z][a-z0-9_]{0,99}$'),
  name                   text NOT NULL,
  unit                   text NOT NULL,
  aggregation            text NOT NULL CHECK (aggregation IN ('SUM','COUNT','MAX','LATEST','UNIQUE_COUNT','WEIGHTED_SUM')),
  value_property         text,
  group_by               text[] NOT NULL DEFAULT '{}' CHECK (cardinality(group_by) <= 3),
  filters                jsonb NOT NULL DEFAULT '[]',
  allow_negative         boolean NOT NULL DEFAULT false,
  requires_subscription  boolean NOT NULL DEFAULT false,
  carry_over             boolean NOT NULL DEFAULT false,
  created_at             timestamptz NOT NULL
);

CREATE TABLE plan (
  key         text PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_-]{0,99}$'),
  created_at  timestamptz NOT NULL
);
-- Never updated: a changed plan is a new version, and a subscription stays on the one it was made with.
CREATE TABLE plan_version (
  id              uuid PRIMARY KEY,
  plan_key        text NOT NULL REFERENCES plan (key),
  version         integer NOT NULL CHECK (version >= 1),
  name            text NOT NULL,
  currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- The plan as billing-domain reads it: base fee, interval, rate cards, minimum and maximum of the bill.
  definition      jsonb NOT NULL,
  created_at      timestamptz NOT NULL,
  UNIQUE (plan_key, version)
);

CREATE TABLE plan_subscription (
  customer_id      uuid NOT NULL,
  id               uuid NOT NULL,
  plan_version_id  uuid NOT NULL REFERENCES plan_version (id),
  starts_at        timestamptz NOT NULL,
  ends_at          timestamptz CHECK (ends_at > starts_at),
  anchor_at        timestamptz NOT NULL,
  created_at       timestamptz NOT NULL,
  PRIMARY KEY (customer_id, id)
);

-- The system of record. Rows are only ever added.
CREATE TABLE usage_event (
  customer_id      uuid NOT NULL,
  -- The first 128 bits of SHA-256 over customer and idempotency key (event-id.ts): the primary key itself makes
  -- (customer, idempotency key) unique for ever, in one fixed-width index.
  id               uuid NOT NULL,
  meter_id         uuid NOT NULL,
  kind             text NOT NULL DEFAULT 'USAGE' CHECK (kind IN ('USAGE','VOID')),
  -- The value that counts: the quantity, or the meter's value property.
  quantity         numeric NOT NULL,
  occurred_at      timestamptz NOT NULL,
  received_at      timestamptz NOT NULL,
  idempotency_key  text NOT NULL,
  -- What the caller sent, hashed, to tell a retry from a conflict.
  content_hash     uuid NOT NULL,
  properties       jsonb,
  -- The distinct thing, for UNIQUE_COUNT.
  unique_value     text,
  -- Group-by values as a JSON array, '(other)' past the bound on combinations, NULL where the meter has no group-by.
  dimension_key    text,
  -- False when the meter's filters leave it out: kept, not counted.
  counted          boolean NOT NULL DEFAULT true,
  historical       boolean NOT NULL DEFAULT false,
  voids_event_id   uuid,
  reason           text,
  PRIMARY KEY (customer_id, id)
);
CREATE INDEX usage_event_by_time ON usage_event (customer_id, meter_id, occurred_at, id);
-- One void an event, for ever.
CREATE UNIQUE INDEX usage_event_void_once ON usage_event (customer_id, voids_event_id) WHERE voids_event_id IS NOT NULL;

-- What came a second time with other content; kept for staff.
CREATE TABLE usage_conflict (
  customer_id      uuid NOT NULL,
  id               uuid NOT NULL,
  event_id         uuid NOT NULL,
  idempotency_key  text NOT NULL,
  offered          jsonb NOT NULL,
  received_at      timestamptz NOT NULL,
  PRIMARY KEY (customer_id, id)
);

-- Events folded into windows of 15 minutes (every zone's days begin on one: ADR 3), one row for the meter
-- (dimension_key '') and one for each combination of its group-by values. The state merges: see billing-domain.
CREATE TABLE usage_rollup (
  customer_id         uuid NOT NULL,
  meter_id            uuid NOT NULL,
  window_start        timestamptz NOT NULL,
  dimension_key       text NOT NULL,
  event_count         bigint NOT NULL,
  quantity_sum        numeric NOT NULL,
  quantity_max        numeric,
  latest_quantity     numeric,
  latest_occurred_at  timestamptz,
  latest_received_at  timestamptz,
  -- WEIGHTED_SUM only: the first level, and level x milliseconds from there to the latest one.
  first_quantity      numeric,
  first_occurred_at   timestamptz,
  first_received_at   timestamptz,
  level_area          numeric,
  PRIMARY KEY (customer_id, meter_id, window_start, dimension_key)
) WITH (fillfactor = 70);

-- The same state over a billing period: what a bill is rated from, and what a limit locks.
CREATE TABLE usage_period_total (
  customer_id         uuid NOT NULL,
  meter_id            uuid NOT NULL,
  period_start        timestamptz NOT NULL,
  dimension_key       text NOT NULL,
  period_end          timestamptz NOT NULL,
  event_count         bigint NOT NULL,
  quantity_sum        numeric NOT NULL,
  quantity_max        numeric,
  latest_quantity     numeric,
  latest_occurred_at  timestamptz,
  latest_received_at  timestamptz,
  unique_count        bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (customer_id, meter_id, period_start, dimension_key)
) WITH (fillfactor = 70);

-- UNIQUE_COUNT only: the distinct values of a window and of a period, exact at any size.
CREATE TABLE usage_unique_value (
  customer_id    uuid NOT NULL,
  meter_id       uuid NOT NULL,
  -- 'W' a rollup window, 'P' a billing period.
  span           "char" NOT NULL,
  span_start     timestamptz NOT NULL,
  dimension_key  text NOT NULL,
  value          text NOT NULL,
  event_count    bigint NOT NULL,
  PRIMARY KEY (customer_id, meter_id, span, span_start, dimension_key, value)
);

-- The combinations of group-by values seen, at most 1,000 a customer and meter; later ones roll up as '(other)'.
CREATE TABLE usage_dimension (
  customer_id    uuid NOT NULL,
  meter_id       uuid NOT NULL,
  dimension_key  text NOT NULL,
  first_seen_at  timestamptz NOT NULL,
  PRIMARY KEY (customer_id, meter_id, dimension_key)
);

CREATE TABLE api_key (
  id            uuid PRIMARY KEY,
  name          text NOT NULL,
  prefix        text NOT NULL,
  secret_hash   bytea NOT NULL UNIQUE,
  scopes        text[] NOT NULL,
  created_at    timestamptz NOT NULL,
  last_used_at  timestamptz,
  revoked_at    timestamptz
);

-- A person of a customer. Sign-in itself is better-auth's, in the schemas auth_portal and auth_admin.
CREATE TABLE member (
  customer_id  uuid NOT NULL,
  user_id      text NOT NULL UNIQUE,
  role         text NOT NULL CHECK (role IN ('OWNER','VIEWER')),
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (customer_id, user_id)
);

CREATE TABLE audit_entry (
  id          uuid PRIMARY KEY,
  actor       text NOT NULL,
  action      text NOT NULL,
  subject     text NOT NULL,
  detail      jsonb NOT NULL DEFAULT '{}',
  created_at  timestamptz NOT NULL
);
