-- Units set aside before the work is done. A hold counts as used while it is HELD and its time is not up, whether or
-- not anything has noticed: EXPIRED is written by the next decision that finds one, so that two clocks cannot disagree
-- about units that were given to another.
CREATE TABLE usage_hold (
  customer_id      uuid NOT NULL,
  -- Hashed from customer and idempotency key, like the id of an event: a retry finds the same row.
  id               uuid NOT NULL,
  -- A RESERVATION is committed once; a LEASE is drawn down event by event.
  kind             text NOT NULL CHECK (kind IN ('RESERVATION','LEASE')),
  state            text NOT NULL CHECK (state IN ('HELD','COMMITTED','RELEASED','EXPIRED')),
  meter_id         uuid NOT NULL,
  quantity         numeric NOT NULL CHECK (quantity > 0),
  -- LEASE: recorded under it so far.
  drawn            numeric NOT NULL DEFAULT 0 CHECK (drawn >= 0 AND drawn <= quantity),
  -- LEASE: by how much recording under it went past a hard limit, after its time was up.
  overshoot        numeric NOT NULL DEFAULT 0,
  properties       jsonb,
  dimension_key    text,
  -- The moment that the usage counts as of, so that it falls into the windows in which it was held.
  held_at          timestamptz NOT NULL,
  expires_at       timestamptz NOT NULL CHECK (expires_at > held_at),
  idempotency_key  text NOT NULL,
  content_hash     uuid NOT NULL,
  -- RESERVATION: the usage event that committed it.
  event_id         uuid,
  created_by       text NOT NULL,
  settled_at       timestamptz,
  PRIMARY KEY (customer_id, id)
);
CREATE INDEX usage_hold_held ON usage_hold (customer_id, meter_id) WHERE state = 'HELD';
GRANT SELECT ON usage_hold TO meterline_member;
ALTER TABLE usage_hold ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customer ON usage_hold FOR SELECT TO meterline_member
  USING (customer_id = current_setting('meterline.customer_id')::uuid);
