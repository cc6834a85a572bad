-- How far the end of a billing period, or the start of a subscription, has got with Stripe. A row is its own job
-- (platform/work): written in the transaction that freezes, or when Stripe tells of the invoice, whichever is first.
CREATE TABLE period_closing (
  -- customer:kind:start
  id                      text PRIMARY KEY,
  customer_id             uuid NOT NULL,
  kind                    text NOT NULL CHECK (kind IN ('PERIOD_END','START')),
  period_start            timestamptz NOT NULL,
  period_end              timestamptz NOT NULL,
  subscription_id         uuid NOT NULL,
  stripe_subscription_id  text NOT NULL,
  stripe_invoice_id       text,
  -- HOLD the draft, wait for the FREEZE, REPORT what Stripe lacks, SETTLE until it says so too, add ITEMS, FINALIZE,
  -- COMPARE, DONE; HELD where a person has to look (`held_step` is where it goes on).
  state                   text NOT NULL,
  held_step               text,
  -- Since when this step waits, to know when it has waited too long.
  step_since              timestamptz NOT NULL,
  -- What Stripe's summaries said last and how often in a row, by meter; to tell a wrong total from one under way.
  summaries               jsonb NOT NULL DEFAULT '{}',
  note                    text,
  attempts                integer NOT NULL DEFAULT 0,
  due_at                  timestamptz,
  last_error              text,
  worked_at               timestamptz,
  created_at              timestamptz NOT NULL
);
CREATE INDEX period_closing_due ON period_closing (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX period_closing_by_customer ON period_closing (customer_id, period_start);
CREATE INDEX period_closing_by_invoice ON period_closing (stripe_invoice_id) WHERE stripe_invoice_id IS NOT NULL;
