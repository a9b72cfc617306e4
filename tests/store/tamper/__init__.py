"""Tampers with a copy of a hub's store as somebody with the databases in hands could, and says what a
verifier must find. It shares no code with the hub: tree, states and heads are recomputed here.

`cli.py` is the command; tests/store/tamper.rs and ops/tamper use it. Never on a store that matters.
"""

from . import entries, heads, sealed, states
from .held import NothingToEdit, Store

# What `audit verify` finds by itself, and what it needs the keys for.
PLAIN = {edit.__name__.replace("_", "-"): edit for part in (entries, heads, states) for edit in part.EDITS}
SEALED = {edit.__name__.replace("_", "-"): edit for edit in sealed.EDITS}
EDITS = {**PLAIN, **SEALED}


def tamper(folder, edit, seed):
    """Edits the store in a folder; what a verifier must find."""
    with Store(folder, seed) as store:
        expected = EDITS[edit](store)
    return {"edit": edit, **expected, "what": expected["what"] or EDITS[edit].__doc__}


def rebuilt(folder):
    """Writes everything anew from the entries: the store must verify as before."""
    with Store(folder, 0) as store:
        store.forge(store.leaves, store.heads)


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


__all__ = ["EDITS", "PLAIN", "SEALED", "NothingToEdit", "Store", "found", "rebuilt", "tamper"]
