#!/usr/bin/env python3
"""Checks a receipt of a hub's ledger without the hub and without any of its code (ops/docs/evidence.md).

    verify_receipt.py --ledger-key VKEYS [--witness-key VKEY]... [--message FILE] RECEIPT

VKEYS are the ledger's keys in lines, as `GET /v1/audit/key` gives them; one must have signed. RECEIPT is JSON: what
a request was answered with, or what `GET /v1/receipts/{index}` says. With the message's exact bytes it also checks
that the entry was made for these. Needs the package `cryptography`. Written from RFC 6962 and
c2sp.org/{signed-note,tlog-checkpoint,tlog-cosignature,tlog-proof}. Exit: 0 holds, 1 not, 2 usage.
"""

import argparse
import base64
import functools
import hashlib
import hmac
import json
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

# The one spelling of a proof with its checkpoint, and of a signer's public key.
NUM, STD, END, NAME = "(0|[1-9][0-9]{0,14})", "[A-Za-z0-9+/]", "[AEIMQUYcgkosw048]=", "[!-*,-~]+"
SIGNED = f"\u2014 ({NAME}) ({STD}{{90}}{END}|{STD}{{101}}[AQgw]==)\n"
PROOF = re.compile(f"c2sp[.]org/tlog-proof@v1\nindex {NUM}\n((?:{STD}{{42}}{END}\n){{0,65}})\n"
                   f"(([ -~]+)\n{NUM}\n({STD}{{42}}{END})\n\n((?:{SIGNED}){{1,32}}))")
VKEY = re.compile(rf"({NAME})\+([0-9a-f]{{8}})\+({STD}{{44}})")


class Refused(Exception):
    """Its text is the reason, in one word."""


def need(holds, reason):
    if not holds:
        raise Refused(reason)


@functools.lru_cache(maxsize=1 << 12)
def is_signed(public, message, signature):
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def ledger_keys(text):
    """The keys in lines, of which one has to have signed; an empty file is no wish to check nothing."""
    need(text.split(), "key")
    return [signer(vkey, 1) for vkey in text.split()]


def signer(vkey, kind):
    need(VKEY.fullmatch(vkey), "key")
    name, number, key = VKEY.fullmatch(vkey).groups()
    raw = base64.b64decode(key)
    need(raw[0] == kind and number == hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8], "key")
    return name, bytes.fromhex(number), raw[1:]


def root(index, size, leaf, path):
    """RFC 6962 section 2.1.1 read from the root downwards: the last hash of a path is the root's child."""
    if size == 1 or not path:
        return leaf if size == 1 and not path else b""
    split, rest, last = 1 << (size - 1).bit_length() - 1, path[:-1], path[-1]
    if index < split:
        return hashlib.sha256(b"\1" + root(index, split, leaf, rest) + last).digest()
    return hashlib.sha256(b"\1" + last + root(index - split, size - split, leaf, rest)).digest()


def signers(ledgers, witnesses, origin, size, top, lines):
    """Whose lines hold under a checkpoint: of these keys of its ledger, and of these witnesses, once each.

    While a ledger's key changes two keys sign: a line of its name by a key that is not known here is passed
    over. It proves nothing. Nobody else stands there.
    """
    body, own, others = f"{origin}\n{size}\n{top}\n", [], []
    for name, raw in ((name, base64.b64decode(raw)) for name, raw in re.findall(SIGNED, lines)):
        known = [key for key in ledgers if key[0] == origin]
        key = next((key for key in [*known, *witnesses] if key[:2] == (name, raw[:4])), None)
        if key is None and name == origin:
            continue
        need(key, "checkpoint")
        seen, length = (own, 68) if key in known else (others, 76)
        need(key not in seen and len(raw) == length and (seen is own or raw[4] < 128), "checkpoint")
        time = "" if seen is own else f"cosignature/v1\ntime {int.from_bytes(raw[4:12], 'big')}\n"
        need(is_signed(key[2], (time + body).encode(), raw[-64:]), "checkpoint")
        seen.append(key)
    return own, others


def included(leaf, index, size, path, top):
    """Does this leaf stand at this place of the tree of this size and root?"""
    path = [base64.b64decode(each) for each in path.split()]
    reached = root(index, size, hashlib.sha256(b"\0" + leaf).digest(), path) if index < size else b""
    return reached == base64.b64decode(top)


def check(receipt, ledgers, witnesses, message):
    """What holds, in words."""
    receipt = receipt.get("receipt", receipt)
    proof, entry = PROOF.fullmatch(receipt["tlog_proof"]), receipt["entry"].encode()
    need(proof and int(proof[1]) == receipt["index"], "proof")
    signed, cosigned = signers(ledgers, witnesses, *proof.groups()[3:7])
    need(signed, "checkpoint")
    need(all(key in cosigned for key in witnesses), "witness-missing")
    need(included(entry, int(proof[1]), int(proof[5]), proof[2], proof[6]), "inclusion")
    yield f"entry {proof[1]} stands in the ledger {proof[4]} of {proof[5]} entries, which its key signed"
    yield from (f"cosigned by {name}" for name, _, _ in witnesses)
    if message is not None:
        committed = hmac.new(bytes.fromhex(receipt["opening"]), message, "sha256").hexdigest()
        need(committed == json.loads(entry)["commitment"], "commitment")
        yield "the entry was made for exactly this message"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ledger-key", required=True)
    parser.add_argument("--witness-key", action="append", default=[])
    parser.add_argument("--message", type=argparse.FileType("rb"))
    parser.add_argument("receipt", type=argparse.FileType("rb"))
    asked = parser.parse_args()
    try:
        ledgers = ledger_keys(asked.ledger_key)
        witnesses = [signer(key.strip(), 4) for key in asked.witness_key]
        message = asked.message.read() if asked.message else None
        for line in check(json.load(asked.receipt), ledgers, witnesses, message):
            print(line)
    except (Refused, KeyError, TypeError, ValueError, AttributeError) as wrong:
        print(f"DOES NOT HOLD: {wrong}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
