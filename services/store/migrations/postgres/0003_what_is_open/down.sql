DROP INDEX deliveries_in_flight;
DROP INDEX referrals_open;
