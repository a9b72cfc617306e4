-- Case keys, wrapped, made ahead as slots. Kept apart from the main database, with backups of their own.
CREATE TABLE epochs (
    epoch   INTEGER PRIMARY KEY NOT NULL,
    wrapped BLOB NOT NULL
);

CREATE TABLE slots (
    key_id  TEXT PRIMARY KEY NOT NULL,
    epoch   INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    leased  BOOLEAN NOT NULL
);
CREATE INDEX slots_free ON slots (key_id) WHERE NOT leased;
