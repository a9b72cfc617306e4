"""The whole path: accepted, relayed, handed over to endpoints that answer at once, outcome committed. First
as fast as answers come, to learn the pace; then at a steady rate, to see whether deliveries keep up with it.
"""

import time

from common import wait_until
from house import total
from load import sum_us

DRAIN_SECONDS_MAX = 180
LOOK_SECONDS = 0.2
# Of the pace of a burst, tried one after another until deliveries keep up.
SHARES = (1.1, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
# Under a trial rate so much of what was accepted has to be delivered when the load ends.
KEEPS_UP = 0.95


def delivered(hub):
    """Referrals taken by their agency, with the outcome committed."""
    return sum(value for series, value in hub.counted().items()
               if series.startswith("amaan_deliveries_total{")
               and 'type="referral.request"' in series and 'outcome="delivered"' in series)


def accepted(hub):
    return total(hub.counted(), "amaan_referrals_total")


def drained(hub):
    """Waits until all that was accepted is delivered; each run begins so."""
    wait_until("all that was accepted to be delivered", lambda: delivered(hub) >= accepted(hub),
               DRAIN_SECONDS_MAX, every=LOOK_SECONDS)


def burst(driver, hub, seconds, connections):
    """Referrals each second from the first request to the last outcome, and what each cost in all."""
    drained(hub)
    started = time.monotonic()
    seen = driver.measured(hub, seconds, connections, settle=lambda: drained(hub))
    whole = time.monotonic() - started
    return {**seen, "whole_per_s": seen["requests"] / whole, "whole_seconds": whole, "sum_us": sum_us(seen),
            "loaded_mb": hub.memory_mb()}


def steady(driver, hub, seconds, connections, rate):
    """Load at a rate: how much of what it brought was delivered when it ended, and each second."""
    drained(hub)
    before = delivered(hub)
    seen = driver.load(hub, seconds, connections, rate=max(1, round(rate)))
    done = delivered(hub) - before
    return {"rate": rate, "accepted_per_s": seen["per_s"], "delivered_per_s": done / seen["seconds"],
            "delivered_to_accepted": done / seen["requests"], "backlog": seen["requests"] - done,
            "seconds": seen["seconds"], "p50_ms": seen["p50_ms"], "p99_ms": seen["p99_ms"]}


def held(driver, hub, seconds, hold_seconds, connections, pace):
    """The highest share of the pace that deliveries keep up with for long; where none is, the last tried."""
    for share in SHARES:
        trial = steady(driver, hub, seconds, connections, pace * share)
        if keeps_up(trial) or share == SHARES[-1]:
            trial = steady(driver, hub, hold_seconds, connections, pace * share)
        if keeps_up(trial):
            break
    drained(hub)
    return trial


def keeps_up(trial):
    return trial["delivered_to_accepted"] >= KEEPS_UP
