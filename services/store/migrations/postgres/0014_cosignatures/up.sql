-- Work: what witnesses said of the ledger's heads. Losing a row loses no fact: a witness says it again of a newer one.
CREATE TABLE cosignatures (
    -- The tree's.
    size    BIGINT NOT NULL,
    -- The name of the witness's key.
    witness TEXT COLLATE "C" NOT NULL,
    -- The line as it stands in a signed note.
    line    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (size, witness)
);
CREATE INDEX cosignatures_by_witness ON cosignatures (witness, size);
