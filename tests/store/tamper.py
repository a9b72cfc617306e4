#!/usr/bin/env python3
"""Tampers with a copy of a hub's store as somebody with the database in hands could, and says what a verifier
must find. It shares no code with the hub: tree, states and heads are recomputed here.

    tamper.py DIR EDIT [--seed S]     edits DIR/amaan.db in place (never a store that matters) and prints JSON
                                      {"edit", "what", "kinds", "first", "last", "exact"}
    tamper.py DIR each [--seed S]     the same for every folder in DIR that is named by an edit, one a line
    tamper.py --list                  the edits there are, one a line

One file on purpose: a forger that can be read, copied and run by itself, without the hub beside it.
Used by tests/store/tamper.rs and ops/tamper. Exit codes: 0 done, 1 this store has nothing to edit so, 2 usage.
"""

import argparse
import hashlib
import json
import pathlib
import random
import sqlite3
import sys

ENDS = ("rejected", "completed", "failed", "cancelled", "entered-in-error")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"
STORED_LEVELS = (8, 16, 24)
STATE_TABLES = ("cases", "referrals", "deliveries", "identity_checks", "registers")


class NothingToEdit(Exception):
    """The store is too small for this edit."""


def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


# --- what the entries give --------------------------------------------------------------------------------


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
        return [key]

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


def register_key(row):
    book = row["book"]
    if book == "incident":
        part = [row["part"]] if "part" in row else []
        return "/".join([book, ".".join([row["condition"], row["agency"], *part])])
    if book == "switch":
        message = kind_name(row["message"]) if "message" in row else "all"
        return "/".join([book, row["agency"], message])
    if book == "break-glass":
        return f"{book}/{row['case']}.{row['person']}"
    if book == "suspension":
        return f"{book}/{row['person']}"
    return f"{book}/{row['id']}"


def kind_name(word):
    return word.replace("-", ".", 1) if word.startswith("identity-") else f"referral.{word}"


def register_open(row):
    if row["book"] == "switch":
        return row["off"]
    if row["book"] == "suspension":
        return "lifted" not in row
    return row["book"] == "person" or row["status"] in ("open", "opened", "recovered")


def register_due(row):
    if row["book"] == "approval" and row["status"] == "open":
        return row["expires"]
    if row["book"] == "break-glass" and row["status"] == "open":
        return row["review_by"]
    if row["book"] == "incident" and row["status"] == "recovered":
        return row["recovered"] + 24 * 3_600 * 1_000_000
    return None


def turn(clocks, changes, at):
    """Clocks after some changes made at one time."""
    clocks = [dict(clock) for clock in clocks]
    for change in changes:
        kind = change["clock"]
        held = [clock for clock in clocks if clock["kind"] == kind]
        if change["do"] in ("start", "stop"):
            clocks = [clock for clock in clocks if clock["kind"] != kind]
        if change["do"] == "start":
            clocks.append({"kind": kind, "started": at, "due": change["due"]})
        for clock in held:
            if change["do"] == "pause":
                clock["paused"] = at
            elif change["do"] == "resume":
                later = change["due"] - clock["due"]
                clock.pop("paused", None)
                clock["due"] = change["due"]
                if "next" in clock:
                    clock["next"] += later
            elif change["do"] == "rung":
                clock["rung"] = change["rung"]
                clock.pop("next", None)
                if change.get("next") is not None:
                    clock["next"] = change["next"]
    return clocks


def wakes(clocks):
    """When the first clock wakes: when it is due, then at each rung; never while it stands still."""
    running = [clock for clock in clocks if "paused" not in clock]
    times = [clock.get("next") if clock.get("rung", 0) else clock["due"] for clock in running]
    return min((time for time in times if time is not None), default=None)


def closed(referral):
    return referral["status"] in ENDS and not referral["clocks"]


def text(state):
    """Compact JSON without what is absent."""
    present = {name: value for name, value in state.items() if value is not None}
    return json.dumps(present, separators=(",", ":"), ensure_ascii=False)


