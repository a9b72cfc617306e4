-- What was taken back stands in the ledger, which an older program cannot read: go back only on a store that has none.
DROP INDEX referrals_awaiting;
ALTER TABLE referrals DROP COLUMN awaiting;
