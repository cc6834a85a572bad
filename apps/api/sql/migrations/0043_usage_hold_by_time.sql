-- The latest reservations and leases of a customer, as its pages list them.
CREATE INDEX usage_hold_by_time ON usage_hold (customer_id, held_at DESC, id);
