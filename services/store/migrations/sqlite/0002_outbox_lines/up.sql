-- A row may be on its way without being confirmed: what the hub that committed it hands to its own relay at once. What
-- is not confirmed within seconds is doubted; what is confirmed, only once the queue has nothing to bring any more.
ALTER TABLE outbox ADD COLUMN confirmed BOOLEAN NOT NULL DEFAULT 0;
-- Each look goes over its own rows only: what waits, in the order it is handed over; what waits for later; what is on
-- its way; what is claimed. Before, each look went through all that the queue held already.
DROP INDEX outbox_by_agency;
DROP INDEX outbox_by_ready;
CREATE INDEX outbox_waiting ON outbox (to_agency, emergency DESC, ready_at)
    WHERE relayed_at IS NULL AND lease_until IS NULL;
CREATE INDEX outbox_later ON outbox (ready_at) WHERE relayed_at IS NULL AND lease_until IS NULL;
CREATE INDEX outbox_relayed ON outbox (to_agency, relayed_at) WHERE relayed_at IS NOT NULL AND lease_until IS NULL;
CREATE INDEX outbox_claimed ON outbox (lease_until) WHERE lease_until IS NOT NULL;
