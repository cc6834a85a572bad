-- Where a customer's own systems are told: URLs that signed webhooks go to.
CREATE TABLE webhook_endpoint (
  customer_id    uuid NOT NULL,
  id             uuid NOT NULL,
  url            text NOT NULL,
  description    text NOT NULL DEFAULT '',
  state          text NOT NULL CHECK (state IN ('ACTIVE','PAUSED')),
  pause_reason   text,
  -- Since when every attempt failed; NULL after one that was accepted.
  failing_since  timestamptz,
  created_by     text NOT NULL,
  created_at     timestamptz NOT NULL,
  deleted_at     timestamptz,
  PRIMARY KEY (customer_id, id)
);

-- Two may be valid at once, so that a secret is changed without losing a message. Sealed with a key of the settings.
CREATE TABLE webhook_secret (
  customer_id  uuid NOT NULL,
  endpoint_id  uuid NOT NULL,
  id           uuid NOT NULL,
  sealed       bytea NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz,
  PRIMARY KEY (customer_id, endpoint_id, id)
);

-- One way of telling one person or system of one alert. The row is the job: whoever holds `leased_until` sends it.
CREATE TABLE alert_delivery (
  customer_id   uuid NOT NULL,
  id            uuid NOT NULL,
  -- NULL: a test message.
  alert_id      uuid,
  channel       text NOT NULL CHECK (channel IN ('IN_APP','EMAIL','WEBHOOK')),
  -- The e-mail address or the endpoint's id; '' in the app.
  target        text NOT NULL,
  -- SENDING while an attempt is under way. UNCERTAIN: it may have arrived, and sending again could double it.
  state         text NOT NULL CHECK (state IN ('QUEUED','SENDING','SENT','UNCERTAIN','FAILED','SKIPPED')),
  reason        text,
  attempts      integer NOT NULL DEFAULT 0,
  queued_at     timestamptz NOT NULL,
  -- The next attempt; NULL when there is none.
  due_at        timestamptz,
  leased_until  timestamptz,
  sent_at       timestamptz,
  answered_at   timestamptz,
  PRIMARY KEY (customer_id, id),
  UNIQUE (customer_id, alert_id, channel, target)
);
CREATE INDEX alert_delivery_due ON alert_delivery (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE alert_delivery_attempt (
  customer_id  uuid NOT NULL,
  delivery_id  uuid NOT NULL,
  number       integer NOT NULL,
  sent_at      timestamptz NOT NULL,
  -- NULL while it is under way, or for ever when the process ended in the middle of it.
  answered_at  timestamptz,
  outcome      text CHECK (outcome IN ('ACCEPTED','REFUSED','TIMED_OUT','UNREACHABLE','BLOCKED','UNKNOWN')),
  status       integer,
  message      text,
  PRIMARY KEY (customer_id, delivery_id, number)
);
