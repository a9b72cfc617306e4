-- An epoch key goes once no slot names it, and no slot names one that is not there.
CREATE INDEX slots_of_epoch ON slots (epoch);
CREATE TRIGGER epochs_in_use BEFORE DELETE ON epochs
WHEN EXISTS (SELECT 1 FROM slots WHERE epoch = OLD.epoch)
BEGIN SELECT RAISE(ABORT, 'slots name this epoch'); END;
CREATE TRIGGER slots_of_epochs BEFORE INSERT ON slots
WHEN NOT EXISTS (SELECT 1 FROM epochs WHERE epoch = NEW.epoch)
BEGIN SELECT RAISE(ABORT, 'no such epoch'); END;
