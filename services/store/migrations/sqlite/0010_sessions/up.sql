-- Work: people signing in, and people signed in. Losing a row loses no fact: somebody signs in again. Only hashes
-- of what browsers hold are kept; no name, and nothing of a provider's tokens. Times are real, microseconds.
CREATE TABLE sign_ins (
    -- SHA-256 of the ticket in the browser's cookie.
    id       TEXT PRIMARY KEY NOT NULL,
    provider TEXT NOT NULL,
    agency   TEXT NOT NULL,
    -- Where the browser goes on to, a path of ours.
    place    TEXT NOT NULL,
    -- The session that is confirmed by it, if it is no new one.
    session  TEXT,
    begun    BIGINT NOT NULL,
    ends     BIGINT NOT NULL
);
CREATE INDEX sign_ins_ends ON sign_ins (ends);
CREATE TABLE sessions (
    -- SHA-256 of the secret in the browser's cookie.
    id        TEXT PRIMARY KEY NOT NULL,
    person    TEXT NOT NULL,
    agency    TEXT NOT NULL,
    provider  TEXT NOT NULL,
    -- When the provider last asked the person, and how the person proved it.
    auth_time BIGINT NOT NULL,
    acr       TEXT,
    created   BIGINT NOT NULL,
    seen      BIGINT NOT NULL,
    ends      BIGINT NOT NULL
);
CREATE INDEX sessions_ends ON sessions (ends);
