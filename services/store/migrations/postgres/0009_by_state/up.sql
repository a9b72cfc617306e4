-- A list by state, and a list of what is overdue, read as many rows as they show, whatever is stored. Nothing stands on
-- the receiver's side while a referral waits there unopened: those are found among what is open (`referrals_open`), so
-- that a new referral costs one index more and not two. Queries have these conditions word for word.
CREATE INDEX referrals_sent_as ON referrals (from_agency, status, id);
CREATE INDEX referrals_received_as ON referrals (to_agency, status, id) WHERE status <> 'requested';
CREATE INDEX referrals_sent_overdue ON referrals (from_agency, id) WHERE rung > 0 AND NOT closed;
CREATE INDEX referrals_received_overdue ON referrals (to_agency, id) WHERE rung > 0 AND NOT closed;
