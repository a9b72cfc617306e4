"""What the ledger's leaves say, rebuilt from them alone: requests, referrals, deliveries and their steps. The
checker compares it with what clients and agencies wrote down; it takes nothing from the hub's own states.
"""

import collections

TERMINAL = ("delivered", "refused")


class Delivery:
    """One message to one agency, as the entries tell it."""

    def __init__(self, event_id, to, sender, referral):
        self.id, self.to, self.sender, self.referral = event_id, to, sender, referral
        self.status, self.reason, self.owner = "queued", None, None
        self.claimed, self.retried, self.ends = [], {}, []

    def moved(self, event):
        self.status, self.reason, self.owner = event["status"], event.get("reason"), event.get("owner")
        if event["step"] == "sent":
            self.claimed.append(event["attempt"])
        if event["step"] == "retry":
            self.retried[event["attempt"]] = event.get("reason")
        if event["status"] in TERMINAL:
            self.ends.append(event["status"])


    def is_poisoned(self):
        """Did it take three workers with it? The third stands in its end, not among what was retried."""
        lost = [reason for reason in self.retried.values() if reason in ("worker-lost", "panicked")]
        return self.reason == "poisoned" and len(lost) >= 2


class Story:
    """All of it, in order; what cannot be is kept in `faults` as (rule, text)."""

    def __init__(self, events):
        self.requests, self.referrals, self.deliveries = {}, {}, {}
        self.at, self.steps = {}, collections.defaultdict(list)
        self.faults = []
        self.parties = {}
        self.erasures, self.behind = collections.defaultdict(list), []
        for index, event in enumerate(events):
            kind = event["kind"]
            if kind == "request.submitted":
                self.submitted(index, event)
            elif kind == "referral.requested":
                self.created(event)
            elif kind == "referral.drafted":
                self.drafted(event)
            elif kind == "referral.moved":
                self.moved(event)
            elif kind == "clock.overdue":
                self.told(event)
            elif kind == "delivery.moved":
                self.carried(event)
            elif kind == "register.moved" and event["book"] == "erasure":
                self.erasures[event["case"]].append((index, event["status"]))

    def submitted(self, index, event):
        steps = self.erasures.get(event["case"])
        if steps and steps[-1][1] != "called-off":
            self.behind.append((event["case"], index))
        if event["request"] in self.requests:
            self.faults.append(("C5", f"{event['request']} was taken twice"))
        self.requests[event["request"]] = {"index": index, "wanted": event["recipients"], "referrals": []}
        self.at[index] = event["request"]

    def created(self, event):
        referral = event["referral"]
        if referral in self.referrals:
            self.faults.append(("C5", f"{referral} was entered twice"))
        if event["request"] not in self.requests:
            self.faults.append(("C3", f"{referral} has no request"))
        else:
            self.requests[event["request"]]["referrals"].append(referral)
        self.referrals[referral] = 1
        self.parties[referral] = (event["from"], event["to"])
        self.made(event["delivery"], event["to"], event["from"], referral)

    def drafted(self, event):
        """Written and not sent: nothing is on its way yet."""
        self.created(event)
        self.deliveries.pop(event["delivery"], None)

    def made(self, delivery, to, sender, referral):
        if delivery in self.deliveries:
            self.faults.append(("C5", f"{delivery} was made twice"))
        self.deliveries[delivery] = Delivery(delivery, to, sender, referral)

    def moved(self, event):
        referral, version = event["referral"], event["version"]
        if version != self.referrals.get(referral, 0) + 1:
            known = self.referrals.get(referral)
            self.faults.append(("C6", f"{referral} went from version {known} to {version}"))
        self.referrals[referral] = version
        self.steps[referral].append(event["step"])
        self.told(event)

    def told(self, event):
        """The message that an entry makes for one side of a referral, if it makes one."""
        if event.get("delivery"):
            referral = event["referral"]
            pair = self.parties.get(referral, (None, None))
            to = event["delivery"]["to"]
            sender = pair[0] if pair[1] == to else pair[1]
            self.made(event["delivery"]["delivery"], to, sender, referral)

    def carried(self, event):
        delivery = self.deliveries.get(event["delivery"])
        if delivery is None:
            self.faults.append(("C5", f"{event['delivery']} moves and was never made"))
        else:
            delivery.moved(event)
