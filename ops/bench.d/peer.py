"""The peer: installs and runs `peers/fastify`, the service that the hub is measured beside."""

import hashlib
import os
import shutil
import signal
import subprocess
import time

from common import HUB_NAME, ROOT, Broken, free_port
from house import await_ready
from programs import HERE, Phase, plain_environment, run, stop
from usage import memory_mb, peak_mb

SOURCE = os.path.join(ROOT, "ops", "bench.d", "peers", "fastify")
PLACE = os.path.join(HERE, "fastify")
SCHEMA = os.path.join(ROOT, "schemas", "messages", "referral.request", "v1.schema.json")
NODE_MAJOR_MIN = 22
INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]


def install():
    """A copy of its sources with their packages, made once for each lock file."""
    os.makedirs(PLACE, exist_ok=True)
    for name in os.listdir(SOURCE):
        shutil.copy(os.path.join(SOURCE, name), PLACE)
    omit = ["--omit=optional"] if system_node_fits() else []
    with open(os.path.join(SOURCE, "package-lock.json"), "rb") as file:
        wanted = hashlib.sha256(file.read() + repr(omit).encode()).hexdigest()
    mark = os.path.join(PLACE, "installed")
    if os.path.exists(mark) and open(mark, encoding="utf-8").read() == wanted:
        return
    with Phase("fetching the peer's packages from the npm registry"):
        fetch([*INSTALL, *omit])
    with open(mark, "w", encoding="utf-8") as file:
        file.write(wanted)


def fetch(command):
    """Up to three times: a registry has its moments."""
    for pause in (10, 20, None):
        done = subprocess.run(command, cwd=PLACE, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if pause is None:
            raise Broken(f"`npm ci` failed three times in {PLACE}: {done.stderr[-500:]}")
        time.sleep(pause)


def system_node_fits():
    """The machine's own Node, where it is as new as the one that comes with the packages."""
    try:
        told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
        return int(told.removeprefix("v").split(".")[0]) >= NODE_MAJOR_MIN
    except (OSError, ValueError):
        return False


def node():
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(os.uname().machine, "none")
    own = os.path.join(PLACE, "node_modules", f"node-linux-{machine}", "bin", "node")
    return own if os.path.exists(own) else "node"


class Peer:
    """One peer on a database and a queue of its own, started and stopped as often as is asked."""

    def __init__(self, folder, servers, issuer):
        self.folder, self.servers, self.issuer = folder, servers, issuer
        self.port, self.process = free_port(), None
        self.log, self.queue = os.path.join(folder, "fastify.log"), f"{servers.prefix}.peer"
        servers.psql_file(os.path.join(SOURCE, "schema.sql"), "peer")

    def start(self):
        """Milliseconds until it answered that it is well."""
        environment = plain_environment(
            NODE_ENV="production", PORT=str(self.port), DATABASE_URL=self.servers.url("peer"),
            BROKER_URL=os.environ["AMAAN_QUEUE_URL"], QUEUE=self.queue, CA_FILE=os.environ["AMAAN_CA_FILE"],
            ISSUER=self.issuer.url, JWKS_URL=f"{self.issuer.url}/jwks.json", AUDIENCE=HUB_NAME,
            SCHEMA_FILE=SCHEMA)
        started = time.monotonic()
        self.process = run([node(), "server.mjs"], self.log, cwd=PLACE, env=environment)
        return await_ready(self, "/healthz", started)

    def stop(self):
        stop(self.process, signal.SIGTERM)

    def memory_mb(self):
        return memory_mb(self.process.pid)

    def peak_mb(self):
        return peak_mb(self.process.pid)
