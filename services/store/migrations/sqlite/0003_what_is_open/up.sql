-- What is open is little, whatever is stored: a poller's referrals, and what a start looks for in the outbox. Queries
-- have these conditions word for word.
CREATE INDEX referrals_open ON referrals (to_agency, id) WHERE NOT closed;
CREATE INDEX deliveries_in_flight ON deliveries (id) WHERE status IN ('queued', 'waiting-for-retry', 'sent');
