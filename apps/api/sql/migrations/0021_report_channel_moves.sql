-- A customer's move between usage records and meters. At most one at a time; a finished one stays as its history.
CREATE TABLE report_channel_move (
  customer_id     uuid NOT NULL,
  id              uuid NOT NULL,
  from_channel    text NOT NULL CHECK (from_channel IN ('EVENTS','RECORDS')),
  to_channel      text NOT NULL CHECK (to_channel IN ('EVENTS','RECORDS') AND to_channel <> from_channel),
  -- From here on both are told.
  shadow_since    timestamptz NOT NULL,
  -- The edge of a period, from which on only to_channel is told; NULL while it is not decided.
  cut_over_at     timestamptz,
  -- The edge from which on everything is as before.
  rolled_back_at  timestamptz,
  -- Set when another move took its place.
  ended_at        timestamptz,
  created_at      timestamptz NOT NULL,
  PRIMARY KEY (customer_id, id)
);
CREATE UNIQUE INDEX report_channel_move_running ON report_channel_move (customer_id) WHERE ended_at IS NULL;
