#!/usr/bin/env python3
"""Verifies a hub's ledger and receipts without the hub and without any of its code.

    verify.py tree [FILE]                 JSON lines {"index", "leaf_b64"} in order, else from stdin:
                                          prints the size and the root
    verify.py proof --vkey KEY [FILE]     a receipt {"entry", "opening", "message_b64"?, "tlog_proof"}, else
                                          from stdin: checks inclusion, signature and commitment

Only the standard library is used, except that the Ed25519 signature needs the package `cryptography`; without
it the signature is *not* checked and the output says so. Written from RFC 6962 section 2.1 and from
c2sp.org/signed-note, tlog-checkpoint and tlog-proof. Exit codes: 0 everything checked holds, 1 something does
not, 2 usage.
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import sys


class Failed(Exception):
    """A check that does not hold; its text says which."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf_hash(leaf):
    return sha256(b"\x00", leaf)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def decode(text, what):
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Failed(f"{what} is not base64") from None


# --- the tree ---------------------------------------------------------------------------------------------


class Tree:
    """Leaves one by one; equal-sized complete subtrees are joined as they appear."""

    def __init__(self):
        self.size = 0
        self.complete = []  # (leaves below, hash), left to right

    def add(self, leaf):
        self.size += 1
        self.complete.append((1, leaf_hash(leaf)))
        while len(self.complete) > 1 and self.complete[-1][0] == self.complete[-2][0]:
            (leaves, right), (_, left) = self.complete.pop(), self.complete.pop()
            self.complete.append((2 * leaves, node_hash(left, right)))

    def root(self):
        if not self.complete:
            return sha256()
        root = self.complete[-1][1]
        for _, left in reversed(self.complete[:-1]):
            root = node_hash(left, root)
        return root


def check_tree(lines):
    tree = Tree()
    for line in lines:
        if not line.strip():
            continue
        row = json.loads(line)
        if row["index"] != tree.size:
            raise Failed(f"entry {tree.size} is missing: found {row['index']}")
        tree.add(decode(row["leaf_b64"], f"leaf {tree.size}"))
    print(tree.size, tree.root().hex())


# --- a receipt --------------------------------------------------------------------------------------------


def root_from_path(index, size, leaf, path):
    """RFC 6962 section 2.1.1 read from the root downwards: the last hash of a path is the root's child."""
    if size == 1:
        if path:
            raise Failed("inclusion: the proof is too long")
        return leaf
    if not path:
        raise Failed("inclusion: the proof is too short")
    split = 1
    while split * 2 < size:
        split *= 2
    sibling, below = path[-1], path[:-1]
    if index < split:
        return node_hash(root_from_path(index, split, leaf, below), sibling)
    return node_hash(sibling, root_from_path(index - split, size - split, leaf, below))


def read_proof(text):
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise Failed("the proof is not c2sp.org/tlog-proof@v1")
    if lines and lines[0].startswith("extra "):
        lines.pop(0)
    if not lines or not lines[0].startswith("index "):
        raise Failed("the proof has no index")
    index = int(lines.pop(0)[len("index "):])
    path = [decode(line, "a proof hash") for line in lines]
    if any(len(each) != 32 for each in path):
        raise Failed("a proof hash is not 32 bytes long")
    return index, path, note


def read_note(note):
    cut = note.rfind("\n\n")
    if cut < 0:
        raise Failed("the checkpoint has no signatures")
    body = note[: cut + 1]
    signatures = []
    lines = note[cut + 2 :].split("\n")
    if lines.pop() or not lines:
        raise Failed("the checkpoint does not end with a signature line")
    for line in lines:
        dash, name, value = line.split(" ")
        if dash != "\u2014":
            raise Failed("a signature line does not begin with a dash")
        value = decode(value, "a signature")
        signatures.append((name, value[:4], value[4:]))
    return body, signatures


def read_checkpoint(body):
    lines = body.split("\n")
    if len(lines) != 4 or lines[3]:
        raise Failed("the checkpoint does not have three lines")
    root = decode(lines[2], "the root")
    return lines[0], int(lines[1]), root


def read_vkey(vkey):
    name, key_id, key = vkey.split("+", 2)
    key = decode(key, "the verifier key")
    expected = sha256(name.encode(), b"\n", key)[:4]
    if key[:1] != b"\x01" or len(key) != 33 or expected.hex() != key_id:
        raise Failed("the verifier key is not an Ed25519 key or its id does not fit")
    return name, expected, key[1:]


def check_inclusion(entry, proof):
    index, path, note = read_proof(proof)
    body, signatures = read_note(note)
    origin, size, root = read_checkpoint(body)
    if not 0 <= index < size:
        raise Failed("inclusion: the index is outside the tree")
    if root_from_path(index, size, leaf_hash(entry), path) != root:
        raise Failed("inclusion: the entry is not in this tree at this place")
    print(f"inclusion: entry {index} of {size} in {origin}")
    return origin, body, signatures


def check_signature(vkey, origin, body, signatures):
    name, key_id, public = read_vkey(vkey)
    if name != origin:
        raise Failed("signature: the checkpoint belongs to another ledger than the key")
    mine = [value for signer, signer_id, value in signatures if (signer, signer_id) == (name, key_id)]
    if not mine:
        raise Failed("signature: the checkpoint is not signed by this key")
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        print("signature: NOT CHECKED, the Python package `cryptography` is not installed")
        return
    for signature in mine:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, body.encode())
        except InvalidSignature:
            raise Failed("signature: it does not hold") from None
    print(f"signature: by {name}")


def check_commitment(entry, opening, message):
    if message is None:
        print("commitment: NOT CHECKED, the receipt has no message")
        return
    committed = bytes.fromhex(json.loads(entry)["commitment"])
    computed = hmac.new(bytes.fromhex(opening), decode(message, "the message"), hashlib.sha256).digest()
    if not hmac.compare_digest(committed, computed):
        raise Failed("commitment: the entry was not made for this message")
    print("commitment: the entry was made for exactly this message")


def check_receipt(text, vkey):
    receipt = json.loads(text)
    entry = receipt["entry"].encode()
    origin, body, signatures = check_inclusion(entry, receipt["tlog_proof"])
    check_signature(vkey, origin, body, signatures)
    check_commitment(entry, receipt["opening"], receipt.get("message_b64"))


def main():
    verbatim = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=verbatim)
    commands = parser.add_subparsers(dest="command", required=True)
    tree = commands.add_parser("tree", help="size and root of all leaves")
    proof = commands.add_parser("proof", help="check one receipt")
    proof.add_argument("--vkey", required=True, help="the hub's verifier key, name+id+key")
    for each in (tree, proof):
        each.add_argument("file", nargs="?", default="-", help="default: stdin")
    asked = parser.parse_args()
    try:
        source = sys.stdin if asked.file == "-" else open(asked.file, encoding="utf-8")
        with source:
            if asked.command == "tree":
                check_tree(source)
            else:
                check_receipt(source.read(), asked.vkey)
    except Failed as failed:
        print(f"FAILED {failed}", file=sys.stderr)
        return 1
    except OSError as unreadable:
        print(f"cannot read {asked.file}: {unreadable.strerror}", file=sys.stderr)
        return 2
    except (KeyError, ValueError, TypeError, AttributeError) as malformed:
        print(f"FAILED the input is malformed: {type(malformed).__name__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
