"""The hub's state as its entries give it, written again from the description of the leaves: what a forger
needs who changes an entry and wants the tables to fit.
"""

from .rows import (
    ENDS,
    closed,
    reference,
    register_due,
    register_key,
    register_open,
    text,
    turn,
    wakes,
)


class State:
    """The hub's state as its entries give it, written again from the description of the leaves."""

    def __init__(self):
        self.cases, self.referrals, self.deliveries, self.checks, self.registers = {}, {}, {}, {}, {}
        self.moved = {}  # id -> index of the entry that moved it last

    def apply(self, index, entry):
        event, at = entry["event"], entry["at"]
        handle = {
            "request.submitted": self.requested,
            "referral.requested": self.created,
            "referral.drafted": self.drafted,
            "referral.moved": self.referral_moved,
            "clock.overdue": self.clock_overdue,
            "delivery.moved": self.delivery_moved,
            "identity.moved": self.identity_moved,
            "register.moved": self.register_moved,
        }.get(event["kind"])
        for moved in handle(event, at) if handle else ():
            self.moved[moved] = index

    def open_case(self, case, agency, at):
        self.cases[case] = {"id": case, "opened_by": agency, "opened_at": at, "parties": [agency]}

    def requested(self, event, at):
        if not event["opened"]:
            return []
        self.open_case(event["case"], event["from"], at)
        return [event["case"]]

    def created(self, event, at):
        case = self.cases.get(event["case"])
        if case:
            case["parties"] = sorted({*case["parties"], event["from"], event["to"]})
        copied = {
            name: event.get(name)
            for name in ("request", "case", "from", "to", "addressed", "service", "priority", "purpose", "basis")
        }
        referral = {
            "id": event["referral"],
            **copied,
            "status": "requested",
            "previous": None,
            "owner": event["from"],
            "reason": None,
            "suggested": None,
            "clocks": turn([], event["clocks"], at),
            "version": 1,
            "requested": at,
            "moved": at,
            "replaced_by": None,
            "cancel": None,
            "draft": None,
            "intent": event.get("intent"),
            "consent_until": event.get("consent_until"),
            "revoked": None,
            "ceased": None,
            "signed": event.get("signed") or None,
        }
        self.referrals[event["referral"]] = referral
        carried = {"delivery": event["delivery"], "to": event["to"]}
        delivery = self.queue(referral, "request", carried, event["object"], at)
        if event.get("held"):
            delivery.update(status="held", reason="policy-error", owner=delivery["from"])
        return [event["case"], event["referral"], event["delivery"]]

    def drafted(self, event, at):
        """Nobody but its writer knows of it: no party is added, and nothing is on its way."""
        parties = list(self.cases.get(event["case"], {}).get("parties", []))
        self.created(event, at)
        if event["case"] in self.cases:
            self.cases[event["case"]]["parties"] = sorted({*parties, event["from"]})
        del self.deliveries[event["delivery"]]
        self.referrals[event["referral"]].update(status="draft", draft=event["object"])
        return [event["case"], event["referral"]]

    def queue(self, referral, message, made, thing, at):
        delivery = {
            "id": made["delivery"],
            "referral": referral["id"],
            "case": referral["case"],
            "message": message,
            "from": referral["from"] if made["to"] == referral["to"] else referral["to"],
            "to": made["to"],
            "object": thing,
            "priority": referral["priority"],
            "status": "queued",
            "attempts": 0,
            "reason": None,
            "owner": None,
            "clocks": None,
            "created": at,
            "lost": None,
        }
        self.deliveries[made["delivery"]] = delivery
        return delivery

    def referral_moved(self, event, at):
        referral = self.referrals.get(event["referral"])
        if referral is None:
            return [event["referral"]]
        for name in ("status", "owner", "previous", "suggested", "replaced_by"):
            referral[name] = event.get(name)
        ended = event["status"] in ENDS
        if event["step"] == "cancel-request" and not ended:
            referral["cancel"] = event.get("reason")
        elif event["step"] == "cancel-refuse":
            referral["cancel"] = None
        elif event["step"] == "cease":
            referral["ceased"] = event.get("reason")
        else:
            referral["reason"] = event.get("reason")
        if ended:
            referral["cancel"] = None
        referral["version"] += 1
        referral["moved"] = at
        referral["clocks"] = turn(referral["clocks"], event.get("clocks", []), at)
        moved = [event["referral"]]
        if event["step"] == "consent-revoked":
            referral["revoked"] = at
        if event["step"] == "send":
            referral["draft"], referral["requested"] = None, at
        if event.get("case"):
            moved.append(event["case"])
            case = self.cases.get(event["case"])
            if case and event["step"] == "send":
                case["parties"] = sorted({*case["parties"], referral["to"]})
            if case and event["step"] == "accept":
                revoked = case.pop("revoked", None)
                case["owner"] = referral["to"]
                if revoked:
                    case["revoked"] = revoked
            if case and event["step"] == "consent-revoked":
                case["revoked"] = {**(case.get("revoked") or {}), referral["from"]: at}
        made = event.get("delivery")
        if made and event.get("object"):
            message = "request" if event["step"] == "send" else event["step"]
            self.queue(referral, message, made, event["object"], at)
            moved.append(made["delivery"])
        return moved

    def clock_overdue(self, event, at):
        climbed = {"do": "rung", **{name: event.get(name) for name in ("clock", "rung", "next")}}
        referral, letter = self.referrals.get(event["referral"]), event.get("of")
        if letter is None and referral:
            referral["clocks"] = turn(referral["clocks"], [climbed], at)
        elif letter in self.deliveries:
            held = self.deliveries[letter]
            held["clocks"] = turn(held["clocks"] or [], [climbed], at) or None
        moved = [letter or event["referral"]]
        made = event.get("delivery")
        if made and event.get("object") and referral:
            self.queue(referral, "overdue", made, event["object"], at)
            moved.append(made["delivery"])
        return moved

    def delivery_moved(self, event, at):
        delivery = self.deliveries.get(event["delivery"])
        if delivery:
            delivery.update(
                status=event["status"],
                attempts=event["attempt"],
                reason=event.get("reason"),
                owner=event.get("owner"),
                clocks=turn(delivery["clocks"] or [], event.get("clocks", []), at) or None,
                lost=event.get("lost") or None,
            )
        return [event["delivery"]]

    def identity_moved(self, event, at):
        if event["opened"]:
            self.open_case(event["case"], event["from"], at)
        self.checks[event["check"]] = {
            "id": event["check"],
            **{name: event.get(name) for name in ("case", "from", "to", "status", "object", "result")},
        }
        return [event["case"], event["check"]] if event["opened"] else [event["check"]]

    def register_moved(self, event, at):
        """An entry says the whole row."""
        row = {name: value for name, value in event.items() if name != "kind"}
        key = register_key(row)
        self.registers[key] = row
        held = self.cases.get(row.get("case")) if row["book"] in ("hold", "erasure") else None
        if held is None:
            return [key]
        if row["book"] == "hold":
            holds = set(held.get("holds") or []) - {row["agency"]}
            held["holds"] = sorted(holds if "lifted" in row else holds | {row["agency"]}) or None
        else:
            held["erased"] = None if row["status"] == "called-off" else row["ordered"]
        return [key, row["case"]]

    def rows(self):
        """Rows of each state table, in the order of its columns."""
        return {
            "cases": [(c["id"], reference(c["id"]), text(c)) for c in self.cases.values()],
            "referrals": [
                (r["id"], r["case"], r["request"], r["from"], r["to"], r["status"], closed(r), text(r))
                + (wakes(r["clocks"]), max([clock.get("rung", 0) for clock in r["clocks"]], default=0))
                + ("cease" if any(clock["kind"] == "consent-cease" for clock in r["clocks"]) else None,)
                for r in self.referrals.values()
            ],
            "deliveries": [
                (d["id"], d["referral"], d["from"], d["to"], d["status"], text(d), wakes(d["clocks"] or []))
                for d in self.deliveries.values()
            ],
            "registers": [
                (key, r["book"], r["agency"], register_open(r), register_due(r), text(r))
                for key, r in self.registers.items()
            ],
            "identity_checks": [(c["id"], c["case"], c["status"], text(c)) for c in self.checks.values()],
        }
