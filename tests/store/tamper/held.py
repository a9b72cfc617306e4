"""A store in the hands of somebody who may write whatever he likes into it: its entries and heads, and a
way to write everything anew around changed ones. SQLite only; a server's tables are brought here first
(`mirror.py`).
"""

import json
import pathlib
import random
import sqlite3

from .rows import place_of
from .state import State
from .tree import Tree, leaf_hash

STATE_TABLES = ("cases", "referrals", "deliveries", "identity_checks", "registers")


class NothingToEdit(Exception):
    """The store is too small for this edit."""


class Store:
    """Open databases, the main one's entries and heads."""

    def __init__(self, folder, seed):
        self.folder, self.opened = pathlib.Path(folder), {}
        self.conn = self.open("amaan.db")
        self.draw = random.Random(seed)
        self.leaves = [bytes(row[0]) for row in self.conn.execute("SELECT leaf FROM entries ORDER BY idx")]
        self.heads = [row[0] for row in self.conn.execute("SELECT size FROM heads ORDER BY size")]
        if len(self.leaves) < 12 or len(self.heads) < 4:
            raise NothingToEdit("too few entries or heads")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for conn in self.opened.values():
            conn.close()

    def open(self, name):
        if name not in self.opened:
            if not (self.folder / name).exists():
                raise NothingToEdit(f"no {name} there")
            self.opened[name] = sqlite3.connect(self.folder / name, isolation_level=None)
        return self.opened[name]

    @property
    def keys(self):
        """The key database."""
        return self.open("keys.db")

    def old_keys(self):
        """A copy of the key database from earlier."""
        return self.open("keys-old.db")

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
        # Whoever changes a recipient changes where its line leads, too.
        self.conn.execute("UPDATE outbox SET to_agency = deliveries.to_agency FROM deliveries "
                          "WHERE deliveries.id = outbox.delivery_id")
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
