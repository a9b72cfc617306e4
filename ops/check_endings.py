#!/usr/bin/env python3
"""Judges the endings that `amaan sandbox --play every-ending --exit --json` printed; shares no code with it.

    ops/check_endings.py STORY.json

Each ending that can be played has to be there, closed and with a reason; each ladder of
schemas/codelists/ladders.csv has to be climbed to its last rung by somebody, rung by rung and no faster than
the list says for an emergency; what was left alone has an owner. A clock added to the list without an ending
here fails. It prints one line for each thing that does not hold and changes nothing.
"""

import csv
import json
import pathlib
import re
import sys
from datetime import datetime

LADDERS = pathlib.Path(__file__).resolve().parent.parent / "schemas" / "codelists" / "ladders.csv"
# Name of an ending played by officers, and the state it ends in.
ENDED = {
    "rejected-and-closed": "rejected",
    "completed-and-acknowledged": "completed",
    "failed-and-closed": "failed",
    "cancelled": "cancelled",
    "cancellation-refused-and-served": "completed",
    "entered-in-error-and-removed": "entered-in-error",
    "entered-in-error-before-anybody-saw-it": "entered-in-error",
    "dead-letter-discarded-and-closed": "cancelled",
    "notified-and-acknowledged": "completed",
    "transferred-and-served": "completed",
    "asked-for-and-offered": "completed",
    "consent-revoked-and-ceased": "cancelled",
    "consent-revoked-and-retained": "cancelled",
}
# What two people were asked about, and what came of it.
APPROVALS = {
    "entered-in-error-and-removed": "approved",
    "entered-in-error-before-anybody-saw-it": "approved",
    "dead-letter-discarded-and-closed": "approved",
    "nobody-removes-it": "approved",
    "nobody-agrees-to-the-void": "expired",
}
NOTICE = "nobody-opens-the-notice"
UNITS = {"D": 86_400, "H": 3_600, "M": 60}
# Sender and receiver of every ending; `owner` is one of them, or the hub for its own notices.
PARTIES = {"receiver": {"laja", "hub"}, "sender": {"ictp"}, "owner": {"ictp", "laja", "hub"}, "hub": {"hub"}}


def ladders():
    """Rungs by clock: (whom, role, seconds after the clock fell due)."""
    found = {}
    with LADDERS.open(encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            found.setdefault(row["clock"], []).append((row["whom"], row["role"], seconds(row["emergency"])))
    return found


def seconds(text):
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)([DHM])", text))


def faults_of(endings):
    by_name = {ending["name"]: ending for ending in endings}
    for name, status in ENDED.items():
        ending = by_name.get(name)
        if ending is None:
            yield f"nothing ended as {name}"
        elif (ending["status"], ending["closed"], ending["owner"]) != (status, True, None):
            yield f"{name}: {ending['status']}, closed {ending['closed']}, owner {ending['owner']}"
    for name, wanted in APPROVALS.items():
        found = by_name.get(name, {}).get("approval")
        if found != wanted:
            yield f"{name}: the approval is {found}, not {wanted}"
    for ending in endings:
        ends = ("rejected", "completed", "failed", "cancelled", "entered-in-error")
        if ending["status"] in ends and not ending["reason"]:
            yield f"{ending['name']}: {ending['status']} without a reason"
        if not ending["closed"] and not ending["owner"]:
            yield f"{ending['name']}: open, and nobody's"
    climbed = {clock: set() for clock in ladders()}
    for ending in endings:
        yield from faults_of_rungs(ending, climbed)
    for clock, ladder in ladders().items():
        missing = set(range(1, len(ladder) + 1)) - climbed[clock]
        if missing:
            yield f"nobody climbed rung {sorted(missing)} of {clock}"


def faults_of_rungs(ending, climbed):
    last = {}
    for rung in ending["rungs"]:
        clock, number = rung["clock"], rung["rung"]
        whom, role, after = ladders()[clock][number - 1]
        climbed[clock].add(number)
        if ending["name"] == NOTICE and whom == "sender" and number == len(ladders()[clock]):
            whom = "hub"  # what a statute says has to be told does not expire
        if rung["whom"] not in PARTIES[whom]:
            yield f"{ending['name']}: rung {number} of {clock} told {rung['whom']}, not the {whom}"
        if rung["whom"] != "hub" and rung["role"] != role:
            yield f"{ending['name']}: rung {number} of {clock} told the {rung['role']}, not the {role}"
        at = datetime.fromisoformat(rung["at"])
        if clock in last and number > 1:
            before, then = last[clock]
            wanted = after - ladders()[clock][before - 1][2]
            if number != before + 1 or (at - then).total_seconds() < wanted - 1:
                yield f"{ending['name']}: rung {number} of {clock} came too early after rung {before}"
        last[clock] = (number, at)


def main(words):
    if len(words) != 1:
        sys.exit(__doc__)
    endings = json.loads(pathlib.Path(words[0]).read_text(encoding="utf-8")).get("endings") or []
    faults = list(faults_of(endings))
    for fault in faults:
        print(f"does not hold: {fault}")
    rungs = sum(len(ending["rungs"]) for ending in endings)
    print(f"{len(endings)} endings, {rungs} rungs of {len(ladders())} ladders; {len(faults)} things do not hold")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
