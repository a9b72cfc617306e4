"""What agencies and auditors read, asked of two hubs in turns: one request to the one, the next to the other,
so that both see the same machine. Times are those of whole answers on a connection that stays open.
"""

import json
import random
import socket
import time

import usage
from common import Broken
from figures import median

# Of each kind; fewer where these take longer than that, which is far beyond any target.
REQUESTS, REQUESTS_LEAST, KIND_SECONDS_MAX = 240, 20, 90
AUDITOR, AGENCY = ["audit.read"], ["referral.send", "delivery.manage"]
SAMPLES = 60
# Of these a small store has less than a page: both are asked for as many as it has.
FEW = ("list_by_state", "dead_letters")
WARM = 10
SILENT_SECONDS = 60
RECEIVE_BYTES = 256 * 1024


class Line:
    """One connection to a hub, and what its answers took."""

    def __init__(self, port):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SILENT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path, token):
        """Seconds, and the answer's body."""
        asked = f"GET {path} HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {token}\r\n\r\n".encode()
        started = time.perf_counter()
        self.socket.sendall(asked)
        held = b""
        while b"\r\n\r\n" not in held:
            held += self.some()
        head, _, body = held.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                      if line.startswith(b"content-length:"))
        while len(body) < length:
            body += self.some()
        took = time.perf_counter() - started
        if not head.startswith(b"HTTP/1.1 200"):
            raise Broken(f"GET {path}: {head[:60]!r} {body[:200]!r}")
        return took, body

    def some(self):
        try:
            some = self.socket.recv(RECEIVE_BYTES)
        except TimeoutError as silent:
            raise Broken(f"the hub on port {self.port} gave no answer within {SILENT_SECONDS} s") from silent
        if not some:
            raise Broken("the hub closed the connection")
        return some


def paths(store, dice):
    """For each kind of question the paths that are asked in turn."""
    tables = store.tables
    least, most = tables.rows(["min(id)", "max(id)"], "FROM referrals")[0]
    low, high = (int(each.removeprefix("rf_"), 16) for each in (least, most))

    def some(count, condition, of=(0.0, 1.0)):
        """Ids drawn over the years: those that follow a drawn moment."""
        found = []
        while len(found) < count:
            share = dice.uniform(*of)
            drawn = f"rf_{low + int((high - low) * share):032x}"
            rest = f"FROM referrals WHERE {condition} AND id >= '{drawn}' ORDER BY id LIMIT 1"
            found += [row[0] for row in tables.rows(["id"], rest)]
        return found

    mine = "from_agency = 'ictp'"
    size = int(tables.rows(["max(size)"], "FROM heads")[0][0])
    page = "/v1/referrals?limit=50"
    return {
        "list_newest": ("ictp", [page]),
        "list_deep": ("ictp", [f"{page}&cursor={each}" for each in some(8, mine, (0.3, 0.7))]),
        "list_received": ("nccia", [page]),
        "list_by_state": ("ictp", [f"{page}&status=on-hold"]),
        "history": ("ictp", [f"/v1/referrals/{each}/history"
                             for each in some(SAMPLES, f"{mine} AND closed")]),
        "proof": ("ncrc-analyst", [f"/v1/audit/proof?index={dice.randrange(size)}"
                                   for _ in range(SAMPLES)]),
        "dead_letters": ("ictp", ["/v1/dead-letters?limit=50"]),
    }


def ask(issuer, stores):
    """For each store a figure for each kind: median, p99, processor time of the hub."""
    asked = [paths(store, random.Random(7)) for store in stores]
    lines = [Line(store.hub.port) for store in stores]
    told = [{} for _ in stores]
    for kind in asked[0]:
        client = asked[0][kind][0]
        token = issuer.token(client, AUDITOR if client == "ncrc-analyst" else AGENCY)
        try:
            if kind in FEW:
                shorten(lines, [each[kind][1] for each in asked], token)
            times, cpu = in_turns(lines, [each[kind][1] for each in asked], stores, token)
        except Broken as fault:
            raise Broken(f"{kind}: {fault}") from fault
        for found, seconds, micros in zip(told, times, cpu):
            p99 = sorted(seconds)[-1 - len(seconds) // 100]
            found[kind] = {"requests": len(seconds), "median_ms": median(seconds) * 1000,
                           "p99_ms": p99 * 1000, "cpu_us": micros}
    return told


def shorten(lines, asked, token):
    """One page each, of as many rows as the store with the fewest has."""
    found = min(len(json.loads(line.get(of[0], token)[1])["data"]) for line, of in zip(lines, asked))
    for of in asked:
        of[0] = of[0].replace("limit=50", f"limit={max(1, found)}")


def in_turns(lines, asked, stores, token):
    """Times of each store, and processor microseconds of its hub for each request."""
    for line, of in zip(lines, asked):
        for number in range(WARM):
            line.get(of[number % len(of)], token)
    meters = [usage.Meter({"app": store.hub.process.pid}) for store in stores]
    times, started = [[] for _ in lines], time.monotonic()
    for number in range(REQUESTS):
        if number >= REQUESTS_LEAST and time.monotonic() - started > KIND_SECONDS_MAX:
            break
        for line, of, seconds in zip(lines, asked, times):
            seconds.append(line.get(of[number % len(of)], token)[0])
    return times, [meter.micros_each(len(times[0])).get("app") for meter in meters]
