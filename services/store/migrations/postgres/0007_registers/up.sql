-- Books beside the referrals: people, two-person acts, incidents, switches. What each row says stands in an entry of
-- the ledger; a row that counts no more stays, but is not `open`.
CREATE TABLE registers (
    id     TEXT COLLATE "C" PRIMARY KEY,
    book   TEXT COLLATE "C" NOT NULL,
    agency TEXT COLLATE "C" NOT NULL,
    open   BOOLEAN NOT NULL,
    -- Case time, microseconds: when it ends by itself.
    due_at BIGINT,
    state  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX registers_of ON registers (book, agency, id);
CREATE INDEX registers_open ON registers (book, id) WHERE open;
CREATE INDEX registers_due ON registers (due_at) WHERE due_at IS NOT NULL;
