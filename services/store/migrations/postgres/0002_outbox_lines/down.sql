DROP INDEX outbox_claimed;
DROP INDEX outbox_relayed;
DROP INDEX outbox_later;
DROP INDEX outbox_waiting;
CREATE INDEX outbox_by_ready ON outbox (ready_at);
CREATE INDEX outbox_by_agency ON outbox (to_agency, ready_at);
ALTER TABLE outbox RESET (fillfactor);
ALTER TABLE outbox DROP COLUMN confirmed;
