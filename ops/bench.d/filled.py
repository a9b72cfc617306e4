"""A store that `amaan-bench fill` has filled, and the hub that stands on it. Filled through the store's own
door, with the hub's own keys, while the hub does not run.
"""

import json
import os
import shutil
import subprocess
import sys

import house
import servers
from common import HUB_NAME, Broken, secret_file, text
from programs import measurer
from wiring import Sqlite as Tables

FILL_SECONDS_MAX = 6 * 3600
KEYS = ("root.key", "ledger.key")


class KeptServers(house.Servers):
    """Databases that stay: their names stand in the folder."""

    def __init__(self, folder):
        file = os.path.join(folder, "prefix")
        if not os.path.exists(file):
            super().__init__(folder)
            secret_file(file, self.prefix)
            return
        self.folder, self.prefix, self.proxies = folder, text(file).strip(), {}
        self.databases = [f"{self.prefix.replace('-', '_')}_{part}" for part in ("main", "keys", "peer")]
        self.store, self.broker = (servers.urllib.parse.urlsplit(os.environ[name])
                                   for name in ("AMAAN_STORE_URL", "AMAAN_QUEUE_URL"))

    def close(self):
        """They stay."""


class Filled:
    """Folder, wiring, hub, and what the loader said."""

    def __init__(self, folder, name, issuer_url, sink_url, kept, keys_of=None):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.folder, self.name, self.made = folder, name, None
        kind = KeptServers if kept and name == "servers" else house.WIRINGS[name]
        self.wiring, self.kept = kind(folder), kept
        # Deliveries rest: what is measured is accepting and reading.
        self.hub = house.Hub(folder, self.wiring, issuer_url, sink_url, paused=True)
        self.tables = self.wiring if name == "servers" else Tables(folder, data=f"{folder}/data")
        self.make_keys(keys_of)

    def make_keys(self, keys_of):
        """The hub makes its keys when it starts; on data of its own, so that the loader gives the past."""
        if all(os.path.exists(os.path.join(self.folder, key)) for key in KEYS):
            return
        if keys_of is None:
            keys_of = self.maker()
        for key in KEYS:
            shutil.copy2(os.path.join(keys_of.folder, key), os.path.join(self.folder, key))

    def maker(self):
        folder = os.path.join(self.folder, "keys")
        os.makedirs(folder, mode=0o700)
        maker = house.Hub(folder, house.Sqlite(folder), "http://127.0.0.1:1", "http://127.0.0.1:1", False)
        maker.start()
        maker.stop()
        return maker

    def place(self):
        """How `amaan-bench` is told where the store lies."""
        words = ["--data", f"{self.folder}/data"]
        if self.name == "servers":
            self.wiring.configuration()
            words += ["--url-file", f"{self.folder}/main.url", "--keys-url-file", f"{self.folder}/keys.url",
                      "--ca-file", os.environ["AMAAN_CA_FILE"]]
        return words

    def fill(self, rows, servers_folder):
        """Until it has so many; its progress goes to stderr."""
        root, ledger = (os.path.join(self.folder, key) for key in KEYS)
        words = [measurer(), "fill", *self.place(), "--rows", str(rows), "--name", HUB_NAME,
                 "--root-key-file", root, "--ledger-key-file", ledger]
        if self.name == "servers" and servers_folder:
            words += ["--disk", servers_folder]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=sys.stderr, text=True,
                              timeout=FILL_SECONDS_MAX, check=False)
        if done.returncode != 0:
            raise Broken(f"{self.name}: the store was not filled, see above")
        self.made = json.loads(done.stdout)
        if self.name == "servers":
            # As autovacuum would have done long ago.
            self.wiring.psql("VACUUM ANALYZE", self.wiring.databases[0])

    def verify_command(self):
        if self.name == "servers":
            return ["audit", "verify", "--config", self.hub.file, "--json"]
        return ["audit", "verify", "--data", f"{self.folder}/data", "--json"]

    def close(self, keep_logs):
        """Databases and queues go in any case, unless the store is to stay."""
        self.wiring.close()
        if not self.kept and not keep_logs:
            shutil.rmtree(self.folder, ignore_errors=True)
