"""The measurements of growth, each on the small store and the large one: starts, reads, verification,
accepting. What is measured in turns sees the same machine. And the figures of `--json` from it all.
"""

import json
import os
import subprocess
import time

import accept
import growth_reads
from common import Broken
from figures import median, middle, ratio, rounded
from programs import hub, plain_environment, tool

STARTS = 3
CONNECTIONS = 64
VERIFY_SECONDS_MAX = 3 * 3600
READS = ("list_newest", "list_deep", "list_received", "list_by_state", "history", "proof", "dead_letters")


def starts(small, large):
    """Milliseconds to ready. The first start after a fill has to put in order what the fill left; apart."""
    told = [{"first_ms": once(store), "ms": []} for store in (small, large)]
    for _ in range(STARTS):
        for found, store in zip(told, (small, large)):
            found["ms"].append(once(store))
    return told


def once(store):
    took = store.hub.start()
    store.hub.stop()
    if store.hub.process.returncode != 0:
        raise Broken(f"the hub ended with {store.hub.process.returncode} when it was asked to stop")
    return took


def reads(issuer, small, large):
    """Both hubs are up, and asked in turns."""
    stores = (small, large)
    try:
        for store in stores:
            store.hub.start()
        told = growth_reads.ask(issuer, stores)
        for found, store in zip(told, stores):
            found["memory_mb"] = store.hub.memory_mb()
        return told
    finally:
        for store in stores:
            store.hub.stop()


def verify(small, large):
    """`audit verify` between two bare readings."""
    return [verify_one(store) for store in (small, large)]


def verify_one(store):
    def bare():
        return tool("read-hash", *store.place(), seconds=VERIFY_SECONDS_MAX)

    before, seen, after = bare(), verified(store), bare()
    bare_seconds = (before["seconds"] + after["seconds"]) / 2
    bare_cpu = (before["cpu_us_per_entry"] + after["cpu_us_per_entry"]) / 2
    return {
        **seen,
        "bare_s_per_million": bare_seconds / before["entries"] * 1e6,
        "bare_cpu_us_per_entry": bare_cpu,
        "to_bare": bare_seconds / seen["seconds"],
        "cpu_to_bare": bare_cpu / seen["cpu_us_per_entry"],
    }


def verified(store):
    """Seconds, processor time and memory of one `amaan audit verify`, which has to hold."""
    log = os.path.join(store.folder, "verify.log")
    started = time.monotonic()
    with open(log, "w", encoding="utf-8") as out:
        command = [hub(), *store.verify_command()]
        process = subprocess.Popen(command, stdout=out, stderr=out, env=plain_environment())
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    with open(log, encoding="utf-8") as file:
        told = file.read()
    if process.returncode != 0:
        raise Broken(f"the filled store does not verify: {told[-800:]}")
    entries = json.loads(told)["entries"]
    return {
        "entries": entries,
        "seconds": seconds,
        "s_per_million": seconds / entries * 1e6,
        "cpu_us_per_entry": (used.ru_utime + used.ru_stime) / entries * 1e6,
        "peak_mb": used.ru_maxrss / 1024,
    }


def accepts(driver, fresh, large, seconds):
    """Rounds of load in turns: a small store of its own each time, since it would not stay small."""
    told = ([], [])
    for small in fresh:
        for rounds, store in zip(told, (small, large)):
            rounds.append(accept_one(driver, store, seconds))
    return told


def accept_one(driver, store, seconds):
    """With a broker, all that it takes until the broker has it. The queue in the process is short: there the
    relay stands still, since deliveries are paused, and what is accepted waits in the outbox."""
    store.hub.start()
    try:
        driver.warm(store.hub, CONNECTIONS)
        accept.settled(store.hub)
        if store.name == "servers":
            seen = accept.with_relay(driver, store.hub, seconds, CONNECTIONS)
        else:
            seen = driver.measured(store.hub, seconds, CONNECTIONS)
        return {**seen, "peak_mb": store.hub.peak_mb()}
    finally:
        store.hub.stop()


def figures(wiring, told):
    """One object for each size; that of the large store has the ratios."""
    small, large = (of_size(wiring, told[key]) for key in ("small", "large"))
    large["ratios"] = ratios(small, large, told)
    return [rounded(small), rounded(large)]


def of_size(wiring, told):
    rounds = told["accepts"]
    return {
        "wiring": wiring,
        "rows": told["rows"],
        "fill": told["fill"],
        "start_ms": median(told["starts"]["ms"]),
        "first_start_ms": told["starts"]["first_ms"],
        "accept": {
            "per_s": middle(rounds, "per_s"),
            "p50_ms": middle(rounds, "p50_ms"),
            "p99_ms": middle(rounds, "p99_ms"),
            "cpu_us": {name: middle(rounds, "cpu_us", name) for name in ("app", "postgres", "rabbitmq")},
                        "peak_mb": middle(rounds, "peak_mb"),
        },
        "reads": told["reads"],
        "verify": told["verify"],
    }


def ratios(small, large, told):
    """Large to small. Those of load are medians of each round's ratio."""
    pairs = list(zip(told["small"]["accepts"], told["large"]["accepts"]))

    def of_rounds(*keys):
        def at(round_of):
            for key in keys:
                round_of = (round_of or {}).get(key)
            return round_of
        return median([ratio(at(second), at(first)) for first, second in pairs])

    found = {
        "accept_cpu_app": of_rounds("cpu_us", "app"),
        "accept_cpu_postgres": of_rounds("cpu_us", "postgres"),
        "accept_p99": of_rounds("p99_ms"),
        "start": ratio(large["start_ms"], small["start_ms"]),
        "verify_to_bare": large["verify"]["to_bare"],
        "verify_cpu_to_bare": large["verify"]["cpu_to_bare"],
    }
    for kind in READS:
        found[kind] = ratio(large["reads"][kind]["median_ms"], small["reads"][kind]["median_ms"])
        found[f"{kind}_p99"] = ratio(large["reads"][kind]["p99_ms"], small["reads"][kind]["p99_ms"])
    return found
