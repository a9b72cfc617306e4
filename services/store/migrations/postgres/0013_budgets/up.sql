-- Work: what people and agencies have used up of their budgets, by window. Losing a row loses no fact: whoever it
-- was of may ask a little more that day.
CREATE TABLE budgets (
    -- Whose: a person's or client's stand-in, or an agency.
    whose TEXT COLLATE "C" NOT NULL,
    -- Of what.
    act   TEXT COLLATE "C" NOT NULL,
    -- When the window began: real time, microseconds.
    since BIGINT NOT NULL,
    used  BIGINT NOT NULL,
    PRIMARY KEY (whose, act, since)
);
CREATE INDEX budgets_by_window ON budgets (since);
-- Which children a budget was used for: marks under a key of the hub's, or case ids; nobody's number.
CREATE TABLE budget_children (
    whose TEXT COLLATE "C" NOT NULL,
    act   TEXT COLLATE "C" NOT NULL,
    since BIGINT NOT NULL,
    child TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (whose, act, since, child)
);
CREATE INDEX budget_children_by_window ON budget_children (since);
