"""Edits of sealed bodies and of the key database: only who opens bodies with the keys can find them
(`amaan audit verify --bodies`). What is sealed is never opened here.
"""

import json

from .held import NothingToEdit, must


def bodies_swapped(store):
    """The ciphertexts of two cases, each in the other's place."""
    one, two = two_of(store, "case_id")
    exchange(store, one, two, ("sealed",))
    return must("body-altered", min(one["index"], two["index"]))


def bodies_swapped_with_keys(store):
    """The same with the names of their keys, so that each opens under its own."""
    one, two = two_of(store, "case_id")
    exchange(store, one, two, ("sealed", "key_id"))
    return must("key-misplaced", min(one["index"], two["index"]))


def bodies_moved(store):
    """Two bodies moved whole, with case and key, each to the other's id."""
    one, two = two_of(store, "case_id")
    exchange(store, one, two, ("sealed", "key_id", "case_id", "schema"))
    return must("body-misplaced", min(one["index"], two["index"]))


def body_edited(store):
    """One bit of one ciphertext."""
    body = store.draw.choice(living(store))
    sealed = bytearray(body["sealed"])
    sealed[store.draw.randrange(len(sealed))] ^= 1 << store.draw.randrange(8)
    store.conn.execute("UPDATE bodies SET sealed = ? WHERE object_id = ?", (bytes(sealed), body["object_id"]))
    return must("body-altered", body["index"])


def body_deleted(store):
    """One sealed body."""
    body = store.draw.choice(living(store))
    store.conn.execute("DELETE FROM bodies WHERE object_id = ?", (body["object_id"],))
    return must("body-missing", body["index"])


def key_deleted(store):
    """One case's key, as if the case had been erased; no entry says so."""
    body = store.draw.choice(living(store))
    store.keys.execute("DELETE FROM slots WHERE key_id = ?", (body["key_id"],))
    return must("key-lost", first_of_key(store, body["key_id"]))


def key_swapped(store):
    """The wrapped key of one case in the place of another's."""
    one, two = two_of(store, "key_id")
    wrapped = store.keys.execute("SELECT wrapped FROM slots WHERE key_id = ?", (two["key_id"],)).fetchone()[0]
    store.keys.execute("UPDATE slots SET wrapped = ? WHERE key_id = ?", (wrapped, one["key_id"]))
    return must("key-altered", first_of_key(store, one["key_id"]))


def key_replayed(store):
    """A key as an old copy of the key database has it, wrapped under an epoch's key that is gone."""
    old = {row[0]: row[1] for row in store.old_keys().execute("SELECT key_id, wrapped FROM slots")}
    body = store.draw.choice([body for body in living(store) if body["key_id"] in old])
    now = store.keys.execute("SELECT wrapped FROM slots WHERE key_id = ?", (body["key_id"],)).fetchone()[0]
    if bytes(now) == bytes(old[body["key_id"]]):
        raise NothingToEdit("no key was wrapped anew since the old copy")
    store.keys.execute("UPDATE slots SET wrapped = ? WHERE key_id = ?", (old[body["key_id"]], body["key_id"]))
    return must("key-altered", first_of_key(store, body["key_id"]))


def erasure_undone(store):
    """A key that was destroyed, put back from an old copy with its epoch's key: what was erased could be read."""
    erased = erased_cases(store)
    columns = "key_id, epoch, wrapped, owner, lease_until, used"
    for row in store.old_keys().execute(f"SELECT {columns} FROM slots ORDER BY key_id"):
        case = store.conn.execute("SELECT case_id FROM case_keys WHERE key_id = ?", (row[0],)).fetchone()
        if not case or case[0] not in erased:
            continue
        epoch = store.old_keys().execute("SELECT epoch, wrapped FROM epochs WHERE epoch = ?", (row[1],)).fetchone()
        store.keys.execute("INSERT INTO epochs SELECT ?, ? WHERE NOT EXISTS "
                           "(SELECT 1 FROM epochs WHERE epoch = ?)", (*epoch, epoch[0]))
        store.keys.execute("INSERT INTO slots VALUES (?,?,?,?,?,?)", row)
        return must("key-undestroyed", erased[case[0]], what=case[0])
    raise NothingToEdit("no case was erased since the old copy")


def two_of(store, column):
    """Two bodies that are not of one case, or not under one key."""
    bodies = living(store)
    one = store.draw.choice(bodies)
    others = [body for body in bodies if body[column] != one[column]]
    if not others:
        raise NothingToEdit(f"no two bodies with another {column}")
    return one, store.draw.choice(others)


def exchange(store, one, two, columns):
    for body, other in ((one, two), (two, one)):
        values = [other[column] for column in columns]
        assigned = ", ".join(f"{column} = ?" for column in columns)
        store.conn.execute(f"UPDATE bodies SET {assigned} WHERE object_id = ?", (*values, body["object_id"]))


def living(store):
    """Bodies that an entry commits to and that can be opened, with the index of that entry."""
    columns = ("object_id", "case_id", "key_id", "schema", "sealed")
    bodies = {row[0]: dict(zip(columns, row)) for row in
              store.conn.execute(f"SELECT {', '.join(columns)} FROM bodies ORDER BY object_id")}
    erased, found = erased_cases(store, also_ordered=True), []
    for object_id, index in committed(store).items():
        body = bodies.get(object_id)
        if body and body["case_id"] not in erased:
            found.append({**body, "index": index})
    if len(found) < 2:
        raise NothingToEdit("fewer than two bodies")
    return found


def committed(store):
    """Object -> index of the first entry that commits to it."""
    found, waiting = {}, None
    for index, leaf in enumerate(store.leaves):
        entry = json.loads(leaf)
        event, before = entry["event"], waiting
        waiting = (event["request"], index) if event["kind"] == "request.submitted" else None
        if event["kind"] in ("referral.requested", "referral.drafted"):
            if before and before[0] == event["request"]:
                found.setdefault(event["object"], before[1])
        elif "commitment" in entry and event.get("object"):
            found.setdefault(event["object"], index)
    return found


def first_of_key(store, key):
    """The first entry that commits to a body under this key."""
    of = {row[0] for row in store.conn.execute("SELECT object_id FROM bodies WHERE key_id = ?", (key,))}
    return min(index for object_id, index in committed(store).items() if object_id in of)


def erased_cases(store, also_ordered=False):
    """Case -> index of the entry that says that it is erased."""
    found = {}
    for index, leaf in enumerate(store.leaves):
        event = json.loads(leaf)["event"]
        if event["kind"] == "register.moved" and event["book"] == "erasure":
            if event["status"] == "erased" or (also_ordered and event["status"] == "erasure-ordered"):
                found[event["case"]] = index
    return found


EDITS = (
    bodies_swapped,
    bodies_swapped_with_keys,
    bodies_moved,
    body_edited,
    body_deleted,
    key_deleted,
    key_swapped,
    key_replayed,
    erasure_undone,
)
