"""A hub under measure, as an installation would run it: its store, its queue, its configuration, its process.
Databases and queues are made for one run and removed with it.
"""

import http.client
import os
import re
import signal
import socket
import time
import urllib.parse

import servers
from agencies import SECRET
from common import HUB_NAME, Broken, free_port, secret_file, text
from hub import client_rows
from programs import hub, plain_environment, run, stop
from usage import memory_mb, peak_mb

READY_SECONDS_MAX = 60
LOOK_SECONDS = 0.002
# Room for all that a paused run accepts; the default would have it wait for workers.
LENGTH_MAX = 1_000_000
# The hub's two, and the peer's.
DATABASES = ("main", "keys", "peer")


class Sqlite:
    """SQLite and the in-process queue."""

    name = "sqlite"
    has_broker = False

    def __init__(self, folder):
        self.folder = folder

    def configuration(self):
        return []

    def close(self):
        """Nothing outside the run's folder."""


class Servers(servers.Servers):
    """PostgreSQL and RabbitMQ, asked directly: the fault tests' proxies would be measured too."""

    name = "servers"
    has_broker = True

    def __init__(self, folder):
        self.folder, self.prefix, self.proxies = folder, f"bench-{os.urandom(4).hex()}", {}
        self.databases = [f"{self.prefix.replace('-', '_')}_{part}" for part in DATABASES]
        self.store = urllib.parse.urlsplit(os.environ["AMAAN_STORE_URL"])
        self.broker = urllib.parse.urlsplit(os.environ["AMAAN_QUEUE_URL"])
        for name in self.databases:
            self.psql(f'CREATE DATABASE "{name}"', self.store.path[1:])

    def url(self, database):
        name = next(name for name in self.databases if name.endswith(database))
        return urllib.parse.urlunsplit(self.store._replace(path=f"/{name}"))

    def configuration(self):
        def file(name, content):
            return secret_file(os.path.join(self.folder, name), content)

        ca = os.environ["AMAAN_CA_FILE"]
        return [
            f'[store]\nurl_file = "{file("main.url", self.url("main"))}"\n'
            f'keys_url_file = "{file("keys.url", self.url("keys"))}"\nca_file = "{ca}"\n',
            f'[queue]\nurl_file = "{file("broker.url", os.environ["AMAAN_QUEUE_URL"])}"\nca_file = "{ca}"\n'
            f'prefix = "{self.prefix}"\nlength_max = {LENGTH_MAX}\n',
        ]

    def psql_file(self, path, database):
        name = next(name for name in self.databases if name.endswith(database))
        return self.psql(text(path), name)


WIRINGS = {"servers": Servers, "sqlite": Sqlite}


class Hub:
    """One hub on one wiring, started and stopped as often as is asked."""

    def __init__(self, folder, wiring, issuer_url, sink_url, paused, certificate=None):
        self.folder, self.port, self.process = folder, free_port(), None
        self.certificate, name = certificate, "hub-tls" if certificate else "hub"
        self.log, self.file = (os.path.join(folder, f"{name}.{kind}") for kind in ("log", "toml"))
        self.starts, self.has_broker = 0, wiring.has_broker
        credential = secret_file(os.path.join(folder, "credential"), SECRET)
        parts = [
            f'[hub]\nname = "{HUB_NAME}"\ndata = "{folder}/data"\nlisten = "127.0.0.1:{self.port}"\n',
            f'[keys]\nroot_key_file = "{folder}/root.key"\nledger_key_file = "{folder}/ledger.key"\n',
            f'[[issuers]]\nissuer = "{issuer_url}"\naudience = "{HUB_NAME}"\n',
            client_rows(issuer_url),
            '[observability]\nlog_filter = "warn"\n',
            # A load is no agency's day: what is measured is the hub, not its token buckets.
            "[limits]\n" + "".join(
                f"{name}_per_minute = 1000000\n"
                for name in ("reads", "writes", "intake", "emergencies", "identity_checks", "person_requests")),
            "reads_per_day = 1000000000\nreads_per_day_of_agency = 1000000000\n"
            "children_per_day = 1000000000\nchildren_per_day_of_agency = 1000000000\n",
        ]
        parts += [f'[endpoints.{agency}]\nurl = "{sink_url}"\ncredential_file = "{credential}"\n'
                  for agency in ("nccia", "laja", "cpi")]
        parts += ["[delivery]\npaused = true\n"] if paused else []
        parts += [certificate.configuration()] if certificate else []
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("\n".join(parts + wiring.configuration()))

    def start(self):
        """Milliseconds until it answered that it is ready."""
        keys = [] if self.starts else ["--make-keys"]
        self.starts += 1
        command = [hub(), "serve", "--config", self.file, *keys]
        started = time.monotonic()
        self.process = run(command, self.log, env=plain_environment())
        return await_ready(self, "/readyz", started)

    def stop(self):
        stop(self.process, signal.SIGINT)

    def memory_mb(self):
        return memory_mb(self.process.pid)

    def peak_mb(self):
        return peak_mb(self.process.pid)

    def connection(self):
        place = ("127.0.0.1", self.port)
        if self.certificate:
            return http.client.HTTPSConnection(*place, timeout=10, context=self.certificate.context)
        return http.client.HTTPConnection(*place, timeout=10)

    def counted(self):
        """Its counters by name and labels, as /metrics shows them."""
        connection = self.connection()
        connection.request("GET", "/metrics")
        rows = connection.getresponse().read().decode().splitlines()
        connection.close()
        parsed = (row.rpartition(" ") for row in rows if row and not row.startswith("#"))
        return {series: float(value) for series, _, value in parsed}


def total(counters, metric, label=""):
    """All series of a metric together, or those with a label."""
    wanted = re.compile(rf"{metric}(\{{.*\}})?$")
    return sum(value for series, value in counters.items() if wanted.match(series) and label in series)


def await_ready(server, path, started):
    """Milliseconds since then until the server answers 200 there."""
    while time.monotonic() - started < READY_SECONDS_MAX:
        if answers(server.port, path, getattr(server, "certificate", None)):
            return (time.monotonic() - started) * 1000
        if server.process.poll() is not None:
            break
        time.sleep(LOOK_SECONDS)
    raise Broken(f"{os.path.basename(server.log)}: it did not get ready: {text(server.log)[-800:]}")


def answers(port, path, certificate=None):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            if certificate:
                line = certificate.context.wrap_socket(line, server_hostname="127.0.0.1")
            line.sendall(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
            return line.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
