-- An epoch key goes once no slot names it, and no slot names one that is not there.
CREATE INDEX slots_of_epoch ON slots (epoch);
ALTER TABLE slots ADD CONSTRAINT slots_of_epochs FOREIGN KEY (epoch) REFERENCES epochs (epoch);
