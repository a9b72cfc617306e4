"""Prints a measurement for people: the targets, then the absolute figures, then the machine."""

from figures import at
from targets import ROWS

WIDTHS = (46, 16, 9, 12)


def print_all(told):
    for figures in told["wirings"]:
        print_targets(figures)
        print_absolutes(figures)
        print()
    print_machine(told)


def print_targets(figures):
    title = {"servers": "PostgreSQL and RabbitMQ", "sqlite": "SQLite and the in-process queue"}[figures["wiring"]]
    print(f"{title}\n")
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
    for title, key in (("hub, full load", "hub"), ("peer (Fastify), full load", "peer"),
                       ("hub, one connection", "one"), ("hub, three recipients a request", "three"),
                       ("hub, token refused (401)", "refused_401"), ("hub, message refused (422)", "refused_422")):
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
    hub, peer, limits = more["hub"], more["peer"], figures["limits"]
    print(f"accepted/s from {span(more['accepted_per_s_min_max'])}, peer {span(more['peer_accepted_per_s_min_max'])}; "
          f"the queue had confirmed {amount(more['confirmed_per_s'], '/s')} when the load ended")
    held = more["held"]
    if held:
        print(f"at {amount(held['rate'], '/s')} for {held['seconds']:.0f} s: {amount(held['delivered_per_s'], '/s')} "
              f"delivered, {held['backlog']:.0f} not yet at its end")
    print(f"memory (PSS) idle {amount(more['idle_mb'])}, loaded {amount(hub['loaded_mb'])}, most "
          f"{amount(hub['peak_mb'], 'MB')}; peer {amount(peer['idle_mb'])}, {amount(peer['loaded_mb'])}, "
          f"{amount(peer['peak_mb'], 'MB')}")
    print(f"start to ready {amount(figures['start_ms'], 'ms')} (best {amount(more['start_best_ms'], 'ms')}); "
          f"peer {amount(peer['start_ms'], 'ms')}")
    print(f"limits: insert {amount(limits['insert_rows_per_s'], 'rows/s')}, one commit {amount(more['commit_ms'], 'ms')}, "
          f"writer {amount(more['writer_rows_per_s'], 'rows/s')}, queue {amount(limits['queue_msgs_per_s'], '/s')}, "
          f"echo {amount(limits['echo_req_per_s'], '/s')}")


def span(least_and_most):
    return f"{amount(least_and_most[0])} to {amount(least_and_most[1])}"


def print_machine(told):
    found = told["machine"]
    print(f"machine: {found['processor']}, {found['cores']} cores, {found['memory_gib']} GiB, Linux {found['kernel']}; "
          f"load average before {told['load_before']}, after {told['load_after']}")
    names = ("postgresql", "rabbitmq", "node", "fastify", "rustc")
    print("versions: " + ", ".join(f"{name} {found[name] or 'unknown'}" for name in names))


def print_short(told):
    """What `ops/test` shows: reported, never judged."""
    figures = told["wirings"][0]
    more, ratios = figures["more"], figures["ratios"]
    hub, peer = more["hub"], more["peer"]
    print(row_of(("", "per second", "p50 ms", "p99 ms", "program", "PostgreSQL", "RabbitMQ")))
    for title, side in (("hub", hub), ("peer (Fastify)", peer)):
        print(row_of((title, *of_load(side))))
    print(f"CPU per referral, hub to peer: program {amount(ratios['app_cpu_to_fastify'], 'x')}, with PostgreSQL and "
          f"RabbitMQ {amount(ratios['sum_cpu_to_fastify'], 'x')} (asked: at most 0.45 and 0.55); accepted/s "
          f"{amount(ratios['accepted_to_fastify'], 'x')}")
    print_machine(told)
