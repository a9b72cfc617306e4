"""The large wiring: PostgreSQL and RabbitMQ as `ops/services` starts them, each behind a proxy of its own, so
that the line to it can be cut too. Databases and queues are made for one run and removed with it.
"""

import os
import subprocess
import urllib.parse

from common import Broken, secret_file
from proxy import Proxy

NEEDED = ("AMAAN_STORE_URL", "AMAAN_QUEUE_URL", "AMAAN_CA_FILE", "AMAAN_POSTGRES_CTL", "AMAAN_RABBITMQ_CTL")
CTL_SECONDS_MAX = 120


def missing():
    """What of the environment is not there."""
    return [name for name in NEEDED if not os.environ.get(name)]


def run(*command, wanted=True, env=None):
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=CTL_SECONDS_MAX, check=False, env=env)
    if wanted and done.returncode != 0:
        raise Broken(f"{os.path.basename(command[0])} {command[1]} failed: {done.stderr[-300:]}")
    return done.stdout


def database_ctl(*what, wanted=True):
    return run(os.environ["AMAAN_POSTGRES_CTL"], *what, wanted=wanted)


def broker_ctl(*what, wanted=True):
    return run(os.environ["AMAAN_RABBITMQ_CTL"], *what, wanted=wanted)


class Servers:
    """PostgreSQL and RabbitMQ."""

    name = "servers"
    hubs_max = 2

    def __init__(self, folder):
        self.folder, self.prefix = folder, f"faults-{os.urandom(4).hex()}"
        self.databases = [f"{self.prefix.replace('-', '_')}_{part}" for part in ("main", "keys")]
        self.store = urllib.parse.urlsplit(os.environ["AMAAN_STORE_URL"])
        self.broker = urllib.parse.urlsplit(os.environ["AMAAN_QUEUE_URL"])
        for name in self.databases:
            self.psql(f'CREATE DATABASE "{name}"', self.store.path[1:])
        self.proxies = {"database": Proxy(self.store.port, 0), "broker": Proxy(self.broker.port, 0)}

    def data(self, hub):
        return os.path.join(self.folder, f"data-{hub}")

    def through(self, url, proxy, path=None):
        """The same URL by way of a proxy; its certificate names the address, not the port."""
        user, _, _ = url.netloc.rpartition("@")
        netloc = f"{user}@127.0.0.1:{self.proxies[proxy].port}"
        return urllib.parse.urlunsplit(url._replace(netloc=netloc, path=path or url.path))

    def configuration(self):
        def file(name, url):
            return secret_file(os.path.join(self.folder, name), url)

        main, keys = (self.through(self.store, "database", f"/{name}") for name in self.databases)
        ca = os.environ["AMAAN_CA_FILE"]
        return [
            f'[store]\nurl_file = "{file("main.url", main)}"\nkeys_url_file = "{file("keys.url", keys)}"\n'
            f'ca_file = "{ca}"\n',
            f'[queue]\nurl_file = "{file("broker.url", self.through(self.broker, "broker"))}"\n'
            f'ca_file = "{ca}"\nprefix = "{self.prefix}"\ncanary_every_seconds = 5\n',
        ]

    def verify_command(self, _hub):
        """None: `audit verify` reads SQLite folders only; the checker recomputes the tree itself."""
        return None

    def psql(self, query, database):
        url = urllib.parse.urlunsplit(self.store._replace(path=f"/{database}", query=""))
        environment = dict(os.environ, PGSSLMODE="verify-full", PGSSLROOTCERT=os.environ["AMAAN_CA_FILE"])
        command = ["psql", "--no-psqlrc", "-qAt", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-c", query, url]
        return run(*command, env=environment)

    def rows(self, columns, rest, database="main"):
        """Rows of texts; a column `hex(x)` holds bytes."""
        columns = [f"encode({one[4:-1]}, 'hex')" if one.startswith("hex(") else one for one in columns]
        name = self.databases[("main", "keys").index(database)]
        out = self.psql(f"SELECT {', '.join(columns)} {rest}", name)
        return [line.split("\x1f") for line in out.splitlines()]

    def slots(self):
        return int(self.rows(["count(*)"], "FROM slots", "keys")[0][0])

    def queues(self):
        """Names of this run's queues."""
        names = broker_ctl("run", "list_queues", "-q", "name").splitlines()
        return [name for name in names if name.startswith(self.prefix)]

    def close(self):
        for proxy in self.proxies.values():
            proxy.close()
        # A scenario that broke off may have left them stopped.
        database_ctl("start", wanted=False)
        broker_ctl("start", wanted=False)
        broker_ctl("run", "clear_policy", "faults", wanted=False)
        for name in self.databases:
            self.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' "
                      "AND usename = current_user", self.store.path[1:])
            self.psql(f'DROP DATABASE IF EXISTS "{name}"', self.store.path[1:])
        for name in self.queues():
            broker_ctl("run", "delete_queue", name, wanted=False)
