-- Work: people signing in, and people signed in. Losing a row loses no fact: somebody signs in again. Only hashes
-- of what browsers hold are kept; no name, and nothing of a provider's tokens. Times are real, microseconds.
CREATE TABLE sign_ins (
    -- SHA-256 of the ticket in the browser's cookie.
    id       TEXT COLLATE "C" PRIMARY KEY,
    provider TEXT COLLATE "C" NOT NULL,
    agency   TEXT COLLATE "C" NOT NULL,
    -- Where the browser goes on to, a path of ours.
    place    TEXT COLLATE "C" NOT NULL,
    -- The session that is confirmed by it, if it is no new one.
    session  TEXT COLLATE "C",
    begun    BIGINT NOT NULL,
    ends     BIGINT NOT NULL
);
CREATE INDEX sign_ins_ends ON sign_ins (ends);
CREATE TABLE sessions (
    -- SHA-256 of the secret in the browser's cookie.
    id        TEXT COLLATE "C" PRIMARY KEY,
    person    TEXT COLLATE "C" NOT NULL,
    agency    TEXT COLLATE "C" NOT NULL,
    provider  TEXT COLLATE "C" NOT NULL,
    -- When the provider last asked the person, and how the person proved it.
    auth_time BIGINT NOT NULL,
    acr       TEXT COLLATE "C",
    created   BIGINT NOT NULL,
    seen      BIGINT NOT NULL,
    ends      BIGINT NOT NULL
);
CREATE INDEX sessions_ends ON sessions (ends);
