"""Agencies' systems for fault runs, written from ops/docs/simulators.md and sharing no code with the hub:
NCCIA (dedupes by delivery, can be asked) and LAJA (neither) behind their JSON interface, with faults drawn
from a seed. What they do they append to a log and fsync before they answer: the checker believes these logs.
"""

import http.server
import json
import random
import socket
import struct
import threading
import time

from common import Log

SECRET = "a-secret-of-an-invented-agency"
# What an agency does with a call. `taken` modes write the effect down; of the others the hub may say for
# certain, or not, that nothing was taken.
TAKEN = ("ok", "slow", "truncated", "wrong", "reset-after", "bad-gateway-after", "html-after")
NOT_TAKEN = ("500", "503", "429", "html-before", "redirect", "reset-before", "bad-gateway-before")
RETRY_AFTER_SECONDS = 1


class Office:
    """What an agency remembers, and how it misbehaves: `faults` is a map from mode to weight."""

    def __init__(self, code, folder, seed, dedupes):
        self.code, self.dedupes = code, dedupes
        self.log = Log(f"{folder}/agency-{code}.jsonl")
        self.lock = threading.Lock()
        self.dice = random.Random(f"{seed}/{code}")
        self.faults = {}
        self.known = {}
        self.count = 0
        self.calm = 0

    def mode(self):
        with self.lock:
            if not self.faults:
                return "ok"
            modes = [("ok", max(0, 100 - sum(self.faults.values())))] + sorted(self.faults.items())
            return self.dice.choices([mode for mode, _ in modes], [weight for _, weight in modes])[0]

    def take(self, ids, attempt):
        """Writes an effect down, once for each delivery where this agency dedupes; the reference."""
        with self.lock:
            if self.dedupes and ids["delivery"] in self.known:
                return self.known[ids["delivery"]]
            self.count += 1
            reference = f"{self.code.upper()}-2026-{self.count:06}"
            self.known[ids["delivery"]] = reference
        self.log.write(kind="effect", attempt=attempt, reference=reference, **ids)
        return reference


def ids_of(form):
    """The hub's ids and the test's nonce, as each agency's own form carries them."""
    form = next(iter(form.values()))
    fir = form.get("fir") or form.get("legal", {}).get("fir") or {}
    return {
        "delivery": form.get("hub_delivery") or form.get("delivery_no"),
        "referral": form.get("hub_referral") or form.get("referral_no"),
        "message": form.get("kind"),
        "nonce": fir.get("number"),
    }


class Handler(http.server.BaseHTTPRequestHandler):
    """One call."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self):
        office = self.server.office
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path not in ("/referrals", "/messages"):
            office.log.write(kind="followed", path=self.path)
            return self.answer(404, {"error": "not-found"})
        if self.headers.get("authorization") != f"Bearer {SECRET}":
            return self.answer(401, {"error": "unauthorized"})
        try:
            ids = ids_of(json.loads(body))
        except (ValueError, AttributeError, StopIteration):
            return self.answer(400, {"error": "malformed"})
        mode = office.mode()
        attempt = int(self.headers.get("x-amaan-attempt", 0))
        office.log.write(kind="call", mode=mode, attempt=attempt, delivery=ids["delivery"])
        return self.behave(office, mode, ids, attempt)

    def behave(self, office, mode, ids, attempt):
        taken = 201 if office.dedupes else 202
        reference = office.take(ids, attempt) if mode in TAKEN else None
        if mode == "slow":
            time.sleep(office.dice.uniform(0.3, 1.5))
        if mode in ("ok", "slow"):
            return self.answer(taken, {"reference": reference})
        if mode == "truncated":
            return self.answer(taken, b'{"reference": "' + reference[:6].encode())
        if mode == "wrong":
            return self.answer(200, {"reference": {"number": reference}})
        if mode.startswith("html"):
            return self.answer(200, b"<html><body>Welcome to the portal</body></html>", "text/html")
        if mode.startswith("reset"):
            return self.reset()
        if mode.startswith("bad-gateway"):
            return self.answer(502, b"<html>bad gateway</html>", "text/html")
        if mode == "redirect":
            return self.answer(302, b"", more={"location": "/elsewhere"})
        more = {"retry-after": str(RETRY_AFTER_SECONDS)} if mode == "429" else {}
        return self.answer(int(mode), {"error": "not-now"}, more=more)

    def do_GET(self):
        office = self.server.office
        if self.path == "/elsewhere":
            office.log.write(kind="followed", path=self.path)
        delivery = self.path.rsplit("/", 1)[-1]
        reference = office.known.get(delivery) if office.dedupes else None
        if reference is None:
            return self.answer(404, {"error": "not-found"})
        return self.answer(200, {"reference": reference})

    def answer(self, status, body, kind="application/json", more=None):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            for name, value in (more or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Serves one office."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, office):
        super().__init__(("127.0.0.1", 0), Handler)
        self.office = office
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """The hub was killed in the middle of a call: that is what these runs are for."""

    @property
    def port(self):
        return self.server_port
