"""A hub lives for some seconds, with agencies, people who have cases erased, a backup and another epoch of
keys: the store that is copied and tampered with afterwards. The parts are those of the fault runs
(tests/faults).
"""

import os
import subprocess

from common import Broken, HUB_NAME, PROGRAM, lines, wait_until
from wiring import epochs
from world import World

SECONDS_MAX = 120
# Fewer than 256 entries have no stored inner node.
ENTRIES_OLD = 300
ENTRIES = 700


class Life:
    """What is left of it: two databases, a folder, keys, an old backup, and checkpoints that others kept."""

    def __init__(self, folder, seed, wiring):
        self.folder = folder
        self.world = World(os.path.join(folder, "world"), seed, wiring=wiring)
        self.hub = self.world.hubs[0]
        self.wiring = self.world.wiring
        self.data = self.wiring.data(self.hub.name)
        self.root_key = os.path.join(self.world.folder, "root.key")
        self.ledger_key = os.path.join(self.world.folder, "ledger.key")
        self.old = {part: os.path.join(folder, f"backup-{part}") for part in ("main", "keys")}

    def live(self):
        """Until there is something of each kind."""
        world = self.world
        world.start(pace=0.02)
        world.keep()
        self.until("entries for a backup", lambda: self.entries() >= ENTRIES_OLD)
        self.amaan("backup", "run", "--config", self.hub.file, "--main", self.old["main"], "--keys", self.old["keys"])
        before = world.erased()
        self.hub.rotate()
        self.hub.kill()
        self.hub.start()
        self.until("another epoch of keys", lambda: epochs(self.wiring) == 1)
        self.until("erased cases", lambda: world.erased() >= before + 2)
        self.until("entries", lambda: self.entries() >= ENTRIES)
        status, _, key = world.crowd.callers["ncrc-analyst"].call("GET", "/v1/audit/key")
        if status != 200:
            raise Broken(f"the ledger's key is not told: {status}")
        self.vkey = key.decode().split()[0]
        self.end()
        return self

    def end(self):
        self.world.crowd.stop_sending()
        self.world.crowd.stop()
        self.world.sampler.stop()
        if not self.hub.stop():
            raise Broken("the hub did not end well")

    def until(self, what, condition):
        wait_until(what, condition, SECONDS_MAX, 0.2)

    def entries(self):
        return int(self.wiring.rows(["count(*)"], "FROM entries")[0][0])

    def notes(self):
        """Checkpoints that somebody saw, oldest first."""
        return [line["note"] for line in lines(os.path.join(self.world.folder, "checkpoints.jsonl"))]

    def amaan(self, *command):
        done = subprocess.run([PROGRAM, *command], capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        if done.returncode != 0:
            raise Broken(f"amaan {' '.join(command[:2])}: {done.stderr[-500:]}")
        return done.stdout

    def configuration(self, file, data, store=()):
        """A hub of the same keys whose facts lie elsewhere."""
        text = [f'[hub]\nname = "{HUB_NAME}"\ndata = "{data}"\n',
                f'[keys]\nroot_key_file = "{self.root_key}"\nledger_key_file = "{self.ledger_key}"\n', *store]
        with open(file, "w", encoding="utf-8") as made:
            made.write("\n".join(text))
        return file

    def close(self):
        self.world.close()
