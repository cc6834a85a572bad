-- Null where no subscription of Stripe's bills it: what is credited after the end of a plan, and a period that Stripe
-- should have billed and did not.
ALTER TABLE period_closing ALTER COLUMN stripe_subscription_id DROP NOT NULL;
UPDATE period_closing SET stripe_subscription_id = NULL WHERE stripe_subscription_id = '';
