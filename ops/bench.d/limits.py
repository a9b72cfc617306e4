"""What the machine gives without a hub: bare inserts of the writer's own rows, the writer fed directly, a
bare quorum queue, a bare HTTP server. `amaan-bench` measures each with databases, files and queues of its
own; one that cannot be measured is told and gives none, for the hub's own figures stand without it.
"""

import os
import sys

from common import Broken, secret_file
from programs import tool

BATCH, DEPTH = 200, 64
# Made ahead for commits of one; when they are used up, so many more are made.
SINGLE_ROWS = 500


class Limits:
    """Those of one wiring."""

    def __init__(self, folder, wiring, bodies, connections):
        self.folder, self.wiring, self.body, self.connections = folder, wiring, bodies[0], connections

    def measure(self, seconds):
        """The store's two come in turns from one process; `single` commits one referral at a time."""
        def ask(subcommand, *words):
            try:
                return tool(subcommand, "--seconds", seconds, *words, seconds=seconds * 3)
            except Broken as fault:
                print(f" {fault};", end="", file=sys.stderr, flush=True)
                return None

        store = ask("limits", *self.store(), "--runs", 1, "--batch", BATCH) or {}
        return {
            **store,
            "single": ask("insert", *self.store(), "--batch", 1, "--rows-of", SINGLE_ROWS),
            "echo": ask("echo", "--connections", self.connections, "--body", self.body),
            "queue": ask("queue", *self.queue()) if self.wiring == "servers" else None,
        }

    def store(self):
        if self.wiring == "sqlite":
            return ["--engine", "sqlite", "--dir", self.folder]
        url = secret_file(os.path.join(self.folder, "limits-store.url"), os.environ["AMAAN_STORE_URL"])
        return ["--engine", "postgres", "--dir", self.folder, "--url-file", url,
                "--ca-file", os.environ["AMAAN_CA_FILE"]]

    def queue(self):
        url = secret_file(os.path.join(self.folder, "limits-queue.url"), os.environ["AMAAN_QUEUE_URL"])
        return ["--url-file", url, "--ca-file", os.environ["AMAAN_CA_FILE"], "--depth", DEPTH,
                "--bytes", os.path.getsize(self.body)]
