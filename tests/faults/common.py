"""What every part of the fault tests needs: where things are, logs that survive a kill, ports, waiting.

Not a test and not a scenario; `ops/faults` is the command.
"""

import json
import os
import random
import socket
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
PROGRAM = os.path.join(TARGET, "debug", "amaan-planted")
HUB_NAME = "faults.amaan.test"
# Below all that the system gives to whoever connects or listens on any port: those are taken at any moment.
PORTS = range(10_000, 20_000)
PORT_TRIES_MAX = 1000


class Broken(Exception):
    """The run itself did not come about: nothing is said about the hub."""


class Log:
    """JSON lines, appended and fsynced one by one: what stands here happened, whatever died afterwards."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.file = open(path, "ab", buffering=0)

    def write(self, **line):
        line["t"] = time.monotonic()
        with self.lock:
            self.file.write(json.dumps(line).encode() + b"\n")
            os.fsync(self.file.fileno())

    def close(self):
        self.file.close()


def lines(path):
    """The JSON lines of a log; none where there is no file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def text(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def free_port():
    """A port nobody listens on, for a program that listens there later, and again after each kill."""
    for _ in range(PORT_TRIES_MAX):
        port = random.SystemRandom().choice(PORTS)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Broken(f"no free port in {PORT_TRIES_MAX} tries from {PORTS.start} on")


def wait_until(what, condition, seconds, every=0.05):
    """Waits for a condition; its value. Broken where it does not come."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise Broken(f"waited {seconds} s in vain for {what}")
        time.sleep(every)


def secret_file(path, content):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(content + "\n")
    return path
