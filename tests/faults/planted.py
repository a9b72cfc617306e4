"""Bugs planted on purpose, to test the checker: each stands in the code as `failpoint::planted("name")`, is
chosen by environment, and must be found. What finds it is told; a bug that struck and was not found fails.
"""

import random
import time

import server_scenarios
from world import World

# Name, how often it strikes (each nth time, not in the first so many), what people and agencies do meanwhile.
# The faults are those under which the bug does harm; the control run has all of them and no bug.
CALM = {}
BUGS = {
    "answered-without-commit": ("40:20", CALM),
    "recipient-dropped": ("9:0", CALM),
    "outcome-entered-twice": ("15:5", CALM),
    "leaf-hash-of-another": ("60:30", CALM),
    "tail-leaf-dropped": ("30:20", CALM),
    "idempotency-row-missing": ("2:0", CALM),
    "replay-of-another": ("1:0", CALM),
    "body-not-in-key": ("1:0", CALM),
    "state-not-written": ("7:10", CALM),
    "outbox-row-dropped": ("13:0", CALM),
    "cursor-outbox": ("1:0", {"_500": 20}),
    "shown-without-claim": ("5:0", CALM),
    "new-id-at-retry": ("1:0", {"_500": 20, "truncated": 10}),
    "blind-retry": ("1:0", {"reset_after": 20}),
    "retry-after-ignored": ("1:0", {"_429": 30}),
    "acknowledged-without-commit": ("3:0", CALM),
    "dead-letter-hidden": ("2:0", {"reset_before": 10}),
    "garbage-is-delivered": ("1:0", {"html_before": 20}),
    "checkpoint-of-another-root": ("10:0", CALM),
    "memory-leak": ("2:0", CALM),
    "erased-without-destroying": ("1:0", CALM),
}
# Nobody has a case erased in the other runs.
KEEPING = ("erased-without-destroying",)
# Nor does anybody look at dead letters before the judge does.
LOOKING = ("dead-letter-hidden",)
# Healthy runs under the same load drain in a second or two; waiting a minute for each bug proves no more.
DRAIN_SECONDS = 10
WORK_SECONDS = 5
# And so long at most until the bug has struck, under the same faults.
STRUCK_SECONDS_MAX = 40


def queues_unbound(world):
    """The broker gives messages back. (The bug keeps them from being counted, and their queues unbound.)"""
    world.wiring.unbind()
    world.fault("queues unbound")
    world.work_on(WORK_SECONDS)


def queues_full(world):
    """The broker refuses messages. (The bug keeps that from being counted.)"""
    def came():
        return struck(world, "nack-as-published") or server_scenarios.nacked(world)

    server_scenarios.refused(world, WORK_SECONDS, came)


def publishes_lost(world):
    """Connected anew, publishes that never reach the broker: only a missing confirm tells."""
    line = world.wiring.proxies["broker"]
    line.cut_all()
    server_scenarios.flowing(world)
    line.held = {"asked"}
    time.sleep(WORK_SECONDS / 3)
    line.cut_what_is_held()
    world.fault("publishes lost on the line")


# The same for the broker's side. The first connection has fewer ways out than eight; the bug is in the next.
BUGS_OF_SERVERS = {
    "returned-as-published": ("1:0", queues_unbound),
    "nack-as-published": ("1:0", queues_full),
    "confirms-not-asked-for": ("1:8", publishes_lost),
}
# What was taken for published comes again after 30 s; a healthy hub brings it as soon as it connects.
DRAIN_SECONDS_OF_SERVERS = 15


def one(folder, seed, bug, **wired):
    """Findings with this bug, and whether it struck at all."""
    times, faults = {**BUGS, **BUGS_OF_SERVERS}[bug]
    with World(folder, seed, planted=f"{bug}:{times}", **wired) as world:
        world.start(pace=0.03)
        if bug in KEEPING:
            world.keep()
        return broken(world, bug, faults), struck(world, bug)


def struck(world, bug):
    return world.hubs[0].hit("struck", bug)


def broken(world, bug, faults):
    """Findings under these faults."""
    is_queue = callable(faults)
    if is_queue:
        server_scenarios.flowing(world)
        faults(world)
    else:
        world.misbehave(**faults)
        world.work_on(WORK_SECONDS)

    def enough():
        if bug in LOOKING:
            world.crowd.callers["operator"].call("GET", "/v1/dead-letters")
        return struck(world, bug)

    world.work_on(STRUCK_SECONDS_MAX, enough)
    return world.judge_broken(DRAIN_SECONDS_OF_SERVERS if is_queue else DRAIN_SECONDS)[0]


def control(folder, seed, **wired):
    """No bug, all the faults of the table: must be clean with the same short drain."""
    with World(folder, seed, **wired) as world:
        world.start(pace=0.03)
        if world.wiring.is_shared:
            server_scenarios.flowing(world)
            for _, fault in BUGS_OF_SERVERS.values():
                fault(world)
            found, run = world.judge(DRAIN_SECONDS_OF_SERVERS)
        else:
            together = {}
            for _, faults in BUGS.values():
                together.update({mode: weight // 2 for mode, weight in faults.items()})
            world.misbehave(**together)
            world.work_on(WORK_SECONDS)
            found, run = world.judge(DRAIN_SECONDS)
        return found, run, "no bug, the same faults"


def chosen(count, seed, wired):
    """So many of this wiring's, by seed; all where there are no more."""
    bugs = list(BUGS_OF_SERVERS if wired == "servers" else BUGS)
    return bugs if count == "all" else random.Random(f"{seed}/planted").sample(bugs, min(int(count), len(bugs)))


def rules(found):
    """Which rules found it, most telling first."""
    counts = {}
    for rule, _ in found:
        if rule == "broken":
            continue
        counts[rule] = counts.get(rule, 0) + 1
    return sorted(counts, key=lambda rule: (-counts[rule], rule))
