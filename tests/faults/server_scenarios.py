"""Scenarios of the large wiring: the broker stopped, killed, its data deleted, its queues deleted or full;
the database killed in the middle of commits; the lines to both cut, bent, silent; two hubs, one killed.
"""

import random
import time

from scenarios import failpoint, kills
from servers import broker_ctl, database_ctl
from world import World

LINE_FAULTS = ("delay", "cut", "corrupt", "half-open", "black-hole", "refuse")


def broker(folder, seed, seconds=12, **wired):
    """The broker goes away in four ways; intake goes on, and nothing is lost even with its data deleted."""
    ways = {
        "stopped": [("stop",), None, ("start",)],
        "killed": [("kill",), None, ("start",)],
        "restarted": [("restart",)],
        "data deleted": [("stop",), ("wipe",), None, ("start",)],
    }
    with World(folder, seed, hubs=2, **wired) as world:
        world.start()
        for what, acts in ways.items():
            for act in acts:
                if act is None:
                    time.sleep(seconds / 6)
                else:
                    broker_ctl(*act)
                    world.fault(f"broker {what}: {act[0]}")
            time.sleep(seconds / 8)
        found, run = world.judge()
        return found + accepted_meanwhile(run), run, "broker stopped, killed, restarted, its data deleted"


def accepted_meanwhile(run):
    """Principle 6: the broker's absence closes no intake."""
    if any(line["status"] == 503 for line in run.answered("submit", "info")):
        return [("C11", "intake was refused while only the broker was away")]
    return []


def unroutable(folder, seed, seconds=10, **wired):
    """Queues deleted under the publisher (returned), then full and refusing (nacked)."""
    with World(folder, seed, hubs=1, **wired) as world:
        world.start()
        time.sleep(seconds / 5)
        for name in world.wiring.queues():
            broker_ctl("run", "delete_queue", name, wanted=False)
        world.fault("queues deleted")
        time.sleep(seconds / 3)
        policy = '{"max-length": 1, "overflow": "reject-publish"}'
        broker_ctl("run", "set_policy", "faults", f"^{world.wiring.prefix}", policy, "--apply-to", "queues")
        world.fault("queues refuse")
        time.sleep(seconds / 3)
        broker_ctl("run", "clear_policy", "faults")
        found, run = world.judge()
        return found, run, "queues deleted, then refusing"


def database(folder, seed, seconds=12, **wired):
    """PostgreSQL killed and restarted in the middle of commits; no answer but 503 meanwhile."""
    dice = random.Random(f"{seed}/database")
    with World(folder, seed, hubs=2, **wired) as world:
        world.start()
        for act in ("kill", "restart", "kill"):
            time.sleep(seconds / 5 + dice.random())
            database_ctl(act)
            if act == "kill":
                time.sleep(dice.random())
                database_ctl("start")
            world.fault(f"database: {act}")
        time.sleep(seconds / 5)
        found, run = world.judge()
        return found, run, "database killed twice and restarted"


def lines(folder, seed, seconds=18, **wired):
    """The lines to database and broker misbehave in each way."""
    with World(folder, seed, hubs=2, **wired) as world:
        world.start()
        for name, proxy in world.wiring.proxies.items():
            for mode in LINE_FAULTS:
                proxy.mode, proxy.share = mode, 0.5
                proxy.cut_all()
                world.fault(f"line to the {name}: {mode}")
                time.sleep(seconds / 12)
            proxy.mode = "pass"
            proxy.cut_all()
            world.fault(f"line to the {name}: mended")
        found, run = world.judge()
        return found, run, f"{len(LINE_FAULTS)} faults on each line"


def two_hubs(folder, seed, seconds=12, **wired):
    """Two hubs on one store; one dies at a step, the other goes on."""
    dice = random.Random(f"{seed}/two")
    with World(folder, seed, hubs=2, **wired) as world:
        world.start()
        for step in dice.sample(["S4", "S5", "S6", "S8", "S11", "S13"], 3):
            hub = world.hubs[1]
            hub.kill()
            hub.start(failpoint(step, dice), ready=False)
            world.wait_for_kill(hub, step)
            time.sleep(seconds / 6)
        found, run = world.judge()
        return found, run, f"{world.kills} kills of one hub of two"


SHORT = [("broker", broker), ("database", database)]
LONG = [("kills", kills), *SHORT, ("unroutable", unroutable), ("lines", lines), ("two-hubs", two_hubs)]
