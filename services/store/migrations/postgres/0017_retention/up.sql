-- Work: cases nothing of which is open, and when the time is over for which each has to be kept. Follows the ledger by
-- the cursor `retention`; losing a row loses no fact: it is made again from the ledger and the schedule. No personal data.
CREATE TABLE retention (
    case_id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    -- Whose people may have it erased.
    agency  TEXT COLLATE "C" NOT NULL,
    -- The row of the schedule.
    record  TEXT COLLATE "C" NOT NULL,
    -- Case time, microseconds: what started it, and when it is over.
    since   BIGINT NOT NULL,
    due_at  BIGINT NOT NULL,
    -- Somebody says that it must be kept.
    held    BOOLEAN NOT NULL,
    -- Its owner's people were told.
    told    BOOLEAN NOT NULL
);
CREATE INDEX retention_due ON retention (agency, due_at, case_id);
-- Queries have this condition word for word.
CREATE INDEX retention_untold ON retention (due_at) WHERE NOT told AND NOT held;
