-- The second wall, as in 0002: members read what is theirs. Signing secrets are not read by anybody but the sender.
DO $$
DECLARE walled text;
BEGIN
  FOREACH walled IN ARRAY ARRAY['alert_rule','alert_settings','alert','alert_delivery','alert_delivery_attempt',
                                'webhook_endpoint'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO meterline_member', walled);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY own_customer ON %I FOR SELECT TO meterline_member
                    USING (customer_id = current_setting(''meterline.customer_id'')::uuid)', walled);
  END LOOP;
END $$;
