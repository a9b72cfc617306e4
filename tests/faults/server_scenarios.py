"""Scenarios of the large wiring: the broker stopped, killed, its data deleted, restarted between publish and
confirm, giving back and refusing; consumers cut off after the agency answered; the database killed in the
middle of commits; the lines to both bent or silent; two hubs, one killed. All else is in `scenarios.py`.
"""

import random
import time

from common import Broken, wait_until
from scenarios import STEPS, erasures, failpoint, kills, misbehaving, random_kills, silent
from servers import broker_ctl, database_ctl
from world import World

LINE_FAULTS = ("delay", "cut", "corrupt", "half-open", "black-hole", "refuse")
CONNECTED = 2
FLOWING_SECONDS_MAX = 40
# Longer than a slow agency needs.
ANSWERED_SECONDS = 2


def published(world):
    return sum(hub.counted("amaan_queue_published_total") for hub in world.hubs if hub.alive())


def flowing(world):
    """Until each hub has its connections to the broker, and messages go through it."""
    before = published(world)

    def flows():
        connected = all(hub.counted("amaan_queue_state") == CONNECTED for hub in world.hubs)
        return connected and published(world) > before

    wait_until("messages to go through the broker", flows, FLOWING_SECONDS_MAX, 0.2)


def broker(folder, seed, seconds=12, count=4, **wired):
    """The broker goes away in four ways, or some of them; intake goes on, and nothing is lost even with its data
    deleted."""
    ways = {
        "stopped": ["stop", None, "start"], "killed": ["kill", None, "start"], "restarted": ["restart"],
        "data deleted": ["stop", "wipe", None, "start"],
    }
    with World(folder, seed, hubs=2, **wired) as world:
        world.start()
        flowing(world)
        chosen = random.Random(f"{seed}/broker").sample(list(ways), count)
        for what in chosen:
            for act in ways[what]:
                if act is None:
                    time.sleep(seconds / 6)
                else:
                    broker_ctl(act)
            world.fault(f"broker {what}")
            time.sleep(seconds / 8)
        found, run = world.judge()
        return found + accepted_meanwhile(run), run, f"broker {', '.join(chosen)}"


def accepted_meanwhile(run):
    """Principle 6: the broker's absence closes no intake."""
    if any(line["status"] == 503 for line in run.answered("submit", "info")):
        return [("C11", "intake was refused while only the broker was away")]
    return []


def unconfirmed(folder, seed, seconds=10, **wired):
    """The broker restarts, then dies, with messages it has and whose confirm no hub has seen."""
    with World(folder, seed, hubs=2, **wired) as world:
        world.start()
        line = world.wiring.proxies["broker"]
        for act in ("restart", "kill"):
            flowing(world)
            time.sleep(seconds / 5)
            line.held = {"answered"}
            wait_until("messages at the broker without a confirm", world.wiring.messages, 30)
            broker_ctl(act)
            line.cut_what_is_held()
            if act == "kill":
                broker_ctl("start")
            world.fault(f"broker {act} between publish and confirm")
        time.sleep(seconds / 5)
        found, run = world.judge()
        return found + accepted_meanwhile(run), run, "broker restarted and killed between publish and confirm"


def unacknowledged(folder, seed, seconds=12, **wired):
    """The consumers' line breaks after agencies answered and before the broker was told."""
    with World(folder, seed, hubs=1, **wired) as world:
        world.start()
        line = world.wiring.proxies["broker"]
        world.misbehave(slow=100)
        for _ in range(3):
            flowing(world)
            time.sleep(seconds / 6)
            line.held = {"asked"}
            time.sleep(ANSWERED_SECONDS)
            line.cut_what_is_held()
            world.fault("consumer cut off after the answer")
        flowing(world)
        again = world.hubs[0].counted("amaan_queue_redelivered_total")
        if not again:
            raise Broken("the broker brought nothing again: no acknowledgement was lost")
        found, run = world.judge()
        return found, run, f"3 cuts, {again:.0f} parcels brought again"


def unroutable(folder, seed, seconds=10, **wired):
    """Queues deleted and unbound under the publisher (returned), then full and refusing (nacked)."""
    with World(folder, seed, hubs=1, **wired) as world:
        world.start()
        flowing(world)
        returned = given_back(world, seconds)
        refused(world, seconds, lambda: nacked(world))
        if not returned:
            raise Broken("no message was given back: the fault did not come about")
        told = f"{returned:.0f} messages given back, {nacked(world):.0f} refused"
        found, run = world.judge()
        return found, run, told


