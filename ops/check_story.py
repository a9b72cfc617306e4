#!/usr/bin/env python3
"""Judges what `amaan sandbox --exit --json` printed, and shares no code with what printed it.

    ops/check_story.py STORY.json

It reads one JSON object {referrals[], steps[], conservation, audit}, checks its shape, counts and ends, and
that nothing personal stands in it. It prints one line for each thing that does not hold and changes nothing.
"""

import json
import re
import sys
from datetime import datetime

STATUSES = {
    "draft", "requested", "received", "accepted", "rejected", "in-progress", "on-hold",
    "completed", "failed", "cancelled", "entered-in-error",
}
ENDED_WELL = {"completed", "cancelled", "entered-in-error"}
ENDS_OF_DELIVERIES = ("delivered", "refused", "undeliverable", "expired", "withdrawn", "in_flight")
REFERRAL = {"id": str, "case": str, "from": str, "to": str, "service": str, "status": str, "attempts": int}
STEPS_MIN = 12
# What may not stand in a timeline: a CNIC, a Pakistani mobile number, an invented child's name.
PERSONAL = {
    "a CNIC": re.compile(r"\b\d{5}-\d{7}-\d\b"),
    "a telephone number": re.compile(r"(\+92|\b0)3\d{2}[- ]?\d{7}\b"),
    "a child's name": re.compile(r"Test (Child|Girl|Boy)", re.IGNORECASE),
}


class Judge:
    """Collects what does not hold."""

    def __init__(self):
        self.faults = []
        self.count = 0

    def holds(self, condition, fault):
        self.count += 1
        if not condition:
            self.faults.append(fault)
        return bool(condition)


def judge_shape(judge, story):
    kinds = {"referrals": list, "steps": list, "conservation": dict, "audit": dict}
    for key, kind in kinds.items():
        judge.holds(isinstance(story.get(key), kind), f"`{key}` is missing or not a {kind.__name__}")
    return not judge.faults


def judge_referrals(judge, referrals):
    judge.holds(referrals, "no referral at all")
    ids = [referral.get("id") for referral in referrals]
    judge.holds(len(ids) == len(set(ids)), "a referral is listed twice")
    for referral in referrals:
        name = referral.get("id", "(no id)")
        for key, kind in REFERRAL.items():
            right = isinstance(referral.get(key), kind) and not isinstance(referral.get(key), bool)
            judge.holds(right, f"referral {name}: `{key}` is missing or not a {kind.__name__}")
        status = referral.get("status")
        judge.holds(status in STATUSES, f"referral {name}: unknown status {status!r}")
        if status not in ENDED_WELL:
            judge.holds(referral.get("owner"), f"referral {name} is {status} and has no owner")
        if status in ("rejected", "failed"):
            fell_back = referral.get("owner") == referral.get("from")
            judge.holds(fell_back, f"referral {name} is {status} and its owner is not its sender")


def judge_journey(judge, referrals):
    """What the story promises, whatever was played before it."""
    def some(fault, **wanted):
        found = [one for one in referrals if all(one.get(key) in value for key, value in wanted.items())]
        judge.holds(found, fault)
        return found

    police = {"from": {"ictp"}}
    some("no referral of the police to CPI for shelter was completed", to={"cpi"}, service={"SVC-SHELTER"},
         status={"completed"}, **police)
    some("no referral to LAJA was accepted", to={"laja"}, status={"accepted", "in-progress", "completed"}, **police)
    cyber = some("no referral to NCCIA was accepted", to={"nccia"}, status={"accepted", "in-progress", "completed"}, **police)
    judge.holds(any(one.get("attempts", 0) >= 3 for one in cyber), "no delivery to NCCIA needed a third attempt")
    some("no referral was rejected by CPI and fell back to the police", to={"cpi"}, status={"rejected"},
         owner={"ictp"}, **police)
    cases = {}
    for one in referrals:
        cases.setdefault(one.get("case"), set()).add(one.get("to"))
    judge.holds(any({"cpi", "laja", "nccia"} <= to for to in cases.values()), "no case went to CPI, LAJA and NCCIA")


def when(text):
    try:
        at = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else None


def judge_steps(judge, steps, referrals):
    judge.holds(len(steps) >= STEPS_MIN, f"only {len(steps)} steps")
    known = {referral.get("id") for referral in referrals}
    entries = []
    for number, step in enumerate(steps, start=1):
        judge.holds(when(step.get("at")), f"step {number}: `at` is no time with an offset")
        judge.holds(isinstance(step.get("what"), str) and step["what"], f"step {number}: `what` is empty")
        judge.holds("referral" in step and "entry" in step, f"step {number}: `referral` or `entry` is missing")
        if step.get("referral") is not None:
            judge.holds(step["referral"] in known, f"step {number} names a referral that is not listed")
        if isinstance(step.get("entry"), int):
            entries.append(step["entry"])
    times = [when(step.get("at")) for step in steps]
    times = [time for time in times if time]
    judge.holds(times == sorted(times), "the steps are not in the order of time")
    judge.holds(entries, "no step names its entry in the ledger")
    judge.holds(any(step.get("withheld") for step in steps), "no step says what was withheld from whom")
    return entries


def judge_conservation(judge, conservation):
    names = ("created", *ENDS_OF_DELIVERIES)
    counts = {name: conservation.get(name) for name in names}
    right = all(isinstance(count, int) and count >= 0 for count in counts.values())
    if judge.holds(right, f"a count of deliveries is missing or negative: {counts}"):
        total = sum(counts[name] for name in ENDS_OF_DELIVERIES)
        judge.holds(counts["created"] == total, f"created {counts['created']}, accounted for {total}: {counts}")
        judge.holds(counts["created"] > 0, "no delivery was created")
    judge.holds(conservation.get("holds") is True, "`conservation.holds` is not true")


def judge_audit(judge, audit, entries):
    size = audit.get("entries")
    right = isinstance(size, int) and size > 0
    judge.holds(right, "`audit.entries` is not a count above zero")
    judge.holds(audit.get("verified") is True, "`audit.verified` is not true")
    judge.holds(audit.get("checkpoint"), "`audit.checkpoint` is empty")
    if right and entries:
        judge.holds(max(entries) < size, f"a step names entry {max(entries)} of a ledger of {size}")


def judge_privacy(judge, text):
    for what, pattern in PERSONAL.items():
        judge.holds(not pattern.search(text), f"the story holds {what}")


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        text = file.read()
    judge = Judge()
    try:
        story = json.loads(text)
    except ValueError as error:
        print(f"not one JSON object: {error}")
        return 1
    if judge.holds(isinstance(story, dict), "not a JSON object") and judge_shape(judge, story):
        judge_referrals(judge, story["referrals"])
        judge_journey(judge, story["referrals"])
        entries = judge_steps(judge, story["steps"], story["referrals"])
        judge_conservation(judge, story["conservation"])
        judge_audit(judge, story["audit"], entries)
        judge_privacy(judge, text)
    for fault in judge.faults:
        print(fault)
    print(f"{judge.count - len(judge.faults)} of {judge.count} claims about the story hold")
    return 1 if judge.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
