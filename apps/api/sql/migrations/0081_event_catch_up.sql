-- Stripe gives up on a webhook after three days, and keeps its events for thirty. One row a family of events, which is its own
-- job (platform/work): it lists what happened since it last did, and stores what the inbox does not have.
CREATE TABLE stripe_event_catch_up (
  family      text PRIMARY KEY CHECK (family IN ('SNAPSHOT','THIN')),
  -- Every event that happened before is in the inbox.
  read_to     timestamptz NOT NULL,
  -- A pass that is not at its end: how far it brings `read_to`, and where it goes on.
  pass_until  timestamptz,
  pass_part   integer NOT NULL DEFAULT 0,
  pass_after  text,
  -- Events that were found missing, in all.
  found       bigint NOT NULL DEFAULT 0,
  found_at    timestamptz,
  state       text NOT NULL,
  note        text,
  attempts    integer NOT NULL DEFAULT 0,
  due_at      timestamptz,
  last_error  text,
  worked_at   timestamptz
);
CREATE INDEX stripe_event_catch_up_due ON stripe_event_catch_up (due_at) WHERE due_at IS NOT NULL;

-- True where nobody sent it: it was listed.
ALTER TABLE stripe_webhook_event ADD COLUMN caught_up boolean NOT NULL DEFAULT false;
