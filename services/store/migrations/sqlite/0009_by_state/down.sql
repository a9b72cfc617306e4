DROP INDEX referrals_sent_as;
DROP INDEX referrals_received_as;
DROP INDEX referrals_sent_overdue;
DROP INDEX referrals_received_overdue;
