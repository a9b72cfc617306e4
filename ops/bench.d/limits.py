"""What the machine gives without a hub: bare inserts, the store's writer fed directly, the bare queue, a bare
HTTP server. `amaan-bench` measures them on the run's own servers and folder; one that is not there is none.
"""

import os
import urllib.parse

from programs import tool

BATCH = 200
DEPTH = 64


class Limits:
    """One run's, on one wiring."""

    def __init__(self, folder, wiring, servers, bodies, connections):
        self.folder, self.wiring, self.servers = folder, wiring, servers
        self.bodies, self.connections = bodies, connections

    def measure(self, seconds):
        def ask(subcommand, *words):
            return tool(subcommand, "--seconds", seconds, *words, seconds=seconds, missing_is_none=True)

        found = {
            "insert": ask("insert", *self.store(), "--batch", BATCH),
            "single": ask("insert", *self.store(), "--batch", 1),
            "writer": ask("writer", *self.store()),
            "echo": ask("echo", "--connections", self.connections, "--body", self.bodies[0]),
            "queue": None,
        }
        if self.wiring.name == "servers":
            found["queue"] = ask("queue", "--url", os.environ["AMAAN_QUEUE_URL"], "--ca-file",
                                 os.environ["AMAAN_CA_FILE"], "--depth", DEPTH, "--body", self.bodies[0])
        return found
