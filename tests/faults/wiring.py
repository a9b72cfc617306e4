"""Where a hub under test keeps its facts and what carries its messages. One small class for each wiring
(the large one stands in `servers.py`): what stands in the configuration, and how the checker reads tables.
"""

import json
import os
import sqlite3
import time
import urllib.parse


class Sqlite:
    """SQLite and the in-process queue."""

    name = "sqlite"
    is_shared = False

    def __init__(self, folder, data=None):
        self.folder = data or os.path.join(folder, "data")

    def data(self, _hub):
        return self.folder

    def configuration(self):
        return []

    def mend(self):
        """Nothing here that a scenario breaks."""

    def rows(self, columns, rest, database="main"):
        """Rows of texts; a column `hex(x)` holds bytes."""
        file = {"main": "amaan.db", "keys": "keys.db"}[database]
        path = urllib.parse.quote(os.path.join(self.folder, file))
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            return [list(map(str, row)) for row in connection.execute(f"SELECT {', '.join(columns)} {rest}")]
        finally:
            connection.close()

    def slots(self):
        """Case keys made ahead, in all."""
        return int(self.rows(["count(*)"], "FROM slots", "keys")[0][0])

    def close(self):
        """Nothing outside the run's folder."""


class Records:
    """The hub's tables as they are when it has stopped, read past the hub."""

    def __init__(self, wiring):
        self.states = dict(wiring.rows(["id", "status"], "FROM deliveries"))
        keys = wiring.rows(["key", "hex(request_hash)", "entry_index"], "FROM idempotency")
        self.keys = {key: (bytes.fromhex(digest), int(index)) for key, digest, index in keys}
        heads = wiring.rows(["size", "hex(root)"], "FROM heads ORDER BY size")
        self.heads = [(int(size), bytes.fromhex(root)) for size, root in heads]
        self.case_keys = pairs(wiring.rows(["case_id", "key_id"], "FROM case_keys"))
        self.body_keys = pairs(wiring.rows(["case_id", "key_id"], "FROM bodies"))
        self.slots = {row[0] for row in wiring.rows(["key_id"], "FROM slots", "keys")}
        entries = wiring.rows(["idx", "hex(leaf)", "hex(hash)"], "FROM entries ORDER BY idx")
        self.indexes = [int(row[0]) for row in entries]
        self.leaves = [bytes.fromhex(row[1]) for row in entries]
        self.hashes = [bytes.fromhex(row[2]) for row in entries]
        self.events = [json.loads(leaf)["event"] for leaf in self.leaves]


def pairs(rows):
    return [tuple(row) for row in rows]


IN_FLIGHT = ("queued", "sent", "waiting-for-retry")


def in_flight(wiring):
    """Deliveries and erasures that still move; what is held waits for a person."""
    states = ", ".join(f"'{state}'" for state in IN_FLIGHT)
    letters = wiring.rows(["count(*)"], f"FROM deliveries WHERE status IN ({states})")
    erasures = wiring.rows(["count(*)"], "FROM registers WHERE book = 'erasure' AND open")
    return int(letters[0][0]) + int(erasures[0][0])


def what_moves(wiring):
    """The same, each with what it waits for: seconds from now until a row of the outbox is due, since it went to
    the queue, and until its claim ends."""
    now = time.time()
    after = [f"coalesce((o.{column} / 1000000.0 - {now}), 0)" for column in ("ready_at", "relayed_at", "lease_until")]
    states = ", ".join(f"'{state}'" for state in IN_FLIGHT)
    rest = f"FROM deliveries d LEFT JOIN outbox o ON o.delivery_id = d.id WHERE d.status IN ({states})"
    told = [f"{id} {status}: due in {float(due):.0f} s, handed on {-float(handed):.0f} s ago, claimed for "
            f"{float(lease):.0f} s; {state}"
            for id, status, due, handed, lease, state
            in wiring.rows(["d.id", "d.status", *after, "d.state"], rest)]
    return told + [f"erasure: {row[0]}" for row
                   in wiring.rows(["state"], "FROM registers WHERE book = 'erasure' AND open")]


def epochs(wiring):
    """How many epoch keys there are."""
    return int(wiring.rows(["count(*)"], "FROM epochs", "keys")[0][0])
