"""Where a hub under test keeps its facts and what carries its messages. One small class for each wiring:
what stands in the configuration, and how the checker reads the tables.
"""

import json
import os
import sqlite3
import urllib.parse


class Sqlite:
    """SQLite and the in-process queue."""

    name = "sqlite"
    hubs_max = 1

    def __init__(self, folder, data=None):
        self.folder = data or os.path.join(folder, "data")

    def data(self, _hub):
        return self.folder

    def configuration(self):
        return []

    def verify_command(self, _hub):
        return ["audit", "verify", "--data", self.folder]

    def rows(self, query, database="amaan.db"):
        path = urllib.parse.quote(os.path.join(self.folder, database))
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def slots(self):
        """Case keys made ahead, in all."""
        return self.rows("SELECT count(*) FROM slots", "keys.db")[0][0]


class Records:
    """The hub's tables as they are at one moment, read past the hub."""

    def __init__(self, wiring):
        # Oldest tables of a commit last: a row seen here has its entry there, even while the hub writes.
        self.states = {row[0]: row[1] for row in wiring.rows("SELECT id, status FROM deliveries")}
        self.keys = {row[0]: (bytes(row[1]), row[2])
                     for row in wiring.rows("SELECT key, request_hash, entry_index FROM idempotency")}
        self.heads = [(row[0], bytes(row[1])) for row in wiring.rows("SELECT size, root FROM heads ORDER BY size")]
        entries = wiring.rows("SELECT idx, leaf, hash FROM entries ORDER BY idx")
        self.indexes = [row[0] for row in entries]
        self.leaves = [bytes(row[1]) for row in entries]
        self.hashes = [bytes(row[2]) for row in entries]
        self.events = [json.loads(leaf)["event"] for leaf in self.leaves]


IN_FLIGHT = ("queued", "sent", "waiting-for-retry")


def in_flight(wiring):
    """Deliveries that still move; what is held waits for a person."""
    states = ", ".join(f"'{state}'" for state in IN_FLIGHT)
    return wiring.rows(f"SELECT count(*) FROM deliveries WHERE status IN ({states})")[0][0]
