-- Evaluations and deliveries are worked by platform/work, which keeps these columns; its look-ups are by the key as text.
ALTER TABLE alert_evaluation ADD COLUMN state text NOT NULL DEFAULT 'WAITING', ADD COLUMN note text,
  ADD COLUMN attempts integer NOT NULL DEFAULT 0, ADD COLUMN last_error text, ADD COLUMN worked_at timestamptz,
  DROP COLUMN leased_until, DROP COLUMN evaluated_at;
CREATE INDEX alert_evaluation_key ON alert_evaluation ((customer_id::text));
ALTER TABLE alert_delivery ADD COLUMN note text, ADD COLUMN last_error text, ADD COLUMN worked_at timestamptz,
  DROP COLUMN leased_until;
CREATE INDEX alert_delivery_key ON alert_delivery ((id::text));
