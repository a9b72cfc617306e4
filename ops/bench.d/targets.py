"""The project's targets, row by row: what is asked, which figure answers it, and where it is measured when
not here. It judges and prints nothing by itself: a row that is short is for people to explain.
"""

from figures import at

LEAST, MOST = ">=", "<="
SERVERS, BOTH = ("servers",), ("servers", "sqlite")


class Row:
    """One target: its words, where figure and ratio stand, and the bound of the one that is judged."""

    def __init__(self, words, ratio=None, value=None, sign=LEAST, bound=None, wirings=BOTH, why=""):
        self.words, self.ratio, self.value = words, ratio, value
        self.sign, self.bound, self.wirings, self.why = sign, bound, wirings, why

    def judged(self, figures):
        """Value, ratio and verdict of one wiring."""
        if self.bound is None or figures["wiring"] not in self.wirings:
            return None, None, f"n/a: {self.why}"
        value = at(figures, *self.value[0]) if self.value else None
        ratio = at(figures, *self.ratio) if self.ratio else None
        judged = ratio if self.ratio else value
        if judged is None:
            return value, ratio, "n/a: its part was not measured"
        held = judged >= self.bound if self.sign == LEAST else judged <= self.bound
        return value, ratio, "pass" if held else "short"

    def unit(self):
        return self.value[1] if self.value else ""

    def target(self):
        if self.bound is None:
            return ""
        return f"{self.sign} {self.bound:g}{' x' if self.ratio else ' ' + self.unit()}"


def ratios(name):
    return ("ratios", name)


def more(*names):
    return ("more", *names)


ROWS = [
    Row("accepted/s, relay publishing, to Fastify's", ratios("accepted_to_fastify"),
        (more("confirmed_per_s"), "/s"), bound=2.0, wirings=SERVERS, why="no broker, another promise"),
    Row("whole path/s to Fastify's accepted/s", ratios("whole_path_to_fastify"), (("delivered_per_s",), "/s"),
        bound=0.8),
    Row("CPU per referral, program, to Fastify's", ratios("app_cpu_to_fastify"),
        (("app_cpu_us_per_referral",), "us"), MOST, 0.45),
    Row("CPU per referral, servers too, to Fastify's", more("ratios", "sum_cpu_to_fastify"),
        (more("hub", "sum_us"), "us"), MOST, 0.55, SERVERS, "without servers the program is all"),
    Row("delivered/s to accepted/s, at a steady rate", ratios("delivered_to_accepted"),
        (more("held", "delivered_per_s"), "/s"), bound=0.95),
    Row("delivered/s to a bare queue's", ratios("delivered_to_queue"), (("delivered_per_s",), "/s"),
        bound=0.35, wirings=SERVERS, why="no broker"),
    Row("store writer to a bare insert of its rows", ratios("writer_to_insert"),
        (more("writer_rows_per_s"), "rows/s"), bound=0.6),
    Row("p99 at full load to Fastify's", ratios("p99_to_fastify"), (("p99_ms",), "ms"), MOST, 0.6),
    Row("p99 to p50 at full load", more("ratios", "p99_to_p50"), (("p99_ms",), "ms"), MOST, 3.0),
    Row("p99 on one connection to one commit", more("ratios", "p99_of_one_to_commit"),
        (more("one", "p99_ms"), "ms"), MOST, 2.0),
    Row("memory loaded", value=(more("hub", "loaded_mb"), "MB"), sign=MOST, bound=64),
    Row("memory idle", value=(more("idle_mb"), "MB"), sign=MOST, bound=40),
    Row("start to ready, data in the store", value=(("start_ms",), "ms"), sign=MOST, bound=250),
    Row("growth: accept, lists, proof at 10 M stored", why="ops/bench growth"),
    Row("accepted/s with TLS on against off", more("ratios", "tls_to_plain"), (more("tls", "per_s"), "/s"),
        bound=0.8),
    Row("a refused token (401) to an accept, CPU", more("ratios", "refused_401_to_accept"),
        (more("refused_401", "cpu_us", "app"), "us"), MOST, 0.5),
    Row("a refused token (401), CPU of PostgreSQL", value=(more("refused_401", "cpu_us", "postgres"), "us"),
        sign=MOST, bound=5, wirings=SERVERS, why="no server"),
    Row("a refused message (422) to an accept, CPU", more("ratios", "refused_422_to_accept"),
        (more("refused_422", "cpu_us", "app"), "us"), MOST, 0.5),
    Row("audit verify to bare read and SHA-256", why="ops/bench growth"),
    Row("policy, mask, seal, mapping per referral", why="ops/bench parts"),
]
