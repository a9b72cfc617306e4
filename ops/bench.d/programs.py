"""The programs under measure and those that measure, built as they are shipped, and how they are run. It
starts nothing by itself. AMAAN_BENCH_BIN names a folder with the built programs; then nothing is built.
"""

import json
import os
import subprocess
import sys
import time

from common import ROOT, TARGET, Broken

# What is shipped: thin LTO, one codegen unit. `release` is built in half the time.
SHIPPED, QUICK = "dist", "release"
PROFILES = (SHIPPED, QUICK)
ELSEWHERE = os.environ.get("AMAAN_BENCH_BIN")
BUILD = ["cargo", "build", "--locked", "-p", "amaan", "-p", "bench", "--profile"]
HERE = os.path.join(TARGET, "ops-bench")
# A tool of ours may take so long beyond the seconds it was asked for.
MARGIN_SECONDS = 120


class Chosen:
    """Which build is measured."""

    profile = SHIPPED


def add_profile(parser):
    parser.add_argument("--profile", choices=PROFILES, default=SHIPPED,
                        help=f"what is shipped ({SHIPPED}), or {QUICK} for a quick look")


def built(name):
    """Where one of the two programs lies."""
    return os.path.join(ELSEWHERE or os.path.join(TARGET, Chosen.profile), name)


def hub():
    return built("amaan")


def measurer():
    return built("amaan-bench")


def measured():
    """Which build the figures are of, in words."""
    return f"built elsewhere, {ELSEWHERE}" if ELSEWHERE else f"profile {Chosen.profile}"


def announce(profile):
    """A fresh build takes long; nobody shall wonder."""
    if profile == SHIPPED:
        print(f"building the profile {SHIPPED}, which is what is shipped: ten minutes and more where nothing "
              f"is built yet; `--profile {QUICK}` gives a quick look", file=sys.stderr, flush=True)


def build(wanted, profile):
    """Makes the programs anew, unless they were brought along."""
    Chosen.profile = profile
    if wanted and not ELSEWHERE:
        announce(profile)
        with Phase(f"building, {measured()}"):
            if subprocess.run([*BUILD, profile], cwd=ROOT, check=False).returncode != 0:
                raise Broken(f"`{' '.join([*BUILD, profile])}` failed")
    for program in (hub(), measurer()):
        if not os.access(program, os.X_OK):
            raise Broken(f"{program} is not there: leave --no-build away, or look at AMAAN_BENCH_BIN")


def tool(subcommand, *arguments, seconds=0):
    """What one subcommand of `amaan-bench` measured."""
    command = [measurer(), subcommand, *map(str, arguments)]
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
