-- Two numbers of one thing that are not the same. Found by a reconciliation run or at a period's end; OPEN while it may
-- be repaired without a person, TICKET while it waits for one. One row for the same thing while it is not settled.
CREATE TABLE discrepancy (
  customer_id     uuid NOT NULL,
  id              uuid NOT NULL,
  kind            text NOT NULL,
  -- What it is about, such as usage:calls:2026-03-01T00:00:00.000Z; with the kind it tells two findings apart.
  subject         text NOT NULL,
  meter_key       text,
  period_start    timestamptz,
  statement_id    uuid,
  -- Of Stripe: the invoice, or the meter.
  stripe_id       text,
  expected_units  numeric,
  actual_units    numeric,
  -- Actual less expected; null where nobody can say.
  units           numeric,
  amount_minor    bigint,
  currency        text NOT NULL,
  message         text NOT NULL,
  state           text NOT NULL CHECK (state IN ('OPEN','TICKET','REPAIRED','RESOLVED')),
  run_id          uuid,
  found_at        timestamptz NOT NULL,
  seen_at         timestamptz NOT NULL,
  settled_at      timestamptz CHECK ((settled_at IS NULL) = (state IN ('OPEN','TICKET'))),
  settled_by      text,
  reason          text,
  PRIMARY KEY (customer_id, id)
);
CREATE UNIQUE INDEX discrepancy_unsettled ON discrepancy (customer_id, kind, subject) WHERE state IN ('OPEN','TICKET');
CREATE INDEX discrepancy_by_time ON discrepancy (found_at DESC, id DESC);
CREATE INDEX discrepancy_waiting ON discrepancy (found_at DESC, id DESC) WHERE state IN ('OPEN','TICKET');
CREATE INDEX discrepancy_by_statement ON discrepancy (customer_id, statement_id) WHERE statement_id IS NOT NULL;
