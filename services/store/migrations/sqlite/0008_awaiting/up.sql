-- What a referral still waits for after its state says all: that its receiver has ceased, once consent was taken back.
ALTER TABLE referrals ADD COLUMN awaiting TEXT;
CREATE INDEX referrals_awaiting ON referrals (awaiting, to_agency) WHERE awaiting IS NOT NULL;