def reference(case):
    value = int(case[3:], 16) & ((1 << 40) - 1)
    digits = "".join(ALPHABET[(value >> (5 * place)) & 31] for place in range(7, -1, -1))
    return f"{digits[:4]}-{digits[4:]}-{ALPHABET[value % 37]}"


def place_of(state, event):
    """The case and referral columns of an entry."""
    kind = event["kind"]
    if kind in ("request.submitted", "identity.moved", "notice.given"):
        return event["case"], None
    if kind in ("referral.requested", "referral.drafted"):
        return event["case"], event["referral"]
    if kind in ("referral.moved", "clock.overdue"):
        held = state.referrals.get(event["referral"])
        return (held or {}).get("case"), event["referral"]
    if kind == "delivery.moved":
        held = state.deliveries.get(event["delivery"]) or {}
        return held.get("case"), held.get("referral")
    subject = event.get("subject") or ""
    if kind == "read":
        return (subject if subject.startswith("cs_") else None), (subject if subject.startswith("rf_") else None)
    return None, None


class Tree:
    """Leaf hashes one by one, the peaks they form, and the nodes a store keeps."""

    def __init__(self):
        self.size, self.peaks, self.nodes = 0, [], {}

    def add(self, leaf):
        self.size += 1
        self.peaks.append((0, leaf))
        while len(self.peaks) > 1 and self.peaks[-1][0] == self.peaks[-2][0]:
            (level, right), (_, left) = self.peaks.pop(), self.peaks.pop()
            joined = node_hash(left, right)
            self.peaks.append((level + 1, joined))
            if level + 1 in STORED_LEVELS:
                self.nodes[(level + 1, (self.size >> (level + 1)) - 1)] = joined

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            root = node_hash(left, root)
        return root


# --- a store in hands -------------------------------------------------------------------------------------


class Store:
    """An open database, its entries and heads."""

    def __init__(self, folder, seed):
        self.conn = sqlite3.connect(pathlib.Path(folder) / "amaan.db", isolation_level=None)
        self.draw = random.Random(seed)
        self.leaves = [bytes(row[0]) for row in self.conn.execute("SELECT leaf FROM entries ORDER BY idx")]
        self.heads = [row[0] for row in self.conn.execute("SELECT size FROM heads ORDER BY size")]
        if len(self.leaves) < 12 or len(self.heads) < 4:
            raise NothingToEdit("too few entries or heads")

    @property
    def size(self):
        return len(self.leaves)

    def index(self, before=None):
        """An entry that is not the last, and lies below `before`."""
        return self.draw.randrange(0, min(self.size - 1, before or self.size))

    def batch(self, index):
        """First and last entry of the heads around an entry: what a verifier can say without more proof."""
        below = max((head for head in self.heads if head <= index), default=0)
        above = min(head for head in self.heads if head > index)
        return below, above - 1

    def changed(self, index):
        """The leaf at an index with one fact turned into another, still a leaf."""
        leaf = json.loads(self.leaves[index])
        event = leaf["event"]
        for name in ("to", "from", "agency"):
            if name in event:
                event[name] = "forged" if event[name] != "forged" else "forged-2"
                break
        else:
            leaf["actor"] = "ps_" + "f" * 32
        return json.dumps(leaf, separators=(",", ":"), ensure_ascii=False).encode()

    def follow(self):
        state = State()
        for index, leaf in enumerate(self.leaves):
            state.apply(index, json.loads(leaf))
        return state

    def put(self, index, leaf, hashed=True):
        self.conn.execute("UPDATE entries SET leaf = ? WHERE idx = ?", (leaf, index))
        if hashed:
            self.conn.execute("UPDATE entries SET hash = ? WHERE idx = ?", (leaf_hash(leaf), index))

    def forge(self, leaves, sizes):
        """Writes everything anew, as if these leaves had been committed with heads of these sizes."""
        state, tree, entries, heads = State(), Tree(), [], []
        keys = dict(self.conn.execute("SELECT size, key_id FROM heads"))
        key = keys[self.heads[-1]]
        for index, leaf in enumerate(leaves):
            entry = json.loads(leaf)
            state.apply(index, entry)
            tree.add(leaf_hash(leaf))
            event = entry["event"]
            entries.append((index, leaf, leaf_hash(leaf), event["kind"], *place_of(state, event)))
            if index + 1 in sizes:
                peaks = b"".join(peak for _, peak in tree.peaks)
                heads.append((index + 1, entry["at"], tree.root(), peaks, key))
        rows = {"entries": entries, "heads": heads, **state.rows()}
        rows["nodes"] = [(level, index, node) for (level, index), node in tree.nodes.items()]
        self.conn.execute("BEGIN")
        for table, values in rows.items():
            self.conn.execute(f"DELETE FROM {table}")
            if values:
                marks = ",".join("?" * len(values[0]))
                self.conn.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        self.conn.execute("COMMIT")

    def state_row(self):
        """A row of a state table: table, id, and the entry that moved it last."""
        state = self.follow()
        found = []
        for table in STATE_TABLES:
            ids = [row[0] for row in self.conn.execute(f"SELECT id FROM {table} ORDER BY id")]
            found += [(table, each) for each in ids]
        table, row = self.draw.choice(found)
        return table, row, state.moved[row]


