"""Edits beneath a hub that runs: it has to find them by itself, at the right place, close disclosure
within a bound, and go on taking referrals.
"""

import json
import os
import random
import sqlite3
import time
import uuid

from clients import referral
from common import Broken, wait_until
from world import World

# The bound of the whole thing; how soon a hub looks is a setting, and here it looks all the time.
CLOSED_SECONDS_MAX = 60
PACE = "audit_every_seconds = 1\naudit_share_percent = 50\n"
ENTRIES = 150


def entry_altered(world, dice):
    """The stored hash of one entry."""
    index = dice.randrange(1, ENTRIES)
    edit(world, f"UPDATE entries SET hash = (SELECT hash FROM entries WHERE idx = {index - 1}) WHERE idx = {index}")
    return "entry-altered", index


def entry_misplaced(world, dice):
    """What stands beside one entry."""
    index = dice.randrange(1, ENTRIES)
    edit(world, f"UPDATE entries SET kind = 'forged' WHERE idx = {index}")
    return "entry-misplaced", index


def status_flipped(world, dice):
    """One referral is at its end, says its row; no entry does. (A case that is erased moves no more.)"""
    rows = world.wiring.rows(["id"], "FROM referrals WHERE closed ORDER BY id")
    chosen = dice.choice(rows)[0]
    edit(world, f"UPDATE referrals SET status = 'completed' WHERE id = '{chosen}'")
    last = world.wiring.rows(["max(idx)"], f"FROM entries WHERE referral_id = '{chosen}' AND kind = 'referral.moved'")
    return "state-mismatch", int(last[0][0])


EDITS = (entry_altered, entry_misplaced, status_flipped)


def edit(world, statement):
    """Past the hub, as somebody with the database in hands."""
    if world.wiring.is_shared:
        world.wiring.psql(statement, world.wiring.databases[0])
        return
    conn = sqlite3.connect(os.path.join(world.wiring.folder, "amaan.db"), timeout=30)
    with conn:
        conn.execute(statement)
    conn.close()


class Shown:
    """What a sender is answered who looks at its own referral, and one who sends."""

    def __init__(self, world):
        self.caller = world.crowd.callers["ictp"]
        self.dice = random.Random(f"{world.seed}/shown")
        self.id = json.loads(self.send()[1])["referrals"][0]["id"]

    def send(self):
        key = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        status, _, body = self.caller.call("POST", "/v1/referrals", referral(self.dice, "ictp")[1], key)
        return status, body

    def problem(self):
        status, _, body = self.caller.call("GET", f"/v1/referrals/{self.id}")
        return "" if status == 200 else json.loads(body)["type"].rsplit("/", 1)[1] if status == 503 else str(status)


def trial(folder, number, seed, wiring):
    """One hub, one edit."""
    act = EDITS[number % len(EDITS)]
    dice = random.Random(f"{seed}/live")
    with World(folder, seed, wiring=wiring, delivery=PACE) as world:
        world.start(pace=0.05)
        world.keep()
        count = lambda: int(world.wiring.rows(["count(*)"], "FROM entries")[0][0])  # noqa: E731
        wait_until("entries", lambda: count() >= 2 * ENTRIES, 120, 0.2)
        wait_until("a closed referral", lambda: world.wiring.rows(["id"], "FROM referrals WHERE closed"), 60, 0.2)
        shown = Shown(world)
        if shown.problem():
            raise Broken(f"a referral is not shown before anything was edited: {shown.problem()}")
        kind, index = act(world, dice)
        since = time.monotonic()
        told = {"edit": f"live-{act.__name__.replace('_', '-')}", "seed": seed, "wiring": name(wiring)}
        try:
            wait_until("disclosure to close", lambda: shown.problem() == "ledger-suspect", CLOSED_SECONDS_MAX, 0.1)
        except Broken:
            return {**told, "possible": True, "detected": False, "located": False, "seconds": 0}
        seconds = round(time.monotonic() - since, 3)
        found = suspicions(world)
        located = {"reason": kind, "first": index, "last": index} in found
        taken = shown.send()[0] == 201
        told.update(possible=True, detected=taken, located=located and taken, seconds=seconds)
        return told if located and taken else {**told, "expected": [kind, index], "report": found, "taken": taken}


def name(wiring):
    return "postgres" if wiring.is_shared else "sqlite"


def suspicions(world):
    status, _, body = world.crowd.callers["ncrc-analyst"].call("GET", "/v1/audit/suspicions")
    if status != 200:
        raise Broken(f"suspicions are not listed: {status}")
    rows = json.loads(body)["data"]
    return [{"reason": row["reason"], **(row.get("entries") or {})} for row in rows]
