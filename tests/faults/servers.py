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

# Of RabbitMQ's own functions, because its command deletes queues one by one, and exchanges not at all.
DELETE_QUEUES = ('[rabbit_amqqueue:delete(Q, false, false, <<"faults">>) || Q <- rabbit_amqqueue:list(<<"/">>), '
                 '{resource, _, queue, N} <- [amqqueue:get_name(Q)], string:prefix(N, "PREFIX") =/= nomatch].')
DELETE_EXCHANGES = ('[rabbit_exchange:delete(X, false, <<"faults">>) || '
                    '{resource, _, exchange, N} = X <- rabbit_exchange:list_names(), '
                    'string:prefix(N, "PREFIX") =/= nomatch].')
UNBIND = ('[rabbit_binding:remove(B, <<"faults">>) || '
          '{binding, {resource, _, exchange, N}, _, _, _} = B <- rabbit_binding:list(<<"/">>), '
          'string:prefix(N, "PREFIX") =/= nomatch].')
FULL = '{"max-length": 0, "overflow": "reject-publish"}'


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


def both_run():
    """Starts what a scenario that broke off left stopped; what is wrong, where one does not answer."""
    for start, ask in ((database_ctl, ("psql", "-Atc", "SELECT 1")), (broker_ctl, ("run", "-q", "ping"))):
        try:
            start("start", wanted=False)
            start(*ask)
        except (Broken, subprocess.TimeoutExpired) as fault:
            return str(fault)
    return None


class Servers:
    """PostgreSQL and RabbitMQ."""

    name = "servers"
    is_shared = True

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

    def mend(self):
        """Both lines straight again, for old connections too."""
        for proxy in self.proxies.values():
            was_bent = proxy.mode != "pass" or proxy.held
            proxy.mode, proxy.held = "pass", frozenset()
            if was_bent:
                proxy.cut_all()

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

    def messages(self):
        """Messages in this run's work queues, in a hub's hands or not; the broker counts every 5 s."""
        rows = broker_ctl("run", "list_queues", "-q", "--no-table-headers", "name", "messages").splitlines()
        rows = [row.split("\t") for row in rows if row.startswith(f"{self.prefix}.work.")]
        return sum(int(count) for _, count in rows)

    def delete_queues(self):
        """All work queues at once, under publishers and consumers."""
        broker_ctl("run", "eval", DELETE_QUEUES.replace("PREFIX", f"{self.prefix}.work."))

    def unbind(self):
        """The exchange leads to no work queue any more; consumers notice nothing."""
        broker_ctl("run", "eval", UNBIND.replace("PREFIX", f"{self.prefix}.events"))

    def refuse(self):
        """From now on each work queue is full."""
        broker_ctl("run", "set_policy", "faults", f"^{self.prefix}\\.work\\.", FULL, "--apply-to", "queues")

    def accept(self, wanted=True):
        broker_ctl("run", "clear_policy", "faults", wanted=wanted)

    def close(self):
        for proxy in self.proxies.values():
            proxy.close()
        both_run()
        self.accept(wanted=False)
        for name in self.databases:
            self.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' "
                      "AND usename = current_user", self.store.path[1:])
            self.psql(f'DROP DATABASE IF EXISTS "{name}"', self.store.path[1:])
        for what in (DELETE_QUEUES, DELETE_EXCHANGES):
            broker_ctl("run", "eval", what.replace("PREFIX", f"{self.prefix}."), wanted=False)
