"""The servers a measurement stands on: those of the environment, else private ones that it starts in
target/ops-bench/services with `ops/services` and stops when it ends.
"""

import os
import shlex
import subprocess

import servers
from common import ROOT, Broken
from programs import HERE, Phase

DIR = os.path.join(HERE, "services")
COMMAND = os.path.join(ROOT, "ops", "services")


class Standing:
    """PostgreSQL and RabbitMQ, up; and which processes they are."""

    def __init__(self):
        self.are_ours = bool(servers.missing())
        if self.are_ours:
            self.up()
        self.folder = os.environ.get("AMAAN_SERVICES_DIR")
        self.postgres = self.process("postgres/data/postmaster.pid")
        self.rabbitmq = self.process("rabbitmq/pid")

    def up(self):
        os.makedirs(DIR, mode=0o711, exist_ok=True)
        with Phase("PostgreSQL and RabbitMQ"):
            done = subprocess.run([COMMAND, "up", "--dir", DIR], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Broken(f"ops/services did not come up: {done.stderr[-500:]}")
        told = subprocess.check_output([COMMAND, "env", "--dir", DIR], text=True)
        for line in told.splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            os.environ[name] = shlex.split(value)[0]

    def process(self, file):
        """The first word of a file with a process number; none where the servers are somebody else's."""
        try:
            with open(os.path.join(self.folder or "", file), encoding="utf-8") as opened:
                return int(opened.read().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def roots(self, app):
        return {"app": app, "postgres": self.postgres, "rabbitmq": self.rabbitmq}

    def close(self):
        if self.are_ours:
            subprocess.run([COMMAND, "down", "--dir", DIR], capture_output=True, check=False)
