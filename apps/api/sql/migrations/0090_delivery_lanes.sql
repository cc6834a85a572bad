-- Mail and webhooks are taken up apart, so that a mail server that hangs holds up no webhook; and many at a time, by their
-- key. What is due is read from the index alone but for the row's own columns.
DROP INDEX alert_delivery_due;
DROP INDEX alert_delivery_key;
CREATE INDEX alert_delivery_webhook_due ON alert_delivery (due_at, id) INCLUDE (customer_id, target)
  WHERE channel = 'WEBHOOK' AND due_at IS NOT NULL;
CREATE INDEX alert_delivery_email_due ON alert_delivery (due_at, id) INCLUDE (customer_id)
  WHERE channel = 'EMAIL' AND due_at IS NOT NULL;
-- How an attempt ended is in its own row.
ALTER TABLE alert_delivery DROP COLUMN note, DROP COLUMN last_error, DROP COLUMN worked_at;
