-- Case keys, wrapped, made ahead as slots. Kept apart from the main database, with backups of their own.
CREATE TABLE epochs (
    epoch   INTEGER PRIMARY KEY,
    wrapped BYTEA NOT NULL
);

-- A slot without an owner is free. With one it is leased to that hub until a time (microseconds), or, once the
-- main database was seen to name it, used by a case for good.
CREATE TABLE slots (
    key_id      TEXT COLLATE "C" PRIMARY KEY,
    epoch       INTEGER NOT NULL,
    wrapped     BYTEA NOT NULL,
    owner       TEXT COLLATE "C",
    lease_until BIGINT,
    used        BOOLEAN NOT NULL
);
CREATE INDEX slots_free ON slots (key_id) WHERE owner IS NULL;
CREATE INDEX slots_leased ON slots (lease_until) WHERE owner IS NOT NULL AND NOT used;
