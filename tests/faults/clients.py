"""The agencies' people in a fault run: they send referrals about invented children with keys of their own,
try again with the same key where they saw no answer, take steps, read, fetch their inbox. Each call is
written down before and after: invoke, then ok, fail (certainly not done) or info (nobody knows).
"""

import hashlib
import http.client
import json
import random
import threading
import time
import uuid

from common import Log
from hub import CLIENTS

# Longer than any answer may take; rule C11 judges those that came.
PATIENCE_SECONDS = 20
TRIES_MAX = 400
# Of the calls without an answer, so many are never tried again: rule C3 judges what became of them.
GIVE_UP_SHARE = 0.05
STATISTICS = {"sex": {"value": "F"}, "age_band": {"value": "Y5T9"}}


def referral(dice, sender):
    """A request about an invented child; its nonce stands where LAJA, NCCIA and the police may see it."""
    if sender == "ictp":
        choices = [["laja"], ["nccia"], ["laja", "nccia"], ["nccia", "laja", "cpi"]]
        recipients = dice.choices(choices, [3, 3, 3, 1])[0]
    else:
        recipients = ["ictp"]
    services = {"laja": "SVC-LEGAL", "nccia": "SVC-CYBER", "ictp": "SVC-POLICE", "cpi": "SVC-SHELTER"}
    nonce = "T" + format(dice.getrandbits(60), "015x")
    body = {
        "schema": "referral.request/v1",
        "recipients": [{"agency": to, "service": services[to]} for to in recipients],
        "priority": dice.choices(["normal", "urgent", "emergency"], [6, 3, 1])[0],
        "purpose": "justice",
        "reasons": ["RSN-ONLINE"],
        "child": {"age": {"years": dice.randint(5, 9), "basis": "EST"}, "sex": "F"},
        "legal": {"fir": {"station": "Test Station 7", "year": 2026, "number": nonce}},
        "consent": {
            "basis": "best-interests",
            "override_reason": "nobody-to-ask",
            "supervisor": {"name": "Test Officer 9", "position": "Inspector"},
        },
        "referred_by": {"name": "Test Officer 7", "position": "Sub-inspector"},
        "statistics": STATISTICS,
    }
    return nonce, json.dumps(body).encode()


class Caller:
    """Calls a hub as one client, and writes everything down."""

    def __init__(self, client, hubs, issuer, log):
        self.client, self.hubs, self.issuer, self.log = client, hubs, issuer, log
        self.scopes = CLIENTS[client][2]

    def call(self, method, path, body=None, key=None):
        """Status, headers, body; status 0 where no answer came."""
        hub = self.hubs[0] if len(self.hubs) == 1 else random.choice(self.hubs)
        headers = {"authorization": f"Bearer {self.issuer.token(self.client, self.scopes)}"}
        if body is not None:
            headers["content-type"] = "application/json"
        if key:
            headers["idempotency-key"] = key
        connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, {}, b""
        finally:
            connection.close()

    def write(self, op, path, body, key, **more):
        """One call that changes something."""
        what = {"client": self.client, "op": op, "path": path, "key": key, **more}
        digest = hashlib.sha256(f"POST {path}\n".encode() + (body or b"")).hexdigest()
        self.log.write(type="invoke", digest=digest, **what)
        started = time.monotonic()
        status, headers, answer = self.call("POST", path, body, key)
        took = round((time.monotonic() - started) * 1000)
        kind = "ok" if 200 <= status < 300 else "fail" if 400 <= status < 500 else "info"
        told = {"replayed": headers.get("idempotency-replayed") is not None} if status else {}
        if kind == "ok":
            told["bytes"] = hashlib.sha256(answer).hexdigest()
            told["answer"] = json.loads(answer)
        elif status >= 400:
            told["problem"] = answer.decode(errors="replace")[:300]
            told["retry_after"] = headers.get("retry-after") is not None
        self.log.write(type=kind, status=status, ms=took, **what, **told)
        return kind, status, told.get("answer")

    def until_known(self, op, path, body, key, stopping, dice, **more):
        """The same call with the same key until an answer comes; none where it was given up."""
        for _ in range(TRIES_MAX):
            kind, status, answer = self.write(op, path, body, key, **more)
            if kind != "info":
                return answer if kind == "ok" else None
            if status == 0 and dice.random() < GIVE_UP_SHARE:
                return None
            if stopping.wait(0.05 + dice.random() * 0.2):
                return None
        return None

    def read(self, path):
        """One look, written down."""
        started = time.monotonic()
        status, headers, answer = self.call("GET", path)
        took = round((time.monotonic() - started) * 1000)
        self.log.write(type="read", client=self.client, path=path, status=status, ms=took,
                       version=headers.get("etag") if status == 200 else None)
        return status, answer