def must(kinds, first, last=None, exact=True, what=""):
    last = first if last is None else last
    return {"kinds": kinds.split(), "first": first, "last": last, "exact": exact, "what": what}


# --- the edits --------------------------------------------------------------------------------------------


def entry_leaf(store):
    """One entry's bytes."""
    index = store.index()
    store.put(index, store.changed(index), hashed=False)
    return must("entry-altered", index)


def entry_and_hash(store):
    """One entry's bytes and its hash."""
    index = store.index()
    store.put(index, store.changed(index))
    return must("head-mismatch", *store.batch(index))


def entry_and_all_heads(store):
    """One entry, and everything after it recomputed: heads, nodes, states. Only a kept checkpoint tells."""
    index = store.index()
    leaves = [*store.leaves]
    leaves[index] = store.changed(index)
    store.forge(leaves, store.heads)
    return must("checkpoint-mismatch", 0, store.size - 1)


def entry_columns(store):
    """The columns beside one entry, by which histories are found."""
    index = store.index()
    store.conn.execute("UPDATE entries SET referral_id = ? WHERE idx = ?", ("rf_" + "0" * 32, index))
    return must("entry-misplaced", index)


def entry_deleted(store):
    """One entry."""
    index = store.index()
    store.conn.execute("DELETE FROM entries WHERE idx = ?", (index,))
    return must("entry-missing", index)


def entry_deleted_and_closed_up(store):
    """One entry, the later ones moved up."""
    index = store.index(before=store.heads[-2])
    store.conn.execute("DELETE FROM entries WHERE idx = ?", (index,))
    shift(store, index, -1)
    return must("head-mismatch", *store.batch(index))


def entry_deleted_and_all_heads(store):
    """One entry, and everything recomputed. Only a kept checkpoint tells, and not where."""
    index = store.index()
    leaves = store.leaves[:index] + store.leaves[index + 1 :]
    store.forge(leaves, {head - 1 if head > index else head for head in store.heads})
    return must("tail-cut unproven", 0, store.size - 2, exact=False, what="deleted and closed up")


def entry_inserted(store):
    """One entry in between, the later ones moved down."""
    index = store.index(before=store.heads[-2])
    around = store.batch(index)
    shift(store, index, 1)
    add_row(store, index)
    return must("head-mismatch", *around)


def entry_inserted_and_all_heads(store):
    """One entry in between, and everything recomputed."""
    index = store.index()
    leaves = [*store.leaves[:index], store.changed(index), *store.leaves[index:]]
    store.forge(leaves, {head + 1 if head > index else head for head in store.heads})
    return must("checkpoint-mismatch", 0, store.size - 1)


def entry_appended(store):
    """One entry at the end, without a head."""
    add_row(store, store.size)
    return must("head-missing", store.size)


def entries_swapped(store):
    """Two neighbours with all their columns."""
    index = store.draw.choice([at for at in range(store.size - 1) if store.leaves[at] != store.leaves[at + 1]])
    swap(store, index, index + 1)
    return must("head-mismatch", *store.batch(index))


