-- Plans may hold prices agreed with one customer: a member sees the versions that its own customer was ever on.
ALTER TABLE plan_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_plans ON plan_version FOR SELECT TO meterline_member
  USING (EXISTS (
    SELECT FROM plan_subscription s
    WHERE s.plan_version_id = plan_version.id AND s.customer_id = current_setting('meterline.customer_id')::uuid
  ));
REVOKE SELECT ON plan FROM meterline_member;
