-- Work: the texts of policy sets that were put before a hub, by digest. Which of them is in force stands in the
-- register. Losing a row loses no fact: its text is put there again, and its digest says that it is the same.
CREATE TABLE policy_sets (
    digest TEXT PRIMARY KEY NOT NULL,
    -- Schema, agreements and tables as one JSON object. No personal data.
    bundle TEXT NOT NULL,
    -- Real time, microseconds.
    put_at BIGINT NOT NULL
);
