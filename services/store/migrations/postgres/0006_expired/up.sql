-- A delivery whose life is over waits for a person, like a dead letter.
DROP INDEX deliveries_for_people;
CREATE INDEX deliveries_for_people ON deliveries (id) WHERE status IN ('undeliverable', 'held', 'expired');