class People(threading.Thread):
    """A thread that works until it is told to stop."""

    def __init__(self, work, pause):
        super().__init__(daemon=True)
        self.work, self.pause = work, pause
        self.stopping = threading.Event()
        self.fault = None

    def run(self):
        try:
            while not self.stopping.is_set():
                self.work(self.stopping)
                self.stopping.wait(self.pause)
        except Exception as fault:  # Told by the run, which then is no run.
            self.fault = fault


class Crowd:
    """Senders, officers, readers and the police's own system, all writing one history."""

    def __init__(self, folder, hubs, issuer, seed, pace=0.05, lossy_inbox=0.0):
        self.log = Log(f"{folder}/history.jsonl")
        self.seen = Log(f"{folder}/checkpoints.jsonl")
        self.police = Log(f"{folder}/agency-ictp.jsonl")
        self.lock = threading.Lock()
        self.answered, self.had = [], set()
        self.lossy_inbox = lossy_inbox
        self.callers = {name: Caller(name, hubs, issuer, self.log) for name in CLIENTS}
        dice = [random.Random(f"{seed}/{number}") for number in range(6)]
        self.people = [
            People(self.sender("ictp", dice[0]), pace), People(self.sender("ictp", dice[1]), pace),
            People(self.sender("nccia", dice[2]), pace * 3), People(self.officer(dice[3]), pace),
            People(self.reader(dice[4]), 0.1),
        ]
        self.system = People(self.fetch(dice[5]), 0.15)

    def start(self):
        for one in [*self.people, self.system]:
            one.start()
        return self

    def employ(self, work, pause):
        """One more who works until there is no new work."""
        one = People(work, pause)
        self.people.append(one)
        one.start()

    def stop_sending(self):
        """No new work; the police's system goes on fetching until `stop`."""
        for one in self.people:
            one.stopping.set()
        for one in self.people:
            one.join()

    def stop(self):
        self.stop_sending()
        self.system.stopping.set()
        self.system.join()
        for one in [*self.people, self.system]:
            if one.fault:
                raise one.fault

    def sender(self, client, dice):
        caller = self.callers[client]

        def send(stopping):
            nonce, body = referral(dice, client)
            key = str(uuid.UUID(int=dice.getrandbits(128), version=4))
            path = "/v1/referrals"
            answer = caller.until_known("submit", path, body, key, stopping, dice, nonce=nonce)
            if answer is None:
                return
            with self.lock:
                self.answered += [(one["id"], one["to"]) for one in answer["referrals"] if one["to"] != "cpi"]
            luck = dice.random()
            if luck < 0.2:
                caller.write("submit", path, body, key, nonce=nonce)
            elif luck < 0.3:
                caller.write("reuse", path, referral(dice, client)[1], key)

        return send

    def officer(self, dice):
        """Accepts, and later ends, what was sent: each step is told to the other side."""

        def step(stopping):
            with self.lock:
                if not self.answered:
                    return
                which = self.answered.pop(0)
            steps = [("accept", {"schema": "referral.accept/v1",
                                 "officer": {"name": "Test Officer 9", "position": "Duty officer"}})]
            if dice.random() < 0.5:
                steps.append(("outcome", {"schema": "referral.outcome/v1", "result": "completed",
                                          "outcome": "child-safe", "services_given": ["SVC-MHPSS"]}))
            for name, body in steps:
                path, key = f"/v1/referrals/{which[0]}/{name}", f"{name}-{which[0]}"
                body = json.dumps(body).encode()
                caller = self.callers[which[1]]
                if caller.until_known("step", path, body, key, stopping, dice, referral=which[0]) is None:
                    return
                if dice.random() < 0.1:
                    caller.write("again", path, body, key + "-again", referral=which[0])

        return step

    def reader(self, dice):
        """Looks at referrals and at the newest checkpoint, over and over."""

        def look(_stopping):
            status, note = self.callers["ncrc-analyst"].read("/v1/audit/checkpoint")
            if status == 200:
                self.seen.write(note=note.decode(), by="ncrc-analyst")
            with self.lock:
                which = dice.choice(self.answered) if self.answered else None
            if which:
                self.callers[which[1]].read(f"/v1/referrals/{which[0]}")

        return look

    def fetch(self, dice):
        """ICT Police's system: writes each message down once, then acknowledges it."""
        caller = self.callers["ictp"]

        def once(_stopping):
            status, page = caller.call("GET", "/v1/inbox")[::2]
            for item in json.loads(page)["items"] if status == 200 else []:
                delivery = item["delivery"]
                fir = item.get("body", {}).get("legal", {}).get("fir", {})
                ids = {"delivery": delivery, "referral": item.get("referral"), "message": item.get("message")}
                self.police.write(kind="call", mode="shown", delivery=delivery)
                if delivery not in self.had:
                    self.had.add(delivery)
                    self.police.write(kind="effect", nonce=fir.get("number"), **ids)
                if dice.random() >= self.lossy_inbox:
                    path = f"/v1/inbox/{delivery}/acknowledge"
                    caller.write("acknowledge", path, b"{}", delivery, delivery=delivery)

        return once
