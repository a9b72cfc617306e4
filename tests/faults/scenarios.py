"""The scenarios, each one world. A scenario breaks things while people work, and gives back the findings
and what to tell. It raises `Broken` where the fault did not come about, `NotRun` where the machine refuses.
"""

import os
import random
import subprocess
import sys
import time

from common import Broken, text, wait_until
from wiring import epochs
from world import World

# What dies where; each is a `failpoint::here` of that name. S14 has a scenario of its own.
STEPS = ["S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12", "S13"]
# An erasure is ordered; its keys are gone and their places not cleared away; destroyed and not entered; entered.
# And some keys are wrapped under another epoch's. The hub dies the first or the second time; of the last only
# the first, because a whole stock is wrapped at once: where nothing was used yet, no second time comes.
ERASING = {"S14-ordered": 2, "S14-unswept": 2, "S14": 2, "S14-entered": 2, "epoch-turned": 1}
# In flight when the process dies: so many microseconds after the step at most.
DELAYED = {"S5": 3000, "S11": 20_000, "S15": 4000}
MISBEHAVIOUR = {"slow": 8, "_500": 6, "_503": 4, "_429": 8, "truncated": 4, "wrong": 4, "html_before": 4,
                "html_after": 3, "redirect": 3, "reset_before": 4, "reset_after": 4, "bad_gateway_after": 3}
REFUSED_BY_MACHINE = 77
# A hub looks a minute after it did last whether there is something to wrap.
TURNED_SECONDS_MAX = 90
# On servers it takes two people long at times to bring two more cases to their end.
ERASED_SECONDS_MAX = 90


class NotRun(Exception):
    """The machine does not let this run; never counted as passed."""


def failpoint(step, dice, nth_max=4):
    delay = dice.randint(1, DELAYED[step]) if step in DELAYED else 0
    return f"{step}:{dice.randint(1, nth_max)}:{delay}"


def kills(folder, seed, seconds=None, steps=len(STEPS), **wired):
    """The hub dies at every step (or so many of them), in an order drawn from the seed, and each time starts
    again."""
    dice = random.Random(f"{seed}/kills")
    with World(folder, seed, **wired) as world:
        hub = world.hubs[0]
        hub.start(failpoint("S15", dice, 1), ready=False)
        world.wait_for_kill(hub, "S15")
        world.hubs[0].start()
        hub.kill()
        world.sampler.start()
        until = time.monotonic() + (seconds or 0)
        rounds = 0
        while rounds == 0 or time.monotonic() < until:
            for step in dice.sample(STEPS, steps):
                hub.start(failpoint(step, dice), ready=False)
                if world.crowd is None:
                    world.work(pace=0.03)
                world.misbehave(reset_after=5, slow=5)
                world.wait_for_kill(hub, step)
            rounds += 1
        found, run = world.judge()
        hit = "S0 to S13" if steps == len(STEPS) else f"{steps} steps of S0 to S13"
        return found, run, f"{world.kills} kills, {hit} and S15 each hit"


def erasures(folder, seed, seconds=0, **wired):
    """People have cases erased, and the hub dies at every step of that, and while keys are wrapped anew."""
    dice = random.Random(f"{seed}/erasures")
    with World(folder, seed, **wired) as world:
        hub = world.hubs[0]
        world.start(pace=0.1)
        world.keep()
        world.misbehave(slow=10, reset_before=5)
        until, rounds = time.monotonic() + seconds, 0
        while rounds == 0 or time.monotonic() < until:
            for step in dice.sample(list(ERASING), len(ERASING)):
                hub.kill()
                if step == "epoch-turned":
                    hub.rotate()
                hub.start(failpoint(step, dice, ERASING[step]), ready=False)
                world.wait_for_kill(hub, step, ERASED_SECONDS_MAX)
                hub.start()
            rounds += 1
        wait_until("the earlier epoch's key to go", lambda: epochs(world.wiring) == 1, TURNED_SECONDS_MAX)
        wait_until("a case to be erased after the last kill", lambda: world.erased() > rounds,
                   ERASED_SECONDS_MAX)
        found, run = world.judge()
        return found, run, f"{world.kills} kills, {world.erased()} cases erased, {rounds} epochs begun"


def misbehaving(folder, seed, seconds=12, **wired):
    """Agencies are slow, say 500, 429, garbage, redirect, reset; then the lines to them are cut and bent."""
    with World(folder, seed, **wired) as world:
        world.start()
        world.misbehave(**MISBEHAVIOUR)
        time.sleep(seconds / 2)
        for mode in ("delay", "cut", "corrupt", "refuse"):
            world.proxied(mode, 0.4)
            time.sleep(seconds / 8)
        found, run = world.judge()
        modes = {line["mode"] for log in run.agencies.values() for line in log if line["kind"] == "call"}
        return found, run, f"{len(modes)} kinds of misbehaviour"


def silent(folder, seed, seconds=8, **wired):
    """The lines to the agencies swallow everything, or only the answers; the time limit decides."""
    with World(folder, seed, **wired) as world:
        world.start()
        for mode in ("half-open", "black-hole"):
            world.proxied(mode, 0.3)
            time.sleep(seconds / 2)
        found, run = world.judge()
        return found, run, "black-holed and half-open lines"


def random_kills(folder, seed, seconds=60, **wired):
    """SIGKILL at any moment, while agencies misbehave."""
    dice = random.Random(f"{seed}/random")
    with World(folder, seed, **wired) as world:
        world.start()
        world.misbehave(**MISBEHAVIOUR)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(dice.uniform(0.1, 3))
            hub = dice.choice(world.hubs)
            hub.kill()
            world.kills += 1
            world.fault("hub killed: anywhere")
            hub.start()
        found, run = world.judge()
        return found, run, f"{world.kills} kills at random"


def disk_full(folder, seed, seconds=6, **_):
    """The same program again inside a mount of its own, where the hub's data lies on a small tmpfs."""
    os.makedirs(folder, exist_ok=True)
    command = os.path.join(os.path.dirname(os.path.abspath(__file__)), "full_disk.py")
    asked = ["unshare", "-rm", sys.executable, command, folder, str(seed), str(seconds)]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=300, check=False)
    except FileNotFoundError:
        raise NotRun("no `unshare` on this machine") from None
    return found_by(done), None, text(os.path.join(folder, "told"))


def found_by(done):
    """The findings of `full_disk.py`. Python ends with code 1 where it breaks off, too: then there are none."""
    said_by_unshare = any(line.startswith("unshare: ") for line in done.stderr.splitlines())
    if done.returncode == REFUSED_BY_MACHINE or said_by_unshare:
        raise NotRun(f"a mount of its own was refused: {done.stderr.strip()[-200:]}")
    found = [tuple(line.split(": ", 1)) for line in done.stdout.splitlines()]
    if done.returncode not in (0, 1) or bool(found) != (done.returncode == 1):
        raise Broken(done.stderr[-1500:])
    return found


# Name, what, for how many seconds the short form has to have room, and how it is run there.
SHORT = [("kills", kills, 40, {}), ("misbehaving", misbehaving, 25, {}), ("disk-full", disk_full, 25, {}),
         ("erasures", erasures, 60, {})]
LONG = [("kills", kills, {"seconds": 60}), ("misbehaving", misbehaving, {"seconds": 40}),
        ("disk-full", disk_full, {}), ("silent", silent, {"seconds": 40}),
        ("random-kills", random_kills, {"seconds": 60}), ("erasures", erasures, {"seconds": 60})]
