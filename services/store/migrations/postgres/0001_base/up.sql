-- The truth: an append-only ledger, the state it gives, sealed bodies, statistics, and work tables.
-- Times are microseconds since 1970-01-01T00:00:00Z. Ids are text, ordered by their bytes as on SQLite.

CREATE TABLE entries (
    idx         BIGINT PRIMARY KEY,
    leaf        BYTEA NOT NULL,
    hash        BYTEA NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    case_id     TEXT COLLATE "C",
    referral_id TEXT COLLATE "C"
);
CREATE INDEX entries_by_referral ON entries (referral_id, idx) WHERE referral_id IS NOT NULL;
CREATE INDEX entries_by_case ON entries (case_id, idx) WHERE case_id IS NOT NULL;

-- One row per committed batch; the newest is the head of the tree.
CREATE TABLE heads (
    size   BIGINT PRIMARY KEY,
    at     BIGINT NOT NULL,
    root   BYTEA NOT NULL,
    peaks  BYTEA NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL
);

-- Tree nodes of levels 8, 16 and 24, written when they are complete.
CREATE TABLE nodes (
    level INTEGER NOT NULL,
    idx   BIGINT NOT NULL,
    hash  BYTEA NOT NULL,
    PRIMARY KEY (level, idx)
);

CREATE TABLE cases (
    id        TEXT COLLATE "C" PRIMARY KEY,
    reference TEXT COLLATE "C" NOT NULL UNIQUE,
    state     TEXT COLLATE "C" NOT NULL
);

CREATE TABLE referrals (
    id          TEXT COLLATE "C" PRIMARY KEY,
    case_id     TEXT COLLATE "C" NOT NULL,
    request_id  TEXT COLLATE "C" NOT NULL,
    from_agency TEXT COLLATE "C" NOT NULL,
    to_agency   TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    closed      BOOLEAN NOT NULL,
    state       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX referrals_by_case ON referrals (case_id);
CREATE INDEX referrals_by_request ON referrals (request_id);
CREATE INDEX referrals_by_sender ON referrals (from_agency, id);
CREATE INDEX referrals_by_receiver ON referrals (to_agency, id);

CREATE TABLE deliveries (
    id          TEXT COLLATE "C" PRIMARY KEY,
    referral_id TEXT COLLATE "C" NOT NULL,
    from_agency TEXT COLLATE "C" NOT NULL,
    to_agency   TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX deliveries_by_referral ON deliveries (referral_id);
CREATE INDEX deliveries_for_people ON deliveries (id) WHERE status IN ('undeliverable', 'held');

CREATE TABLE identity_checks (
    id      TEXT COLLATE "C" PRIMARY KEY,
    case_id TEXT COLLATE "C" NOT NULL,
    status  TEXT COLLATE "C" NOT NULL,
    state   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX identity_checks_open ON identity_checks (id) WHERE status = 'asked';

CREATE TABLE bodies (
    object_id TEXT COLLATE "C" PRIMARY KEY,
    case_id   TEXT COLLATE "C" NOT NULL,
    key_id    TEXT COLLATE "C" NOT NULL,
    schema    TEXT COLLATE "C" NOT NULL,
    sealed    BYTEA NOT NULL
);

CREATE TABLE case_keys (
    case_id TEXT COLLATE "C" NOT NULL,
    key_id  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, key_id)
);
-- Unique: no key is ever two cases' key, so that destroying it erases one of them only.
CREATE UNIQUE INDEX case_keys_by_key ON case_keys (key_id);

-- Statistics under a random id, by month; the link to a referral is sealed under the case key.
--
-- What this engine cannot do: lay a table out by its key (SQLite's has no row numbers at all). Rows lie in the
-- order they came, and each carries the number of the transaction that wrote it (`ctid`, `xmin`), as do the
-- entries and links of the same transaction. So whoever may read system columns or the files can line a
-- statistics row up with its referral without any key. Therefore every row is laid out anew in the order of its
-- random id, all in one transaction, by `store`'s `mix_statistics`; erasing a case has to call it before the key is
-- destroyed, and vacuum afterwards. Until then, and in backups and archived logs of the time before, the link
-- can be guessed by somebody with the server's files, though not through the hub.
CREATE TABLE facts (
    id                   TEXT COLLATE "C" PRIMARY KEY,
    month                TEXT COLLATE "C" NOT NULL,
    service              TEXT COLLATE "C" NOT NULL,
    priority             TEXT COLLATE "C" NOT NULL,
    to_agency            TEXT COLLATE "C" NOT NULL,
    dimensions           TEXT COLLATE "C" NOT NULL,
    accepted_minutes     BIGINT,
    first_action_minutes BIGINT,
    closed_minutes       BIGINT,
    outcome              TEXT COLLATE "C"
);
CREATE INDEX facts_by_month ON facts (month);

CREATE TABLE fact_links (
    referral_id TEXT COLLATE "C" PRIMARY KEY,
    case_id     TEXT COLLATE "C" NOT NULL,
    key_id      TEXT COLLATE "C" NOT NULL,
    object_id   TEXT COLLATE "C" NOT NULL,
    sealed      BYTEA NOT NULL
);

CREATE TABLE idempotency (
    key          TEXT COLLATE "C" PRIMARY KEY,
    request_hash BYTEA NOT NULL,
    entry_index  BIGINT NOT NULL,
    tree_size    BIGINT NOT NULL
);

-- Work: losing what stands below loses no fact.

CREATE TABLE outbox (
    delivery_id TEXT COLLATE "C" PRIMARY KEY,
    to_agency   TEXT COLLATE "C" NOT NULL,
    emergency   BOOLEAN NOT NULL,
    ready_at    BIGINT NOT NULL,
    relayed_at  BIGINT,
    lease_until BIGINT,
    trace       TEXT COLLATE "C"
);
CREATE INDEX outbox_by_ready ON outbox (ready_at);
CREATE INDEX outbox_by_agency ON outbox (to_agency, ready_at);

-- Who stands behind a pseudonym. Rows can be erased without touching the ledger.
CREATE TABLE actors (
    pseudonym TEXT COLLATE "C" PRIMARY KEY,
    label     TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE cursors (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);
