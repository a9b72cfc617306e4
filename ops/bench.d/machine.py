"""What a measurement ran on, for whoever reads it later: processor, load, versions. None of it is judged."""

import json
import os
import re
import subprocess

from common import text


def processor():
    names = re.findall(r"^model name\s*: (.*)$", text("/proc/cpuinfo"), re.M)
    return names[0] if names else "unknown"


def memory_gib():
    found = re.search(r"^MemTotal:\s*(\d+)", text("/proc/meminfo"), re.M)
    return round(int(found.group(1)) / 1024 / 1024, 1) if found else None


def load_average():
    return [round(each, 2) for each in os.getloadavg()]


def said(*command, pattern=r"(\d+(?:\.\d+)+)"):
    """The first version number that a command prints; none where it cannot be asked."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(pattern, done.stdout)
    return found.group(1) if found else None


def package_version(folder, name):
    try:
        with open(os.path.join(folder, "node_modules", name, "package.json"), encoding="utf-8") as file:
            return json.load(file)["version"]
    except OSError:
        return None


def describe(node, peer_folder):
    """Once for each run."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gib": memory_gib(),
        "kernel": os.uname().release,
        "postgresql": said(os.environ["AMAAN_POSTGRES_CTL"], "psql", "-Atc", "SHOW server_version"),
        "rabbitmq": said(os.environ["AMAAN_RABBITMQ_CTL"], "run", "version"),
        "node": said(node, "--version"),
        "fastify": package_version(peer_folder, "fastify"),
        "rustc": said("rustc", "--version"),
    }
