-- What customers are warned of, beside the rules that are derived from plan and limits (those have no row until somebody
-- changes one: then its row, under the derived id, stands in its place).
CREATE TABLE alert_rule (
  customer_id    uuid NOT NULL,
  id             uuid NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('THRESHOLD','BUDGET','FORECAST','DROP','SPIKE')),
  -- What it is measured against; PATTERN is the customer's own usual usage.
  basis          text NOT NULL CHECK (basis IN ('ALLOWANCE','LIMIT','UNITS','MONEY','PATTERN')),
  -- NULL: the bill's total.
  meter_id       uuid,
  limit_id       uuid,
  -- In percent of the basis; several thresholds of one rule fire one by one.
  percents       numeric[] NOT NULL DEFAULT '{}',
  quantity       numeric CHECK (quantity > 0),
  amount_minor   bigint CHECK (amount_minor > 0),
  name           text,
  source         text NOT NULL CHECK (source IN ('DEFAULT','STAFF','MEMBER')),
  channels       text[] NOT NULL,
  enabled        boolean NOT NULL DEFAULT true,
  snoozed_until  timestamptz,
  created_by     text NOT NULL,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  PRIMARY KEY (customer_id, id)
);

-- How a customer wants to be told. Minutes count from local midnight in the customer's zone; from 22:00 to 07:00 is
-- 1320 to 420.
CREATE TABLE alert_settings (
  customer_id        uuid PRIMARY KEY,
  quiet_from_minute  integer CHECK (quiet_from_minute BETWEEN 0 AND 1439),
  quiet_to_minute    integer CHECK (quiet_to_minute BETWEEN 0 AND 1439),
  snoozed_until      timestamptz,
  -- Of the derived rules; NULL: 80 and 100.
  default_percents   numeric[],
  default_forecast   boolean NOT NULL DEFAULT true,
  updated_at         timestamptz NOT NULL,
  CHECK ((quiet_from_minute IS NULL) = (quiet_to_minute IS NULL))
);

-- When a customer's rules are next looked at. Usage marks its customer here, in its own transaction, so that a crash
-- loses no evaluation; `settle` asks for one more, after every transaction that the first could not yet see has ended.
CREATE TABLE alert_evaluation (
  customer_id   uuid PRIMARY KEY,
  due_at        timestamptz,
  settle        boolean NOT NULL DEFAULT false,
  -- The claim of the process that evaluates; another may take over when it has passed.
  leased_until  timestamptz,
  evaluated_at  timestamptz,
  forecast_at   timestamptz
);
CREATE INDEX alert_evaluation_due ON alert_evaluation (due_at) WHERE due_at IS NOT NULL;
