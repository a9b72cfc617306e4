"""From what was measured run by run to one wiring's figures: medians, and medians of each run's ratios. Keys
are those of `--json`; a figure that does not apply, or whose part is not there, is none.
"""

import statistics


def median(values):
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def at(thing, *keys):
    """What stands under the keys; none where one is missing."""
    for key in keys:
        thing = thing.get(key) if isinstance(thing, dict) else None
    return thing


def middle(rows, *keys):
    return median([at(row, *keys) for row in rows])


def ratio(one, other):
    return one / other if one is not None and other else None


def ratios(rows, one, other):
    """The median of a ratio taken in each run."""
    return median([ratio(at(row, *one), at(row, *other)) for row in rows])


def rounded(thing, digits=4):
    """Four significant digits say all that a run can."""
    if isinstance(thing, dict):
        return {key: rounded(value, digits) for key, value in thing.items()}
    if isinstance(thing, list):
        return [rounded(value, digits) for value in thing]
    return float(f"{thing:.{digits}g}") if isinstance(thing, float) else thing


def of(wiring, told):
    """One wiring's object."""
    runs, whole, held = told["runs"], told.get("whole", []), told.get("held")
    is_servers = wiring == "servers"
    sustained = at(held, "delivered_per_s")
    queue, accepts = middle(runs, "limits", "queue", "msgs_per_s"), ("hub", "confirmed_per_s")
    found = {
        "wiring": wiring,
        "accepted_per_s": middle(runs, "hub", "per_s"),
        "delivered_per_s": sustained,
        "p50_ms": middle(runs, "hub", "p50_ms"),
        "p99_ms": middle(runs, "hub", "p99_ms"),
        "app_cpu_us_per_referral": middle(runs, "hub", "cpu_us", "app"),
        "peak_rss_mb": middle(runs, "hub", "peak_mb"),
        "start_ms": median([ms for ms, _ in told.get("starts", [])]) or middle(runs, "hub", "start_ms"),
        "limits": {
            "insert_rows_per_s": middle(runs, "limits", "insert", "rows_per_s"),
            "queue_msgs_per_s": queue,
            "echo_req_per_s": middle(runs, "limits", "echo", "per_s"),
        },
        "peer": {
            "name": "fastify",
            "accepted_per_s": middle(runs, "peer", "per_s"),
            "app_cpu_us": middle(runs, "peer", "cpu_us", "app"),
            "p99_ms": middle(runs, "peer", "p99_ms"),
        },
        "ratios": {
            "writer_to_insert": middle(runs, "limits", "writer_to_insert"),
            "delivered_to_queue": ratio(sustained, queue) if is_servers else None,
            "delivered_to_accepted": at(held, "delivered_to_accepted"),
            "accepted_to_echo": ratios(runs, accepts, ("limits", "echo", "per_s")),
            # The embedded wiring has no broker to confirm: another promise, so no comparison.
            "accepted_to_fastify": ratios(runs, accepts, ("peer", "per_s")) if is_servers else None,
            "whole_path_to_fastify": ratio(sustained, middle(runs, "peer", "per_s")),
            "app_cpu_to_fastify": ratios(runs, ("hub", "cpu_us", "app"), ("peer", "cpu_us", "app")),
            "p99_to_fastify": ratios(runs, ("hub", "p99_ms"), ("peer", "p99_ms")),
        },
    }
    others = other_ratios(runs, is_servers)
    return rounded({**found, "more": {"ratios": others, **more(told, runs, whole, held)}})


def other_ratios(runs, is_servers):
    """Those of the target table that have no key of their own in `ratios`."""
    accept = ("hub", "cpu_us", "app")
    return {
        "sum_cpu_to_fastify": ratios(runs, ("hub", "sum_us"), ("peer", "sum_us")) if is_servers else None,
        "p99_to_p50": ratios(runs, ("hub", "p99_ms"), ("hub", "p50_ms")),
        "refused_401_to_accept": ratios(runs, ("paths", "refused_401", "cpu_us", "app"), accept),
        "refused_422_to_accept": ratios(runs, ("paths", "refused_422", "cpu_us", "app"), accept),
        "p99_of_one_to_commit": one_to_commit(runs),
        "tls_to_plain": ratios(runs, ("tls", "per_s"), ("hub", "per_s")),
    }


def one_to_commit(runs):
    """p99 on one connection against one commit of one referral by the same driver."""
    commits = [ratio(1000, at(run, "limits", "single", "referrals_per_s")) for run in runs]
    return median([ratio(at(run, "paths", "one", "p99_ms"), commit) for run, commit in zip(runs, commits)])


def more(told, runs, whole, held):
    """What the table shows below the targets."""
    starts = told.get("starts", [])
    return {
        "confirmed_per_s": middle(runs, "hub", "confirmed_per_s"),
        "hub": side(runs, "hub"),
        "peer": {**side(runs, "peer"), "start_ms": middle(runs, "peer", "start_ms")},
        "idle_mb": median([mb for _, mb in starts]) if starts else middle(runs, "hub", "idle_mb"),
        "start_best_ms": min((ms for ms, _ in starts), default=None),
        "one": path(runs, "one"),
        "three": path(runs, "three"),
        "tls": side(runs, "tls") if at(runs[0], "tls") else None,
        "idle_us_per_s": cpu_of(runs, "paths", "idle"),
        "refused_401": path(runs, "refused_401"),
        "refused_422": path(runs, "refused_422"),
        "whole": {"per_s": middle(whole, "whole_per_s"), "accepted_per_s": middle(whole, "per_s"),
                  "loaded_mb": middle(whole, "loaded_mb"),
                  "cpu_us": cpu(whole), "sum_us": middle(whole, "sum_us")},
        "held": held,
        "commit_ms": ratio(1000, middle(runs, "limits", "single", "referrals_per_s")),
        "writer_rows_per_s": middle(runs, "limits", "writer", "rows_per_s"),
        "accepted_per_s_min_max": least_and_most(runs, "hub"),
        "peer_accepted_per_s_min_max": least_and_most(runs, "peer"),
        "busy": {who: sum(run[who]["busy"] for run in runs) for who in ("hub", "peer")},
    }


def side(runs, who):
    keys = ("per_s", "p50_ms", "p99_ms", "sum_us", "idle_mb", "loaded_mb", "peak_mb")
    return {**{key: middle(runs, who, key) for key in keys}, "cpu_us": cpu([run[who] for run in runs])}


def path(runs, name):
    rows = [at(run, "paths", name) for run in runs]
    return {**{key: middle(rows, key) for key in ("per_s", "p50_ms", "p99_ms")}, "cpu_us": cpu(rows)}


def cpu(rows):
    return cpu_of(rows, "cpu_us")


def cpu_of(rows, *keys):
    return {name: middle(rows, *keys, name) for name in ("app", "postgres", "rabbitmq")}


def least_and_most(runs, who):
    values = [run[who]["per_s"] for run in runs]
    return [min(values), max(values)]
