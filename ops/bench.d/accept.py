"""What it costs to accept: the hub with deliveries paused and its relay publishing, and the peer, each
started for its turn and stopped again, so that the one is not at work while the other is measured.
"""

import time

from common import Broken, wait_until
from house import total
from load import beyond_idle, sum_us

# The relay may be behind by so much when the load ends; longer means that it does not work.
RELAY_SECONDS_MAX = 180
# Between two looks at the hub's counters, which cost it something too.
LOOK_SECONDS = 0.2
# After its start, before its memory is called idle.
IDLE_SECONDS = 1


def relayed(hub):
    return total(hub.counted(), "amaan_relayed_total")


def accepted(hub):
    return total(hub.counted(), "amaan_referrals_total")


def all_relayed(hub, relayed_before, count):
    """Waits until the queue has confirmed so many more."""
    def there():
        return relayed(hub) - relayed_before >= count

    wait_until("the relay to publish what was accepted", there, RELAY_SECONDS_MAX, every=LOOK_SECONDS)


def hub_turn(driver, hub, seconds, connections):
    """Accepted at full load, with all that follows until the queue has it; then one connection."""
    start_ms, idle_mb = started(hub)
    driver.warm(hub, connections)
    settled(hub)
    full = with_relay(driver, hub, seconds, connections)
    full.update(start_ms=start_ms, idle_mb=idle_mb, loaded_mb=hub.memory_mb(), peak_mb=hub.peak_mb())
    return full


def with_relay(driver, hub, seconds, connections, **more):
    """Load, and how much of it the broker had confirmed when the load ended. The cost includes the rest. The
    in-process queue holds some hundred messages and confirms nothing: what is more waits in the database."""
    if not hub.has_broker:
        seen = driver.measured(hub, seconds, connections, **more)
        return {**seen, "confirmed_per_s": seen["per_s"], "sum_us": sum_us(seen)}
    before, told = relayed(hub), {}
    accepted_before = accepted(hub)

    def settle():
        told["confirmed"] = relayed(hub) - before
        told["referrals"] = accepted(hub) - accepted_before
        all_relayed(hub, before, told["referrals"])

    seen = driver.measured(hub, seconds, connections, settle=settle, **more)
    seen["confirmed_per_s"] = min(seen["per_s"], told["confirmed"] / seen["seconds"])
    return {**seen, "sum_us": sum_us(seen)}


def tls_turn(driver, hub, seconds, connections):
    """The same load over TLS, on connections that stay open; the load generator's own share is in it."""
    hub.start()
    driver.warm(hub, connections)
    settled(hub)
    return with_relay(driver, hub, seconds, connections)


def settled(hub):
    """Waits until nothing is published any more."""
    last = [-1]

    def still():
        before, last[0] = last[0], relayed(hub)
        return last[0] == before

    wait_until("the relay to be done", still, RELAY_SECONDS_MAX, every=0.3)


def paths(driver, hub, seconds, connections):
    """One connection; three recipients in one request; a token nobody signed; a message no schema takes."""
    bad = driver.issuer.bad_token_file()
    told = {
        "one": with_relay(driver, hub, seconds, 1),
        "three": with_relay(driver, hub, seconds, connections, bodies="all"),
    }
    settled(hub)
    idle = driver.idle(hub, seconds)
    refused = {
        "refused_401": driver.measured(hub, seconds, connections, status=401, token=bad),
        "refused_422": driver.measured(hub, seconds, connections, status=422, bodies="invalid"),
    }
    return {**told, "idle": idle, **{name: beyond_idle(seen, idle) for name, seen in refused.items()}}


def peer_turn(driver, peer, seconds, connections):
    """The same load; its 201 says that the queue has it, so nothing follows."""
    start_ms, idle_mb = started(peer)
    driver.warm(peer, connections)
    full = driver.measured(peer, seconds, connections)
    full.update(start_ms=start_ms, idle_mb=idle_mb, loaded_mb=peer.memory_mb(), peak_mb=peer.peak_mb(),
                sum_us=sum_us(full))
    return full


def started(server):
    """Milliseconds to ready, and memory before any work."""
    start_ms = server.start()
    time.sleep(IDLE_SECONDS)
    return start_ms, server.memory_mb()


def starts(hub, times):
    """Starts on a store with data in it."""
    told = []
    for _ in range(times):
        told.append(started(hub))
        hub.stop()
        if hub.process.returncode != 0:
            raise Broken(f"the hub ended with {hub.process.returncode} when it was asked to stop")
    return told
