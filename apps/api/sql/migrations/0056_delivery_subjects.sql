-- A delivery may be of something else than an alert: a test message, or that an endpoint was paused.
ALTER TABLE alert_delivery ADD COLUMN kind text NOT NULL DEFAULT 'ALERT' CHECK (kind IN ('ALERT','TEST','ENDPOINT_PAUSED')),
  -- Of what is no alert: the endpoint that it is about.
  ADD COLUMN endpoint_id uuid;
CREATE INDEX alert_delivery_latest ON alert_delivery (customer_id, queued_at DESC, id);
CREATE INDEX webhook_endpoint_own ON webhook_endpoint (customer_id, created_at);
