-- What is given back of closed periods to a customer whose plan has ended, so that no open period could bill it.
ALTER TABLE statement DROP CONSTRAINT statement_kind_check,
  ADD CONSTRAINT statement_kind_check CHECK (kind IN ('PERIOD_END','START','LATE'));
ALTER TABLE period_closing DROP CONSTRAINT period_closing_kind_check,
  ADD CONSTRAINT period_closing_kind_check CHECK (kind IN ('PERIOD_END','START','LATE'));
