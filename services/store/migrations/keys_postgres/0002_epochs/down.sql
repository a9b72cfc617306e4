ALTER TABLE slots DROP CONSTRAINT slots_of_epochs;
DROP INDEX slots_of_epoch;
