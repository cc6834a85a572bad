-- When a customer's billing periods are cut differently, what Stripe was told stays where its timestamps are. Such a total
-- is the sum of the reports whose event_at lies in it, whatever period they were planned for.
ALTER TABLE meter_report_total ADD COLUMN is_recut boolean NOT NULL DEFAULT false;