def entries_moved_far(store):
    """Two entries far apart with all their columns."""
    index = store.index(before=store.size // 3)
    swap(store, index, store.size - 2)
    return must("head-mismatch", *store.batch(index))


def entries_swapped_and_all_heads(store):
    """Two neighbours, and everything recomputed."""
    index = store.index()
    leaves = [*store.leaves]
    leaves[index], leaves[index + 1] = leaves[index + 1], leaves[index]
    if leaves == store.leaves:
        raise NothingToEdit("two entries alike")
    store.forge(leaves, store.heads)
    return must("checkpoint-mismatch", 0, store.size - 1)


def tail_entries(store):
    """The newest entries, nothing else."""
    cut = store.draw.randrange(store.heads[len(store.heads) // 2], store.size)
    store.conn.execute("DELETE FROM entries WHERE idx >= ?", (cut,))
    return must("tail-cut", cut, store.size - 1)


def tail_cut(store):
    """The newest batches without a trace: entries, heads, nodes, states. Only a kept checkpoint tells."""
    cut = store.draw.choice(store.heads[len(store.heads) // 2 : -1])
    store.forge(store.leaves[:cut], store.heads)
    return must("tail-cut", cut, store.size - 1)


def head_root(store):
    """One head's root."""
    head = store.draw.choice(store.heads[:-1])
    store.conn.execute("UPDATE heads SET root = ? WHERE size = ?", (hashlib.sha256(b"forged").digest(), head))
    return must("head-altered", head - 1)


def head_peaks(store):
    """The newest head's peaks, on which the next batch would be built."""
    store.conn.execute("UPDATE heads SET peaks = zeroblob(length(peaks)) WHERE size = ?", (store.heads[-1],))
    return must("head-altered", store.heads[-1] - 1)


def head_time(store):
    """The newest head's time, before which no later entry would lie."""
    store.conn.execute("UPDATE heads SET at = at + 86400000000 WHERE size = ?", (store.heads[-1],))
    return must("head-altered", store.heads[-1] - 1)


def state_edited(store):
    """One state, as the hub would read it."""
    table, row, index = store.state_row()
    state = json.loads(store.conn.execute(f"SELECT state FROM {table} WHERE id = ?", (row,)).fetchone()[0])
    name = store.draw.choice([each for each in state if each != "id"])
    state[name] = 7 if state[name] != 7 else 8
    store.conn.execute(f"UPDATE {table} SET state = ? WHERE id = ?", (text(state), row))
    return must("state-mismatch", index, what=f"{table}.state, member {name}")


def state_column(store):
    """One column beside a state, by which lists and counts are made."""
    table, row, index = store.state_row()
    columns = {each[1]: each[2] for each in store.conn.execute(f"PRAGMA table_info({table})")}
    column = store.draw.choice([name for name in columns if name not in ("id", "state")])
    # What was empty changes too; a number changes as a number, because that is how it is read.
    if column == "closed":
        value = f"NOT {column}"
    elif "INT" in columns[column].upper():
        value = f"COALESCE({column}, 0) + 1"
    else:
        value = f"COALESCE({column}, '') || 'x'"
    store.conn.execute(f"UPDATE {table} SET {column} = {value} WHERE id = ?", (row,))
    return must("state-mismatch", index, what=f"{table}.{column}")


def state_deleted(store):
    """One state's row."""
    table, row, index = store.state_row()
    store.conn.execute(f"DELETE FROM {table} WHERE id = ?", (row,))
    return must("state-missing", index, what=table)


def state_forged(store):
    """A referral that no entry made."""
    columns = [each[1] for each in store.conn.execute("PRAGMA table_info(referrals)")]
    row = list(store.conn.execute("SELECT * FROM referrals LIMIT 1").fetchone())
    forged = "rf_" + "e" * 32
    row[columns.index("state")] = row[columns.index("state")].replace(row[0], forged)
    row[0] = forged
    store.conn.execute(f"INSERT INTO referrals VALUES ({','.join('?' * len(row))})", row)
    return must("state-unknown", store.size)


def node_edited(store):
    """One stored inner node, of which old proofs are made."""
    level, index = some_node(store)
    forged = hashlib.sha256(b"forged").digest()
    store.conn.execute("UPDATE nodes SET hash = ? WHERE level = ? AND idx = ?", (forged, level, index))
    return must("node-mismatch", index << level, ((index + 1) << level) - 1)


def node_deleted(store):
    """One stored inner node is gone."""
    level, index = some_node(store)
    store.conn.execute("DELETE FROM nodes WHERE level = ? AND idx = ?", (level, index))
    return must("node-mismatch", index << level, ((index + 1) << level) - 1)


def some_node(store):
    nodes = list(store.conn.execute("SELECT level, idx FROM nodes ORDER BY level, idx"))
    if not nodes:
        raise NothingToEdit("fewer than 256 entries, so no inner node is stored")
    return store.draw.choice(nodes)


def shift(store, index, by):
    """Moves the entries from an index on; in two steps, for the index is a key."""
    store.conn.execute("UPDATE entries SET idx = -idx - 1000000 WHERE idx >= ?", (index,))
    store.conn.execute("UPDATE entries SET idx = -(idx + 1000000) + ? WHERE idx < 0", (by,))


def add_row(store, index):
    leaf = store.changed(min(index, store.size - 1))
    values = (index, leaf, leaf_hash(leaf), json.loads(leaf)["event"]["kind"], None, None)
    store.conn.execute("INSERT INTO entries VALUES (?,?,?,?,?,?)", values)


def swap(store, one, two):
    store.conn.execute("UPDATE entries SET idx = -1 WHERE idx = ?", (one,))
    store.conn.execute("UPDATE entries SET idx = ? WHERE idx = ?", (one, two))
    store.conn.execute("UPDATE entries SET idx = ? WHERE idx = -1", (two,))


EDITS = {
    edit.__name__.replace("_", "-"): edit
    for edit in (
        entry_leaf,
        entry_and_hash,
        entry_and_all_heads,
        entry_columns,
        entry_deleted,
        entry_deleted_and_closed_up,
        entry_deleted_and_all_heads,
        entry_inserted,
        entry_inserted_and_all_heads,
        entry_appended,
        entries_swapped,
        entries_moved_far,
        entries_swapped_and_all_heads,
        tail_entries,
        tail_cut,
        head_root,
        head_peaks,
        head_time,
        state_edited,
        state_column,
        state_deleted,
        state_forged,
        node_edited,
        node_deleted,
    )
}


def tamper(folder, edit, seed):
    """Edits the store in a folder; what a verifier must find."""
    store = Store(folder, seed)
    expected = EDITS[edit](store)
    store.conn.close()
    return {"edit": edit, **expected, "what": expected["what"] or EDITS[edit].__doc__}


def rebuilt(folder):
    """Writes everything anew from the entries: the store must verify as before."""
    store = Store(folder, 0)
    store.forge(store.leaves, store.heads)
    store.conn.close()


def found(expected, findings):
    """Is what had to be found among the findings, at the right place?"""
    first, last = expected["first"], expected["last"]
    for finding in findings:
        if finding["kind"] not in expected["kinds"]:
            continue
        exact = (finding["first"], finding["last"]) == (first, last)
        if exact or (not expected["exact"] and finding["first"] <= first and finding["last"] >= last):
            return True
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir", nargs="?")
    parser.add_argument("edit", nargs="?", choices=[*EDITS, "each", "rebuilt"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    if args.list:
        print("\n".join(EDITS))
        return 0
    if not args.edit:
        parser.error("a folder and an edit, or --list")
    try:
        if args.edit == "rebuilt":
            rebuilt(args.dir)
            return 0
        if args.edit == "each":
            for seed, edit in enumerate(EDITS, args.seed):
                print(json.dumps(tamper(pathlib.Path(args.dir) / edit, edit, seed)))
            return 0
        print(json.dumps(tamper(args.dir, args.edit, args.seed)))
    except NothingToEdit as nothing:
        print(nothing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
