-- Customers that have to be looked at: is at Stripe what we want there? A row is its own job (platform/work); it stays, and
-- falls due again when a subscription changes or the next one begins.
CREATE TABLE stripe_sync (
  customer_id  uuid PRIMARY KEY,
  state        text NOT NULL CHECK (state IN ('WAITING','DONE','FAILED')),
  note         text,
  attempts     integer NOT NULL DEFAULT 0,
  due_at       timestamptz,
  last_error   text,
  worked_at    timestamptz
);
CREATE INDEX stripe_sync_due ON stripe_sync (due_at) WHERE due_at IS NOT NULL;
