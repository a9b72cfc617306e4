-- What the peer keeps: one row for each referral. `ops/bench` makes it before the service starts, as a
-- migration would.
CREATE TABLE referrals (
    id uuid PRIMARY KEY,
    client text NOT NULL,
    idempotency_key text NOT NULL,
    body json NOT NULL,
    sha256 bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (client, idempotency_key)
);
