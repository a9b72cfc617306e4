"""Edits of entries: one edited, deleted, inserted, moved, alone or with everything behind it recomputed;
the newest cut off. Each gives back what a verifier must find.
"""

import base64
import json

from .held import NothingToEdit, must
from .tree import leaf_hash


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


def epoch_forged(store):
    """An old state of the store, and an epoch that says that the rest was lost; no key of the hub signed it."""
    note = store.folder / "checkpoint.latest"
    if not note.exists():
        raise NothingToEdit("no checkpoint to be explained away")
    origin, size, root = note.read_text().split("\n")[:3]
    cut = store.draw.choice(store.heads[len(store.heads) // 2 : -1])
    kept = [json.loads(leaf) for leaf in store.leaves[:cut]]
    entry = next(leaf for leaf in reversed(kept) if leaf["event"]["kind"] == "register.moved")
    entry["at"] = kept[-1]["at"]
    lost = {"by": note.name, "origin": origin, "size": int(size), "root": base64.b64decode(root).hex()}
    epoch = {"number": 2, "origin": f"{origin}/2-0a1b2c3d", "before": origin, "kept": cut, "lost": lost}
    entry["event"] = {"kind": "register.moved", "book": "ledger-epoch", "agency": "hub", **epoch}
    entry["event"].update(since=entry["at"], vouch="")
    leaf = json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode()
    store.forge([*store.leaves[:cut], leaf], {*(head for head in store.heads if head <= cut), cut + 1})
    return must("epoch-unsigned", cut)


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


EDITS = (
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
    epoch_forged,
)
