-- A scheduled run asks Stripe only so much. It goes round every customer, from where the last one stopped asking.
ALTER TABLE reconciliation_run
  -- GETs that Stripe was asked.
  ADD COLUMN reads integer NOT NULL DEFAULT 0,
  -- Where the run began: after this customer, and then on from the front to it.
  ADD COLUMN started_after uuid,
  ADD COLUMN wrapped boolean NOT NULL DEFAULT false,
  -- After whom the next scheduled run begins; NULL from the front.
  ADD COLUMN resume_after uuid;

-- When the final invoice of a statement was last read again: it changes rarely, so it is not read every night.
CREATE TABLE invoice_check (
  customer_id   uuid NOT NULL,
  statement_id  uuid NOT NULL,
  checked_at    timestamptz NOT NULL,
  PRIMARY KEY (customer_id, statement_id)
);
