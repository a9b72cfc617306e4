-- Work: how far each webhook of the configuration has come. Losing a row loses no fact: it begins anew, and its
-- owner asks for what was missed by `replay`.
CREATE TABLE webhooks (
    name           TEXT PRIMARY KEY NOT NULL,
    -- Entries of the ledger that are behind it.
    passed         BIGINT NOT NULL,
    -- Tries of the next event that have failed.
    tries          INTEGER NOT NULL,
    -- Real time, microseconds.
    next_try       BIGINT NOT NULL,
    -- Until then one hub sends, and no other.
    lease_until    BIGINT NOT NULL,
    disabled_since BIGINT,
    problem        TEXT
);
