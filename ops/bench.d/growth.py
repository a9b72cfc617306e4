"""ops/bench growth: does anything cost more once millions of referrals are stored?

    ops/bench growth [--rows N] [--wiring sqlite|servers] [--seconds N] [--rounds N] [--keep DIR] [--json]
                     [--verbose] [--profile dist|release] [--no-build]

On each wiring it makes two stores through the store's own door: a small one of a thousand referrals, which
stands for the empty one (an empty list has nothing to list), and one of N (1,000,000 unless said otherwise),
with states as after a year of work and bodies as small as a valid message can be. Then the same hub is
measured on both in turns: start, pages of the list, histories, proofs, dead letters, accepting on 64
connections; and `amaan audit verify` beside a bare reading of the same entries with SHA-256.
The loader says what it makes and what disk it needs, and refuses where that is not free. Fill and measurement
of a million take about half an hour for each wiring; of ten million measure one wiring at a time.
--keep DIR leaves the large store in DIR (its databases on the servers of the environment) and takes it, or
grows it, the next time. Everything else is removed at the end.
Exit codes: 0 measured (a figure that falls short is no failure), 1 could not measure, 2 usage.
AMAAN_BENCH_BIN names a folder with built programs; then nothing is built.
"""

import argparse
import json
import os
import shutil
import sys
import traceback

import growth_table
import growth_turns as turns
import machine
import messages
import programs
from believed import Believed
from common import Broken, free_port
from filled import Filled
from house import WIRINGS
from load import Driver
from programs import Phase
from sink import Sink
from standing import Standing

ROWS, SMALL_ROWS = 1_000_000, 1_000
BOUNDS = {"rows": (2_000, 20_000_000), "seconds": (1, 60), "rounds": (1, 9)}


def arguments(words):
    verbatim = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("ops/bench growth", description=__doc__, formatter_class=verbatim)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"referrals in the large store ({ROWS})")
    parser.add_argument("--wiring", choices=sorted(WIRINGS), help="only this one")
    parser.add_argument("--seconds", type=int, default=5, help="of load in each round (5)")
    parser.add_argument("--rounds", type=int, default=3, help="of load on each store, in turns (3)")
    parser.add_argument("--keep", metavar="DIR", help="keep the large store there, and take it from there")
    parser.add_argument("--json", action="store_true", help="one object for each wiring and size")
    parser.add_argument("--verbose", action="store_true", help="each measurement to stderr when it is done")
    parser.add_argument("--no-build", action="store_true", help="measure what is built already")
    programs.add_profile(parser)
    asked = parser.parse_args(words)
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(asked, name) <= most:
            parser.error(f"--{name} is from {least} to {most}")
    return asked


class Growth:
    """One wiring's measurement."""

    def __init__(self, asked, standing, name):
        self.asked, self.standing, self.name = asked, standing, name
        self.folder = os.path.join(programs.HERE, f"growth-{name}-{os.getpid()}")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder, mode=0o700)
        files = messages.write(self.folder)
        self.issuer, self.sink = Believed(self.folder), Sink(self.folder, free_port())
        self.driver = Driver(standing, self.issuer, files)
        self.stores = []

    def filled(self, name, rows, folder=None):
        """A store with so many referrals, and its hub, which does not run."""
        kept = folder is not None
        folder = folder or os.path.join(self.folder, name)
        keys = self.stores[0] if self.stores else None
        store = Filled(folder, self.name, self.issuer.url, self.sink.url, kept, keys)
        self.stores.append(store)
        store.fill(rows, self.standing.folder)
        return store

    def measure(self):
        """Both stores' figures, small and large."""
        small = self.filled("small", SMALL_ROWS)
        keep = self.asked.keep and os.path.join(os.path.abspath(self.asked.keep), self.name)
        large = self.filled("large", self.asked.rows, keep)
        told = {"small": {"rows": SMALL_ROWS}, "large": {"rows": self.asked.rows}}
        for key, store in (("small", small), ("large", large)):
            told[key]["fill"] = store.made
        self.into(told, "starts", turns.starts, small, large)
        self.into(told, "reads", turns.reads, self.issuer, small, large)
        self.into(told, "verify", turns.verify, small, large)
        fresh = [self.filled(f"round-{number}", SMALL_ROWS) for number in range(self.asked.rounds)]
        self.into(told, "accepts", turns.accepts, self.driver, fresh, large, self.asked.seconds)
        return told

    def into(self, told, what, act, *words):
        with Phase(f"{self.name}: {what}"):
            told["small"][what], told["large"][what] = act(*words)
        if self.asked.verbose:
            print(json.dumps({size: told[size][what] for size in told}), file=sys.stderr)

    def close(self, keep_logs):
        for store in self.stores:
            store.hub.stop()
        self.sink.stop()
        for store in self.stores:
            store.close(keep_logs)
        self.issuer.close()
        if not keep_logs:
            shutil.rmtree(self.folder, ignore_errors=True)


def one_wiring(asked, standing, name):
    growth, whole = Growth(asked, standing, name), False
    try:
        told = turns.figures(name, growth.measure())
        whole = True
        return told
    finally:
        growth.close(keep_logs=not whole)
        if not whole:
            print(f"logs are kept in {growth.folder}", file=sys.stderr)


def run(asked):
    programs.build(not asked.no_build, asked.profile)
    standing = Standing()
    try:
        told = {"machine": machine.describe("node", programs.HERE), "measured": programs.measured(),
                "load_before": machine.load_average()}
        names = [asked.wiring] if asked.wiring else ["sqlite", "servers"]
        told["wirings"] = [one_wiring(asked, standing, name) for name in names]
        told["load_after"] = machine.load_average()
    finally:
        standing.close()
    return told


def main(words):
    asked = arguments(words)
    try:
        told = run(asked)
    except Exception as fault:  # Whatever it was, nothing was measured.
        print(fault if isinstance(fault, Broken) else traceback.format_exc(), file=sys.stderr)
        return 1
    if asked.json:
        context = {name: told[name] for name in ("machine", "measured", "load_before", "load_after")}
        for size in (size for wiring in told["wirings"] for size in wiring):
            print(json.dumps({**size, **context}))
    else:
        growth_table.print_all(told)
    return 0
