#!/usr/bin/env python3
"""The disk is full, and then it is not. Started by `scenarios.disk_full` under `unshare -rm`.

    full_disk.py FOLDER SEED SECONDS

Findings stand on stdout, one on each line as `rule: text`; exit code 77 where mounting is refused. It mounts
a tmpfs in a mount namespace of its own, and nothing of it is left afterwards.
"""

import os
import subprocess
import sys
import time

from common import text, wait_until
from scenarios import REFUSED_BY_MACHINE
from wiring import Sqlite
from world import World

# The two databases' logs grow to 16 and 10 MB in some seconds, each database by half a megabyte in each: full by
# itself, the disk would be full again after it was mended.
SIZE = "64m"
# People send some referrals a second, and what the store has room for inside its files is soon used.
REFUSED_SECONDS_MAX = 60


def fill(path):
    """A file that takes all that is left."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


def refusals(world):
    """Calls with 503 or without an answer."""
    return text(world.crowd.log.path).count('"type": "info"')


def main():
    folder, seed, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    small = os.path.join(folder, "small")
    os.makedirs(small, exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", small],
                             capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        print(mounted.stderr.strip(), file=sys.stderr)
        return REFUSED_BY_MACHINE
    data = os.path.join(small, "data")
    with World(os.path.join(folder, "run"), seed, Sqlite, data=data) as world:
        world.start()
        time.sleep(seconds / 3)
        ballast = os.path.join(small, "ballast")
        fill(ballast)
        world.fault("the disk is full")
        before = refusals(world)
        wait_until("a call to be refused on a full disk", lambda: refusals(world) > before,
                   REFUSED_SECONDS_MAX, 0.2)
        time.sleep(seconds / 3)
        refused = refusals(world) - before
        os.remove(ballast)
        world.fault("mended: the disk has room again")
        time.sleep(seconds / 3)
        alive = world.hubs[0].alive()
        found, run = world.judge()
        with open(os.path.join(folder, "told"), "w", encoding="utf-8") as told:
            lived = "the hub lived" if alive else "the hub ended and was started again"
            told.write(f"{refused} calls unanswered or 503 while full, {lived}, "
                       f"{len(run.accepted())} referrals accepted")
    for rule, what in found:
        print(f"{rule}: {' '.join(what.split())}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
