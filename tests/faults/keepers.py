"""People of the police who have cases erased in a fault run: a case is brought to its end, one of them
asks, the other agrees. What they were answered stands in the same history as everybody's.
"""

import json
import uuid

from clients import referral

ADMIN, OFFICER, SUPERVISOR = "ictp-admin", "ictp-privacy", "ictp-supervisor"
ROLES = {OFFICER: "privacy-officer", SUPERVISOR: "supervisor"}
# While the last messages of a case are on their way it is open; an agency that misbehaves makes that longer.
ASKED_MAX = 40
BETWEEN_SECONDS = 0.25


class Keeper:
    """One thread's work: a case from its beginning to its erasure."""

    def __init__(self, callers, dice):
        self.callers, self.dice = callers, dice
        self.known = False

    def __call__(self, stopping):
        if not self.known:
            self.known = self.tell_who(stopping)
            return
        case = self.closed(stopping)
        if case is None:
            return
        asked = self.ask(case, stopping)
        if asked is not None:
            self.call("approve", SUPERVISOR, f"/v1/approvals/{asked}/approve", {}, stopping, case=case)

    def tell_who(self, stopping):
        """Who may ask and who may agree, as their administrator says."""
        for who, role in ROLES.items():
            said = {"subject": who, "roles": [role]}
            if self.call("person", ADMIN, "/v1/persons", said, stopping) is None:
                return False
        return True

    def closed(self, stopping):
        """A case of which nothing more is to come, but for messages on their way."""
        nonce, body = referral(self.dice, "ictp")
        body = {**json.loads(body), "recipients": [{"agency": "nccia", "service": "SVC-CYBER"}]}
        answer = self.call("submit", "ictp", "/v1/referrals", body, stopping, nonce=nonce)
        if answer is None:
            return None
        which = answer["referrals"][0]["id"]
        for who, step, reason in (("nccia", "reject", "no-capacity"), ("ictp", "close", "referred-elsewhere")):
            body = {"schema": f"referral.{step}/v1", "reason": reason}
            path = f"/v1/referrals/{which}/{step}"
            if self.call("step", who, path, body, stopping, referral=which) is None:
                return None
        return answer["case"]["id"]

    def ask(self, case, stopping):
        """The approval's id, once the case is not open any more."""
        for _ in range(ASKED_MAX):
            path = f"/v1/cases/{case}/erase"
            answer = self.call("erase", OFFICER, path, {"reason": "child-asked"}, stopping, case=case)
            if answer is not None:
                return answer["id"]
            if stopping.wait(BETWEEN_SECONDS):
                return None
        return None

    def call(self, op, who, path, body, stopping, **more):
        key = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        body = json.dumps(body).encode()
        return self.callers[who].until_known(op, path, body, key, stopping, self.dice, **more)
