-- What Stripe told us. A row is written before Stripe is answered, and is its own job (platform/work).
CREATE TABLE stripe_webhook_event (
  id           text PRIMARY KEY,
  family       text NOT NULL CHECK (family IN ('SNAPSHOT','THIN')),
  type         text NOT NULL,
  -- What it is about; NULL where it names nothing. Events of one object are worked one at a time.
  object_id    text,
  occurred_at  timestamptz NOT NULL,
  received_at  timestamptz NOT NULL,
  -- How often Stripe sent it.
  deliveries   integer NOT NULL DEFAULT 1,
  content      jsonb NOT NULL,
  -- Over type, object and content: Stripe may write one happening as two events with ids of their own.
  twin_key     uuid UNIQUE,
  -- IGNORED: there is nothing to do, and the note says why. FAILED: given up, until staff have it tried again.
  state        text NOT NULL CHECK (state IN ('WAITING','DONE','IGNORED','FAILED')),
  note         text,
  attempts     integer NOT NULL DEFAULT 0,
  -- When it is worked next; NULL when it is not any more.
  due_at       timestamptz,
  last_error   text,
  worked_at    timestamptz
);
CREATE INDEX stripe_webhook_event_due ON stripe_webhook_event (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX stripe_webhook_event_received ON stripe_webhook_event (received_at, id);

-- What was refused, counted by the hour, so that a flood of forgeries writes few rows.
CREATE TABLE stripe_webhook_refusal (
  reason         text NOT NULL CHECK (reason IN ('BAD_SIGNATURE','TOO_OLD','TOO_LARGE','NO_SECRET','NOT_AN_EVENT')),
  hour           timestamptz NOT NULL,
  refusal_count  bigint NOT NULL,
  first_at       timestamptz NOT NULL,
  last_at        timestamptz NOT NULL,
  last_address   text NOT NULL,
  PRIMARY KEY (reason, hour)
);

-- What somebody did at Stripe that staff should know of: open until one of them says that it is dealt with. One open row
-- for the same thing.
CREATE TABLE stripe_notice (
  id           uuid PRIMARY KEY,
  kind         text NOT NULL,
  customer_id  uuid,
  object_id    text NOT NULL,
  message      text NOT NULL,
  seen_count   integer NOT NULL DEFAULT 1,
  first_at     timestamptz NOT NULL,
  last_at      timestamptz NOT NULL,
  resolved_at  timestamptz,
  resolved_by  text
);
CREATE UNIQUE INDEX stripe_notice_open ON stripe_notice (kind, object_id) WHERE resolved_at IS NULL;
CREATE INDEX stripe_notice_last ON stripe_notice (last_at, id);
