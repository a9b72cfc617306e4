DROP TRIGGER slots_of_epochs;
DROP TRIGGER epochs_in_use;
DROP INDEX slots_of_epoch;
