-- When somebody has to be told next of a clock, and how far up its ladder it has climbed: what is overdue is found by an
-- index, whatever is stored. Both columns follow the state beside them.
ALTER TABLE referrals ADD COLUMN due_at BIGINT;
ALTER TABLE referrals ADD COLUMN rung INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN due_at BIGINT;
UPDATE referrals SET due_at = (SELECT min(json_extract(value, '$.due')) FROM json_each(state, '$.clocks') WHERE json_extract(value, '$.paused') IS NULL)
WHERE NOT closed;
UPDATE deliveries SET due_at = (SELECT min(json_extract(value, '$.due')) FROM json_each(state, '$.clocks') WHERE json_extract(value, '$.paused') IS NULL)
WHERE status = 'undeliverable';
CREATE INDEX referrals_due ON referrals (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
