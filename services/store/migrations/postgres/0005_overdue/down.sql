-- What became of overdue clocks stands in the ledger, which an older program cannot read: go back only on a store that has none.
DROP INDEX deliveries_due;
DROP INDEX referrals_due;
ALTER TABLE deliveries DROP COLUMN due_at;
ALTER TABLE referrals DROP COLUMN rung;
ALTER TABLE referrals DROP COLUMN due_at;
