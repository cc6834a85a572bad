-- At its edge a move renews the customer's subscription, because Stripe needs another one for the other kind of prices:
-- which of ours ends there, and which begins. Taken back together with the step that made them.
ALTER TABLE report_channel_move ADD COLUMN renewed_from uuid, ADD COLUMN renewed_to uuid;
