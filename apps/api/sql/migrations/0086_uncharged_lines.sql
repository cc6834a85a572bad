-- What Stripe's invoice of a period did not charge, because it was finalized without Meterline: taken off the statement of
-- the period (billed_start) and off what the period that the line belongs to (source_start) was billed, so that the next
-- bill makes it up as a late line.
ALTER TABLE late_usage_line ADD COLUMN uncharged boolean NOT NULL DEFAULT false;
ALTER TABLE late_usage_line DROP CONSTRAINT late_usage_line_pkey;
ALTER TABLE late_usage_line ADD PRIMARY KEY (customer_id, source_start, billed_start, meter_key, uncharged);
ALTER TABLE statement_line DROP CONSTRAINT statement_line_kind_check,
  ADD CONSTRAINT statement_line_kind_check
    CHECK (kind IN ('BASE_FEE','USAGE','BOUND','LATE_USAGE','LATE_BOUND','UNCHARGED'));