def given_back(world, seconds):
    """How many publishes the broker gave back."""
    world.wiring.delete_queues()
    world.fault("queues deleted")
    flowing(world)
    for _ in range(2):
        time.sleep(seconds / 6)
        world.wiring.unbind()
        world.fault("queues unbound")
        flowing(world)
    return world.hubs[0].counted("amaan_queue_returned_total")


def nacked(world):
    """How many publishes the broker refused."""
    return world.hubs[0].counted("amaan_queue_nacked_total")


def refused(world, seconds, came):
    """The broker refuses for so long, and on until that came about. Agencies are slow meanwhile, because a
    queue is full only when something lies in it, and nothing does while a worker has a hand free."""
    before = [(office, office.faults) for office in world.offices.values()]
    world.misbehave(slow=100)
    world.wiring.refuse()
    time.sleep(seconds * 2 / 3)
    wait_until("the broker to refuse a message", came, FLOWING_SECONDS_MAX, 0.2)
    world.wiring.accept()
    for office, faults in before:
        office.faults = faults
    world.fault("queues full")


def database(folder, seed, seconds=12, **wired):
    """PostgreSQL killed and restarted in the middle of commits; no answer but 503 meanwhile."""
    dice = random.Random(f"{seed}/database")
    with World(folder, seed, hubs=2, **wired) as world:
        world.start()
        line = world.wiring.proxies["database"]
        for act in ("kill", "restart", "restart", "kill"):
            time.sleep(seconds / 6 + dice.random())
            if dice.random() < 0.5:
                # COMMIT arrives, and its answer does not. Nor does any on a new connection until the database
                # is back; but who waits now is cut off, because a restart may take longer than any answer may.
                line.held = {"answered"}
                time.sleep(dice.uniform(0.05, 0.5))
                line.cut_all()
            database_ctl(act)
            line.cut_what_is_held()
            if act == "kill":
                time.sleep(dice.random())
                database_ctl("start")
            world.fault(f"database {act}")
        time.sleep(seconds / 5)
        found, run = world.judge()
        return found, run, "database killed twice and restarted twice"


def lines(folder, seed, seconds=18, only=("database", "broker"), **wired):
    """The lines to database and broker misbehave in each way."""
    with World(folder, seed, hubs=2, **wired) as world:
        world.start()
        for name in only:
            proxy = world.wiring.proxies[name]
            for mode in LINE_FAULTS:
                proxy.mode, proxy.share = mode, 0.5
                proxy.cut_all()
                world.fault(f"line to the {name} {mode}")
                time.sleep(seconds / 12)
            proxy.mode = "pass"
            proxy.cut_all()
            world.fault(f"mended: line to the {name}")
        found, run = world.judge()
        return found, run, f"{len(LINE_FAULTS)} faults on the line to {' and '.join(only)}"


def two_hubs(folder, seed, seconds=12, steps=3, **wired):
    """Two hubs on one store; one dies at a step, the other goes on."""
    dice = random.Random(f"{seed}/two")
    with World(folder, seed, hubs=2, **wired) as world:
        world.start()
        for step in dice.sample(STEPS, steps):
            hub = world.hubs[1]
            hub.kill()
            hub.start(failpoint(step, dice), ready=False)
            world.wait_for_kill(hub, step)
            time.sleep(seconds / 12)
        found, run = world.judge()
        return found, run, f"{world.kills} kills of one hub of two"


# Name, what, for how many seconds the short form has to have room, and how it is run there.
SHORT = [
    ("broker", broker, 75, {"seconds": 8, "count": 2}), ("unconfirmed", unconfirmed, 75, {"seconds": 6}),
    ("unacknowledged", unacknowledged, 40, {"seconds": 8}), ("unroutable", unroutable, 30, {"seconds": 6}),
    ("database", database, 80, {"seconds": 8}), ("two-hubs", two_hubs, 80, {}),
    ("kills", kills, 80, {"steps": 5}), ("erasures", erasures, 80, {}), ("misbehaving", misbehaving, 40, {}),
    ("lines", lines, 75, {"seconds": 12, "only": ("broker",)}),
]
LONG = [
    ("broker", broker, {}), ("unconfirmed", unconfirmed, {}), ("unacknowledged", unacknowledged, {}),
    ("unroutable", unroutable, {}), ("database", database, {}), ("two-hubs", two_hubs, {"steps": len(STEPS)}),
    ("kills", kills, {}), ("lines", lines, {"seconds": 48}), ("misbehaving", misbehaving, {}),
    ("silent", silent, {}), ("random-kills", random_kills, {"seconds": 30, "hubs": 2}),
    ("erasures", erasures, {"seconds": 60}),
]
