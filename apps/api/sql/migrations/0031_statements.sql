-- What a customer is charged at the end of a billing period, and at the start of a subscription that Stripe bills ahead.
-- Written with the freeze; FINAL once the invoice, where there is one, says the same to the cent.
CREATE TABLE statement (
  customer_id        uuid NOT NULL,
  id                 uuid NOT NULL,
  kind               text NOT NULL CHECK (kind IN ('PERIOD_END','START')),
  period_start       timestamptz NOT NULL,
  period_end         timestamptz NOT NULL,
  subscription_id    uuid NOT NULL,
  currency           text NOT NULL,
  total_minor        bigint NOT NULL,
  -- HELD: a person has to look; the invoice waits, or says something else.
  state              text NOT NULL CHECK (state IN ('PREPARING','HELD','FINAL')),
  -- Stripe's; null while there is no invoice, and for customers who are not billed through Stripe.
  stripe_invoice_id  text,
  invoice_number     text,
  hosted_url         text,
  pdf_url            text,
  -- Why staff let it become FINAL although the invoice differs; null where it does not.
  accepted_reason    text,
  issued_at          timestamptz NOT NULL,
  final_at           timestamptz CHECK ((final_at IS NULL) = (state <> 'FINAL')),
  PRIMARY KEY (customer_id, id),
  UNIQUE (customer_id, kind, period_start)
);
CREATE INDEX statement_by_time ON statement (customer_id, issued_at DESC, id DESC);
CREATE INDEX statement_by_id ON statement (id);
CREATE INDEX statement_by_invoice ON statement (stripe_invoice_id) WHERE stripe_invoice_id IS NOT NULL;

CREATE TABLE statement_line (
  customer_id   uuid NOT NULL,
  statement_id  uuid NOT NULL,
  position      integer NOT NULL,
  -- Names the line within the statement; on Stripe's invoice items too.
  key           text NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('BASE_FEE','USAGE','BOUND','LATE_USAGE','LATE_BOUND')),
  label         text NOT NULL,
  meter_key     text,
  -- The time that the line is for.
  line_start    timestamptz NOT NULL,
  line_end      timestamptz NOT NULL,
  quantity      numeric,
  amount_minor  bigint NOT NULL,
  rated_by      text NOT NULL CHECK (rated_by IN ('STRIPE','METERLINE')),
  -- How it was priced, and of late lines what was billed before: exact decimals as text.
  detail        jsonb NOT NULL,
  PRIMARY KEY (customer_id, statement_id, position),
  UNIQUE (customer_id, statement_id, key)
);
-- What was charged for a period's base fee, in whichever statement.
CREATE INDEX statement_line_fees ON statement_line (customer_id, line_start) WHERE kind = 'BASE_FEE';

-- What became of the invoice after it was final: paid, failed, voided. It changes, the statement does not.
CREATE TABLE statement_payment (
  customer_id        uuid NOT NULL,
  statement_id       uuid NOT NULL,
  invoice_status     text NOT NULL,
  total_minor        bigint NOT NULL,
  amount_due_minor   bigint NOT NULL,
  amount_paid_minor  bigint NOT NULL,
  -- The last attempt to charge failed.
  payment_failed     boolean NOT NULL DEFAULT false,
  seen_at            timestamptz NOT NULL,
  PRIMARY KEY (customer_id, statement_id)
);

DO $$
DECLARE walled text;
BEGIN
  FOREACH walled IN ARRAY ARRAY['statement','statement_line','statement_payment'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO meterline_member', walled);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY own_customer ON %I FOR SELECT TO meterline_member
                    USING (customer_id = current_setting(''meterline.customer_id'')::uuid)', walled);
  END LOOP;
END $$;

-- A final statement never changes, and no line ever does; on Citus, which refuses triggers, the application alone holds it.
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN RETURN; END IF;
  CREATE TRIGGER final BEFORE UPDATE OR DELETE ON statement FOR EACH ROW WHEN (OLD.state = 'FINAL')
    EXECUTE FUNCTION refuse_change();
  CREATE TRIGGER written BEFORE UPDATE OR DELETE ON statement_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
END $$;
