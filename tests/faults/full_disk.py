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

from common import Broken, lines
from scenarios import REFUSED_BY_MACHINE
from wiring import Sqlite
from world import World

SIZE = "24m"


def fill(path):
    """A file that takes all that is left."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


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
        time.sleep(seconds / 3)
        refused = sum(line["type"] == "info" for line in lines(world.crowd.log.path))
        os.remove(ballast)
        world.fault("mended: the disk has room again")
        time.sleep(seconds / 3)
        alive = world.hubs[0].alive()
        found, run = world.judge()
        if not refused:
            raise Broken("nothing was refused while the disk was full")
        with open(os.path.join(folder, "told"), "w", encoding="utf-8") as told:
            lived = "the hub lived" if alive else "the hub ended and was started again"
            told.write(f"{refused} calls unanswered or 503 while full, {lived}, "
                       f"{len(run.accepted())} referrals accepted")
    for rule, what in found:
        print(f"{rule}: {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
