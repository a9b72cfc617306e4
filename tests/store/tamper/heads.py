"""Edits of heads and of stored inner nodes."""

import hashlib

from .held import NothingToEdit, must


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


EDITS = (head_root, head_peaks, head_time, node_edited, node_deleted)
