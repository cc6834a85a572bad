-- What Stripe was told, row by row. A report is its own job: written by the planner in the transaction that found the
-- difference, worked by the sender, never deleted. Only its life cycle changes (billing-domain report-state.ts).
CREATE TABLE meter_report (
  customer_id        uuid NOT NULL,
  meter_id           uuid NOT NULL,
  -- EVENTS: a Billing Meter, by any of its endpoints; RECORDS: the usage records of a subscription item.
  channel            text NOT NULL CHECK (channel IN ('EVENTS','RECORDS')),
  period_start       timestamptz NOT NULL,
  -- With the four above it names the report for ever; Stripe's identifier is made from the five (ADR 20).
  sequence           integer NOT NULL CHECK (sequence >= 1),
  kind               text NOT NULL CHECK (kind IN ('USAGE','CANCEL','REPAIR','FOUND')),
  -- DELTA tells `delta`, to a counter that sums; VALUE tells `total_after`, to one where the latest stands.
  mode               text NOT NULL CHECK (mode IN ('DELTA','VALUE')),
  delta              numeric NOT NULL,
  total_after        numeric NOT NULL,
  -- The time told to Stripe: a whole second inside the period.
  event_at           timestamptz NOT NULL,
  transport          text NOT NULL CHECK (transport IN ('V1','V2','STREAM','USAGE_RECORDS')),
  state              text NOT NULL CHECK (state IN ('PENDING','SENDING','ACCEPTED','CONFIRMED','UNCERTAIN',
                                                    'NOT_COUNTED','REFUSED','DEAD')),
  attempts           integer NOT NULL DEFAULT 0,
  next_attempt_at    timestamptz,
  first_sent_at      timestamptz,
  last_sent_at       timestamptz,
  -- Since when it may have been counted without our knowing; NULL when it cannot have been.
  doubtful_since     timestamptz,
  accepted_at        timestamptz,
  settled_at         timestamptz,
  -- Answers of 5xx so far: Stripe replays one for a day under the same idempotency key, so the next key is another.
  key_generation     integer NOT NULL DEFAULT 0,
  -- CANCEL: the report that is taken back. REPAIR: the one whose place this took. (FOUND was never sent: it writes down
  -- that Stripe counts so much more, or less, than it was told.)
  corrects_sequence  integer,
  replaced_by        integer,
  -- UNCERTAIN: what Stripe's summary said last of its stretch, and how often in a row.
  read_total         numeric,
  same_reads         integer NOT NULL DEFAULT 0,
  failure_class      text,
  failure_code       text,
  failure_message    text,
  created_at         timestamptz NOT NULL,
  PRIMARY KEY (customer_id, meter_id, channel, period_start, sequence)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

-- What is to be sent next. Small: a report leaves it when it is taken up.
CREATE INDEX meter_report_due ON meter_report (next_attempt_at) WHERE state = 'PENDING';
-- What is not settled, of a period and in all.
CREATE INDEX meter_report_unsettled ON meter_report (customer_id, meter_id, channel, period_start, sequence)
  WHERE state IN ('PENDING','SENDING','UNCERTAIN');
CREATE INDEX meter_report_uncertain ON meter_report (next_attempt_at) WHERE state = 'UNCERTAIN';
-- What waits for a person.
CREATE INDEX meter_report_dead ON meter_report (settled_at, customer_id)
  WHERE state IN ('DEAD','REFUSED') AND replaced_by IS NULL;
-- An error report of Stripe's covers a stretch of time. Settled rows are written in order of time, so ranges of pages do.
CREATE INDEX meter_report_by_acceptance ON meter_report USING brin (accepted_at timestamptz_minmax_multi_ops);

-- One row for each customer, meter, channel and period that was ever planned: the sum of its reports that stand.
CREATE TABLE meter_report_total (
  customer_id    uuid NOT NULL,
  meter_id       uuid NOT NULL,
  channel        text NOT NULL CHECK (channel IN ('EVENTS','RECORDS')),
  period_start   timestamptz NOT NULL,
  period_end     timestamptz NOT NULL,
  planned_total  numeric NOT NULL,
  last_sequence  integer NOT NULL,
  last_event_at  timestamptz,
  -- Raised by every change; a planner that read an older one writes nothing and looks again.
  version        integer NOT NULL,
  -- The usage totals as they stood when they were last planned, so that what has not moved costs one comparison.
  seen           text,
  -- Why the rest cannot be told (TOO_OLD, TOO_LARGE), and how much that is.
  refusal        text,
  untold         numeric NOT NULL DEFAULT 0,
  planned_at     timestamptz NOT NULL,
  PRIMARY KEY (customer_id, meter_id, channel, period_start)
);
CREATE INDEX meter_report_total_by_end ON meter_report_total (customer_id, period_end);

-- Totals of whole meters by period, past the up to 1,000 combinations of each. Its columns never change, so merging into
-- a total stays a heap-only update.
CREATE INDEX usage_period_total_whole ON usage_period_total (customer_id, period_end, meter_id) WHERE dimension_key = '';
