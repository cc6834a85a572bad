-- A look at every place that keeps a number, for one customer or for all of them. A row is its own job (platform/work):
-- it saves how far it got, and whoever takes it up goes on there.
CREATE TABLE reconciliation_run (
  id                 text PRIMARY KEY,
  kind               text NOT NULL CHECK (kind IN ('SCHEDULED','ON_DEMAND')),
  -- NULL: every customer with a plan.
  customer_id        uuid,
  -- Whether what may be repaired without a person is.
  repair             boolean NOT NULL,
  state              text NOT NULL,
  started_by         text NOT NULL,
  started_at         timestamptz NOT NULL,
  -- The last customer that was looked at.
  cursor             uuid,
  customers_checked  integer NOT NULL DEFAULT 0,
  customers_failed   integer NOT NULL DEFAULT 0,
  numbers_checked    integer NOT NULL DEFAULT 0,
  found              integer NOT NULL DEFAULT 0,
  repaired           integer NOT NULL DEFAULT 0,
  tickets            integer NOT NULL DEFAULT 0,
  -- Customers of whom Stripe was not asked, because the read allowance was running out.
  unread             integer NOT NULL DEFAULT 0,
  note               text,
  attempts           integer NOT NULL DEFAULT 0,
  due_at             timestamptz,
  last_error         text,
  worked_at          timestamptz
);
CREATE INDEX reconciliation_run_due ON reconciliation_run (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX reconciliation_run_by_time ON reconciliation_run (started_at DESC, id DESC);
