"""RFC 6962 over the leaves, for the checker: roots at many sizes in one pass. The proofs of receipts are
checked by tests/ledger/verify.py, which shares no code with the hub either.
"""

import importlib.util
import os

from common import ROOT

_SPEC = importlib.util.spec_from_file_location("verify", os.path.join(ROOT, "tests/ledger/verify.py"))
verify = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(verify)


def roots(leaves, sizes):
    """The root at each of these sizes, as far as there are leaves."""
    wanted, tree, found = set(sizes), verify.Tree(), {}
    if 0 in wanted:
        found[0] = tree.root()
    for leaf in leaves:
        tree.add(leaf)
        if tree.size in wanted:
            found[tree.size] = tree.root()
    return found


def checkpoint(note):
    """Size and root of a signed note."""
    body, _ = verify.read_note(note)
    _, size, root = verify.read_checkpoint(body)
    return size, root


def checkpoint_of_proof(proof):
    return checkpoint(verify.read_proof(proof)[2])


def proof_holds(entry, proof):
    """None where the entry is in the tree its proof speaks of, otherwise why not."""
    index, path, note = verify.read_proof(proof)
    size, root = checkpoint(note)
    try:
        found = verify.root_from_path(index, size, verify.leaf_hash(entry.encode()), path)
    except verify.Failed as failed:
        return str(failed)
    return None if found == root else f"entry {index} is not in the tree of {size}"
