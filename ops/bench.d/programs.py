"""The programs under measure and those that measure, as the release build made them, and how they are run.
It starts nothing by itself. AMAAN_BENCH_BIN names a folder with the built programs; then nothing is built.
"""

import json
import os
import subprocess
import sys
import time

from common import ROOT, TARGET, Broken

BIN = os.environ.get("AMAAN_BENCH_BIN") or os.path.join(TARGET, "release")
HUB, TOOL = os.path.join(BIN, "amaan"), os.path.join(BIN, "amaan-bench")
BUILD = ["cargo", "build", "--locked", "--release", "-p", "amaan", "-p", "bench"]
HERE = os.path.join(TARGET, "ops-bench")
# A tool of ours may take so long beyond the seconds it was asked for.
MARGIN_SECONDS = 120


def build(wanted):
    """Makes the programs anew, unless they were brought along."""
    if wanted and not os.environ.get("AMAAN_BENCH_BIN"):
        with Phase("building the release"):
            if subprocess.run(BUILD, cwd=ROOT, check=False).returncode != 0:
                raise Broken(f"`{' '.join(BUILD)}` failed")
    for program in (HUB, TOOL):
        if not os.access(program, os.X_OK):
            raise Broken(f"{program} is not there: leave --no-build away, or look at AMAAN_BENCH_BIN")


def tool(subcommand, *arguments, seconds=0):
    """What one subcommand of `amaan-bench` measured."""
    command = [TOOL, subcommand, *map(str, arguments)]
    longest = seconds + MARGIN_SECONDS
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=longest, check=False)
    except subprocess.TimeoutExpired:
        raise Broken(f"`amaan-bench {subcommand}` did not end within {longest} s") from None
    if done.returncode != 0:
        raise Broken(f"`amaan-bench {subcommand}` failed: {done.stderr[-400:]}")
    return json.loads(done.stdout.splitlines()[-1])


def plain_environment(**more):
    """Ours, without what would stand over a configuration."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AMAAN_")}
    return {**own, **more}


def run(command, log, **more):
    """A process that runs until it is stopped, its words in a file."""
    with open(log, "ab") as file:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **more)


def stop(process, sign, seconds=60):
    """Asks a process to end, and ends it where it does not."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(sign)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Phase:
    """Tells on stderr what is done, and afterwards how long it took."""

    def __init__(self, what):
        self.what = what

    def __enter__(self):
        self.started = time.monotonic()
        print(f"{self.what} ...", end="", file=sys.stderr, flush=True)

    def __exit__(self, kind, *_):
        how = "broke off" if kind else "done"
        print(f" {how}, {time.monotonic() - self.started:.1f} s", file=sys.stderr, flush=True)
