-- The second wall: a member's queries run as the role meterline_member with meterline.customer_id set for the
-- transaction, and see rows of that customer only, whatever the SQL above them forgot.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'meterline_member') THEN
    CREATE ROLE meterline_member NOLOGIN;
  END IF;
END $$;
GRANT meterline_member TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO meterline_member;
GRANT SELECT ON meter, plan, plan_version TO meterline_member;

DO $$
DECLARE walled text;
BEGIN
  FOREACH walled IN ARRAY ARRAY['plan_subscription','usage_event','usage_rollup','usage_period_total',
                                'usage_unique_value','usage_dimension','member'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO meterline_member', walled);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY own_customer ON %I FOR SELECT TO meterline_member
                    USING (customer_id = current_setting(''meterline.customer_id'')::uuid)', walled);
  END LOOP;
END $$;
GRANT SELECT ON customer TO meterline_member;
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customer ON customer FOR SELECT TO meterline_member
  USING (id = current_setting('meterline.customer_id')::uuid);
