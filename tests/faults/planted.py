"""Bugs planted on purpose, to test the checker: each stands in the code as `failpoint::planted("name")`, is
chosen by environment, and must be found. What finds it is told; a bug that struck and was not found fails.
"""

import random

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
}
# Healthy runs under the same load drain in a second or two; waiting a minute for each bug proves no more.
DRAIN_SECONDS = 10
WORK_SECONDS = 5


def one(folder, seed, bug, **wired):
    """Findings with this bug, and whether it struck at all."""
    times, faults = BUGS[bug]
    with World(folder, seed, planted=f"{bug}:{times}", **wired) as world:
        world.start(pace=0.03)
        world.misbehave(**faults)
        world.stop_when(WORK_SECONDS)
        found, _ = world.judge_broken(DRAIN_SECONDS)
        return found, world.hubs[0].hit("struck", bug)


def control(folder, seed, **wired):
    """No bug, all the faults of the table: must be clean with the same short drain."""
    together = {}
    for _, faults in BUGS.values():
        together.update({mode: weight // 2 for mode, weight in faults.items()})
    with World(folder, seed, **wired) as world:
        world.start(pace=0.03)
        world.misbehave(**together)
        world.stop_when(WORK_SECONDS)
        found, run = world.judge(DRAIN_SECONDS)
        return found, run, "no bug, the same faults"


def chosen(count, seed):
    """So many of them, by seed; all where there are no more."""
    if count == "all":
        return list(BUGS)
    return random.Random(f"{seed}/planted").sample(list(BUGS), min(int(count), len(BUGS)))


def rules(found):
    """Which rules found it, most telling first."""
    counts = {}
    for rule, _ in found:
        if rule == "broken":
            continue
        counts[rule] = counts.get(rule, 0) + 1
    return sorted(counts, key=lambda rule: (-counts[rule], rule))
