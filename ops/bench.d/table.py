"""Prints a measurement for people: the targets, then the absolute figures, then the machine."""

from figures import at, ratio
from targets import ROWS

TITLES = {"servers": "PostgreSQL and RabbitMQ", "sqlite": "SQLite and the in-process queue"}
WIDTHS = (46, 16, 9, 12)
LOADS = (
    ("hub, full load", "hub"), ("hub, full load over TLS", "tls"), ("peer (Fastify), full load", "peer"),
    ("hub, one connection", "one"), ("hub, three recipients a request", "three"), ("hub, token refused (401)", "refused_401"),
    ("hub, message refused (422)", "refused_422"),
)


def print_all(told):
    for figures in told["wirings"]:
        print_targets(figures)
        print_absolutes(figures)
        print()
    print_machine(told)


def print_targets(figures):
    print(f"{TITLES[figures['wiring']]}\n")
    line("target", "value", "ratio", "asked", "")
    for row in ROWS:
        value, ratio, verdict = row.judged(figures)
        line(row.words, amount(value, row.unit()), amount(ratio, "x"), row.target(), verdict)


def line(*words):
    padded = [f"{word:{width}}" for word, width in zip(words, WIDTHS)]
    print("  ".join([*padded, words[-1]]).rstrip())


def amount(value, unit=""):
    if value is None:
        return "-"
    digits = 0 if value >= 1000 else 1 if value >= 100 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


def print_absolutes(figures):
    more = figures["more"]
    print("\nabsolute, medians; CPU in microseconds for each request")
    heads = ("", "per second", "p50 ms", "p99 ms", "program", "PostgreSQL", "RabbitMQ")
    print(row_of(heads))
    for title, key in LOADS:
        print(row_of((title, *of_load(more[key]))))
    whole = {**more["whole"], "p50_ms": at(more, "held", "p50_ms"), "p99_ms": at(more, "held", "p99_ms")}
    print(row_of(("hub, whole path, burst to last outcome", *of_load(whole))))
    print_sentences(figures, more)


def of_load(found):
    cpu = [at(found, "cpu_us", name) for name in ("app", "postgres", "rabbitmq")]
    return [amount(each) for each in (found["per_s"], found["p50_ms"], found["p99_ms"], *cpu)]


def row_of(words):
    return "  ".join([f"{words[0]:40}", *(f"{word:>11}" for word in words[1:])]).rstrip()


def print_sentences(figures, more):
    """One line for each thing that has no row."""
    hub, peer, limits, held = more["hub"], more["peer"], figures["limits"], more["held"]
    confirmed = more["confirmed_per_s"] if figures["wiring"] == "servers" else None
    say("accepted/s from", span(more["accepted_per_s_min_max"]), "and the peer", span(
        more["peer_accepted_per_s_min_max"]), "; confirmed by the broker within the load",
        amount(confirmed, "/s"))
    if held:
        say("at", amount(held["rate"], "/s"), "for", f"{held['seconds']:.0f} s", "delivered",
            amount(held["delivered_per_s"], "/s"), "; not yet delivered at its end", f"{held['backlog']:.0f}")
    say("memory (PSS) idle", amount(more["idle_mb"]), ", loaded", amount(hub["loaded_mb"]), ", most",
        amount(hub["peak_mb"]), ", delivering", amount(more["whole"]["loaded_mb"], "MB"),
        "; peer", amount(peer["idle_mb"]), ", loaded", amount(peer["loaded_mb"], "MB"))
    idle = [amount(ratio(us, 10_000), "%") for us in more["idle_us_per_s"].values()]
    say("with nothing to do, of one core: program", idle[0], ", PostgreSQL", idle[1], ", RabbitMQ", idle[2])
    say("start to ready", amount(figures["start_ms"], "ms"), ", best", amount(more["start_best_ms"], "ms"),
        "; peer", amount(peer["start_ms"], "ms"))
    say("limits: insert", amount(limits["insert_rows_per_s"], "rows/s"), ", one commit",
        amount(more["commit_ms"], "ms"), ", writer", amount(more["writer_rows_per_s"], "rows/s"), ", queue",
        amount(limits["queue_msgs_per_s"], "/s"), ", echo", amount(limits["echo_req_per_s"], "/s"))


def say(*words):
    print(" ".join(words).replace(" ;", ";").replace(" ,", ","))


def span(least_and_most):
    return f"{amount(least_and_most[0])} to {amount(least_and_most[1])}"


def print_machine(told):
    found = told["machine"]
    say("measured:", told["measured"])
    say(f"machine: {found['processor']}, {found['cores']} cores, {found['memory_gib']} GiB, Linux",
        f"{found['kernel']}; load average before {told['load_before']}, after {told['load_after']}")
    names = ("postgresql", "rabbitmq", "node", "fastify", "rustc")
    say("versions:", ", ".join(f"{name} {found[name] or 'unknown'}" for name in names))


def print_short(told):
    """What `ops/test` shows: reported, never judged."""
    figures = told["wirings"][0]
    more, ratios = figures["more"], figures["ratios"]
    hub, peer = more["hub"], more["peer"]
    print(row_of(("", "per second", "p50 ms", "p99 ms", "program", "PostgreSQL", "RabbitMQ")))
    for title, side in (("hub", hub), ("peer (Fastify)", peer)):
        print(row_of((title, *of_load(side))))
    say("CPU per referral, hub to peer: program", amount(ratios["app_cpu_to_fastify"], "x"),
        ", with PostgreSQL and RabbitMQ", amount(more["ratios"]["sum_cpu_to_fastify"], "x"),
        "(asked: at most 0.45 and 0.55); accepted/s", amount(ratios["accepted_to_fastify"], "x"))
    busy = more["busy"]
    if any(busy.values()):
        say("answered 503, too busy, and not counted above: the hub", busy["hub"], ", the peer", busy["peer"])
    print_machine(told)
