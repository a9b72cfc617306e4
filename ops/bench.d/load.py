"""Load on one server for some seconds, with what it cost: answers, times, and processor microseconds of the
program, PostgreSQL and RabbitMQ for each request. It neither starts nor stops a server.
"""

import time

from common import Broken
from programs import tool
from usage import Meter

WARM_SECONDS = 2


class Driver:
    """Sends the run's messages with the run's token. In the short form, which runs beside anything, a 503 is
    counted and told: a full server that says so is no failure to measure, and figures are of what was taken."""

    def __init__(self, standing, issuer, files, is_short=False):
        self.standing, self.issuer, self.files, self.is_short = standing, issuer, files, is_short

    def load(self, server, seconds, connections, bodies="each", rate=0, token=None):
        """What `amaan-bench load` saw."""
        words = ["--address", f"127.0.0.1:{server.port}", "--seconds", seconds, "--rate", rate,
                 "--connections", connections, "--token-file", token or self.issuer.token_file()]
        certificate = getattr(server, "certificate", None)
        words += ["--ca-file", certificate.file] if certificate else []
        words += [word for path in self.files[bodies] for word in ("--body", path)]
        return tool("load", *words, seconds=seconds)

    def warm(self, server, connections):
        self.load(server, WARM_SECONDS, connections)

    def meter(self, server):
        return Meter(self.standing.roots(server.process.pid))

    def idle(self, server, seconds):
        """Microseconds that pass in each second while nobody asks for anything."""
        meter = self.meter(server)
        time.sleep(seconds)
        return meter.micros_each(time.monotonic() - meter.started)

    def measured(self, server, seconds, connections, status=201, settle=None, **more):
        """Load whose every answer has one status, and its cost; `settle` waits for what it left to do."""
        meter = self.meter(server)
        seen = self.answered(self.load(server, seconds, connections, **more), status)
        if settle:
            settle()
        return {**seen, "cpu_us": meter.micros_each(seen["requests"])}

    def answered(self, seen, status):
        """The same of the answers with this status; there may be no others but those 503."""
        busy = seen["statuses"].get("503", 0) if self.is_short else 0
        taken = seen["statuses"].get(str(status), 0)
        if not taken or taken + busy != seen["requests"]:
            raise Broken(f"not every answer was {status}: {seen['statuses']}")
        return {**seen, "requests": taken, "per_s": taken / seen["seconds"], "busy": busy}


def beyond_idle(measured, idle):
    """The same without what would have been used anyway: a refusal's own share is small beside it."""
    each = measured["seconds"] / measured["requests"]
    cpu = {name: max(0.0, micros - idle[name] * each) for name, micros in measured["cpu_us"].items()}
    return {**measured, "cpu_us": cpu}


def sum_us(measured):
    """Microseconds of program and servers together; none where a server is not ours to look at."""
    cpu = measured["cpu_us"]
    return sum(cpu.values()) if {"app", "postgres", "rabbitmq"} <= cpu.keys() else None
