"""ops/bench exchange: the whole hub, the machine's limits and the Fastify peer, measured in turns in one run.

    ops/bench exchange [--seconds N] [--runs N] [--hold N] [--connections N] [--wiring W] [--json]
                       [--profile dist|release] [--no-build]
    ops/bench exchange --short          accept and peer on the servers only, about 90 s; reports two ratios

It builds what is shipped (the profile `dist`, ten minutes and more the first time; `--profile release` for a
quick look), starts private PostgreSQL and RabbitMQ (or takes those of the environment, see
ops/docs/services.md), and measures on each wiring: accepting with deliveries paused, at full load and on one
connection; three recipients in one request; refusals; the whole path to endpoints that answer at once, and
the rate at which it keeps up; start and memory; the peer under the same load; bare inserts, queue and HTTP.
Runs come one after another, hub and peer in turns; figures are medians, ratios medians of each run's ratio.
Prints a table with each target of the project, and below it the absolute figures; with --json one object for
each wiring on a line. Progress goes to stderr. Databases and queues are made for the run and removed with it.
Exit codes: 0 measured (a figure that falls short is no failure), 1 could not measure, 2 usage.
AMAAN_BENCH_BIN names a folder with built programs; then nothing is built.
"""

import argparse
import json
import os
import shutil
import sys
import traceback

import accept
import figures
import machine
import messages
import peer
import programs
import table
import whole
from believed import Believed
from common import Broken, free_port
from house import WIRINGS, Hub, Servers
from limits import Limits
from load import Driver
from programs import Phase
from sink import Sink
from standing import Standing
from tls import Certificate

STARTS = 3
# The short form: one run of both, long enough for the kernel's hundredths of a second.
SHORT = {"seconds": 8, "runs": 2, "wiring": "servers"}
BOUNDS = {"seconds": (1, 120), "runs": (1, 20), "hold": (5, 200), "connections": (1, 512)}


def arguments(words):
    verbatim = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("ops/bench exchange", description=__doc__, formatter_class=verbatim)
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement (5)")
    parser.add_argument("--runs", type=int, default=3, help="medians of so many (3)")
    parser.add_argument("--hold", type=int, default=60, help="seconds of the steady rate (60)")
    parser.add_argument("--connections", type=int, default=64, help="at full load (64)")
    parser.add_argument("--wiring", choices=sorted(WIRINGS), help="only this one")
    parser.add_argument("--short", action="store_true", help="accept and peer on the servers only")
    parser.add_argument("--json", action="store_true", help="one object for each wiring, no table")
    parser.add_argument("--no-build", action="store_true", help="measure what is built already")
    programs.add_profile(parser)
    asked = parser.parse_args(words)
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(asked, name) <= most:
            parser.error(f"--{name} is from {least} to {most}")
    if asked.short:
        vars(asked).update(SHORT)
    return asked


