-- The truth: an append-only ledger, the state it gives, sealed bodies, statistics, and work tables.
-- Times are microseconds since 1970-01-01T00:00:00Z. Ids are text.

CREATE TABLE entries (
    idx         BIGINT PRIMARY KEY NOT NULL,
    leaf        BLOB NOT NULL,
    hash        BLOB NOT NULL,
    kind        TEXT NOT NULL,
    case_id     TEXT,
    referral_id TEXT
);
CREATE INDEX entries_by_referral ON entries (referral_id, idx) WHERE referral_id IS NOT NULL;
CREATE INDEX entries_by_case ON entries (case_id, idx) WHERE case_id IS NOT NULL;

-- One row per committed batch; the newest is the head of the tree.
CREATE TABLE heads (
    size   BIGINT PRIMARY KEY NOT NULL,
    at     BIGINT NOT NULL,
    root   BLOB NOT NULL,
    peaks  BLOB NOT NULL,
    key_id TEXT NOT NULL
);

-- Tree nodes of levels 8, 16 and 24, written when they are complete.
CREATE TABLE nodes (
    level INTEGER NOT NULL,
    idx   BIGINT NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (level, idx)
);

CREATE TABLE cases (
    id        TEXT PRIMARY KEY NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    state     TEXT NOT NULL
);

CREATE TABLE referrals (
    id          TEXT PRIMARY KEY NOT NULL,
    case_id     TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    from_agency TEXT NOT NULL,
    to_agency   TEXT NOT NULL,
    status      TEXT NOT NULL,
    closed      BOOLEAN NOT NULL,
    state       TEXT NOT NULL
);
CREATE INDEX referrals_by_case ON referrals (case_id);
CREATE INDEX referrals_by_request ON referrals (request_id);
CREATE INDEX referrals_by_sender ON referrals (from_agency, id);
CREATE INDEX referrals_by_receiver ON referrals (to_agency, id);

CREATE TABLE deliveries (
    id          TEXT PRIMARY KEY NOT NULL,
    referral_id TEXT NOT NULL,
    from_agency TEXT NOT NULL,
    to_agency   TEXT NOT NULL,
    status      TEXT NOT NULL,
    state       TEXT NOT NULL
);
CREATE INDEX deliveries_by_referral ON deliveries (referral_id);
CREATE INDEX deliveries_for_people ON deliveries (id) WHERE status IN ('undeliverable', 'held');

CREATE TABLE identity_checks (
    id      TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL,
    status  TEXT NOT NULL,
    state   TEXT NOT NULL
);
CREATE INDEX identity_checks_open ON identity_checks (id) WHERE status = 'asked';

CREATE TABLE bodies (
    object_id TEXT PRIMARY KEY NOT NULL,
    case_id   TEXT NOT NULL,
    key_id    TEXT NOT NULL,
    schema    TEXT NOT NULL,
    sealed    BLOB NOT NULL
);

CREATE TABLE case_keys (
    case_id TEXT NOT NULL,
    key_id  TEXT NOT NULL,
    PRIMARY KEY (case_id, key_id)
);
-- Unique: no key is ever two cases' key, so that destroying it erases one of them only.
CREATE UNIQUE INDEX case_keys_by_key ON case_keys (key_id);

-- Statistics under a random id, by month; the link to a referral is sealed under the case key. Both tables lie
-- in the order of their ids: SQLite's own row numbers would line the two up again after the key is destroyed.
CREATE TABLE facts (
    id                   TEXT PRIMARY KEY NOT NULL,
    month                TEXT NOT NULL,
    service              TEXT NOT NULL,
    priority             TEXT NOT NULL,
    to_agency            TEXT NOT NULL,
    dimensions           TEXT NOT NULL,
    accepted_minutes     BIGINT,
    first_action_minutes BIGINT,
    closed_minutes       BIGINT,
    outcome              TEXT
) WITHOUT ROWID;
CREATE INDEX facts_by_month ON facts (month);

CREATE TABLE fact_links (
    referral_id TEXT PRIMARY KEY NOT NULL,
    case_id     TEXT NOT NULL,
    key_id      TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    sealed      BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE idempotency (
    key          TEXT PRIMARY KEY NOT NULL,
    request_hash BLOB NOT NULL,
    entry_index  BIGINT NOT NULL,
    tree_size    BIGINT NOT NULL
);

-- Work: losing what stands below loses no fact.

CREATE TABLE outbox (
    delivery_id TEXT PRIMARY KEY NOT NULL,
    to_agency   TEXT NOT NULL,
    emergency   BOOLEAN NOT NULL,
    ready_at    BIGINT NOT NULL,
    relayed_at  BIGINT,
    lease_until BIGINT,
    trace       TEXT
);
CREATE INDEX outbox_by_ready ON outbox (ready_at);
CREATE INDEX outbox_by_agency ON outbox (to_agency, ready_at);

-- Who stands behind a pseudonym. Rows can be erased without touching the ledger.
CREATE TABLE actors (
    pseudonym TEXT PRIMARY KEY NOT NULL,
    label     TEXT NOT NULL UNIQUE
);

CREATE TABLE cursors (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);