class Exchange:
    """One wiring's measurement: its folder, its servers, its hubs, its peer."""

    def __init__(self, asked, standing, name):
        self.asked, self.name = asked, name
        self.folder = os.path.join(programs.HERE, f"exchange-{name}-{os.getpid()}")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder, mode=0o700)
        self.files = messages.write(self.folder)
        self.issuer, self.sink = Believed(self.folder), Sink(self.folder, free_port())
        self.driver = Driver(standing, self.issuer, self.files, asked.short)
        # The peer stands on PostgreSQL and RabbitMQ whatever the hub stands on.
        self.servers = [Servers(self.subfolder("paused"))]
        self.peer = peer.Peer(self.folder, self.servers[0], self.issuer)
        self.hubs, self.certificate = [], Certificate(self.folder)

    def subfolder(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(path, mode=0o700, exist_ok=True)
        return path

    def hub(self, name, paused):
        """A hub on an empty store, made ready for its turns."""
        folder = self.subfolder(name)
        if self.name == "sqlite":
            wiring = WIRINGS["sqlite"](folder)
        elif paused:
            wiring = self.servers[0]
        else:
            wiring = Servers(folder)
            self.servers.append(wiring)
        self.hubs.append(Hub(folder, wiring, self.issuer.url, self.sink.url, paused))
        with Phase(f"{self.name}: an empty store, {name}"):
            self.hubs[-1].start()
            self.hubs[-1].stop()
        return self.hubs[-1]

    def measure(self):
        """All that was asked for, run by run."""
        hub = self.hub("paused", paused=True)
        limits = Limits(self.folder, self.name, self.files["each"], self.asked.connections)
        runs = [self.turns(hub, limits, number) for number in range(self.asked.runs)]
        told = {"runs": runs}
        if not self.asked.short:
            told["starts"] = self.phase("starts with all that in the store", accept.starts, hub, STARTS)
            told["whole"], told["held"] = self.whole_path()
        return told

    def turns(self, hub, limits, number):
        """One run: the hub's turn, the peer's turn, the limits."""
        asked, title = self.asked, f"run {number + 1} of {self.asked.runs}"
        for_all = (self.driver, hub, asked.seconds, asked.connections)
        told = {"hub": self.phase(f"{title}: the hub accepts", accept.hub_turn, *for_all)}
        if not asked.short:
            told["paths"] = self.phase(f"{title}: one connection, refusals", accept.paths, *for_all)
        hub.stop()
        if not asked.short:
            told["tls"] = self.over_tls(hub, title)
        told["peer"] = self.phase(f"{title}: the peer", accept.peer_turn, self.driver, self.peer,
                                  asked.seconds, asked.connections)
        self.peer.stop()
        told["limits"] = {} if asked.short else self.phase(f"{title}: limits", limits.measure, asked.seconds)
        return told

    def over_tls(self, plain, title):
        """The hub once more, on the same store, behind TLS."""
        wiring = self.servers[0] if plain.has_broker else WIRINGS["sqlite"](plain.folder)
        hub = Hub(plain.folder, wiring, self.issuer.url, self.sink.url, True, self.certificate)
        hub.starts = plain.starts
        self.hubs.append(hub)
        told = self.phase(f"{title}: the hub over TLS", accept.tls_turn, self.driver, hub,
                          self.asked.seconds, self.asked.connections)
        hub.stop()
        return told

    def whole_path(self):
        asked = self.asked
        hub = self.hub("delivering", paused=False)
        hub.start()
        self.driver.warm(hub, asked.connections)
        bursts = [self.phase(f"whole path {number + 1} of {asked.runs}", whole.burst, self.driver, hub,
                             asked.seconds, asked.connections) for number in range(asked.runs)]
        pace = figures.median([each["whole_per_s"] for each in bursts])
        held = self.phase("a rate that it keeps up with", whole.held, self.driver, hub, asked.seconds,
                          asked.hold, asked.connections, pace)
        hub.stop()
        return bursts, held

    def phase(self, what, act, *words):
        with Phase(f"{self.name}: {what}"):
            return act(*words)

    def close(self, keep):
        for server in [*self.hubs, self.peer, self.sink]:
            server.stop()
        for wiring in self.servers:
            wiring.close()
        self.issuer.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def one_wiring(asked, standing, name):
    """The figures of one wiring; its folder stays where it broke off."""
    exchange, whole_run = Exchange(asked, standing, name), False
    try:
        told, whole_run = exchange.measure(), True
        return figures.of(name, told)
    finally:
        exchange.close(keep=not whole_run)
        if not whole_run:
            print(f"logs are kept in {exchange.folder}", file=sys.stderr)


def run(asked):
    programs.build(not asked.no_build, asked.profile)
    standing = Standing()
    try:
        peer.install()
        told = {"machine": machine.describe(peer.node(), peer.PLACE), "measured": programs.measured(),
                "load_before": machine.load_average()}
        names = [asked.wiring] if asked.wiring else ["servers", "sqlite"]
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
        for each in told["wirings"]:
            print(json.dumps({**each, **context}))
    elif asked.short:
        table.print_short(told)
    else:
        table.print_all(told)
    return 0
