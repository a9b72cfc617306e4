"""Evidence bundles whose verdict is known, for `ops/bundles`: keys that change, a ledger that goes on after a loss,
messages that somebody would like to be another's. Each with the keys that are given, and how the verdict of
either judge begins and ends.
"""

import random

from forge import HUB, WORLDS, Signer, World, ed_key, vkey

GIVEN = "ledger-key=given hub-key=bundle agency-key=bundle"
AGENCIES = "ledger-key=bundle hub-key=bundle agency-key=given"
SENDER, OTHER = 0, WORLDS - 2


def world(number):
    return World(random.Random(f"world {number}"), number)


def keys_that_change():
    """Bundle, ledger keys, agencies' keys, how the verdict begins, how it ends."""
    held = world(OTHER)
    new, old = (vkey(HUB, key, 1) for key in (held.ledger, *held.beside))
    later = vkey(HUB, ed_key(random.Random(1)), 1)
    for name, given in (("the new", [new]), ("the old", [old]), ("both", [new, old]), ("one of two", [later, old])):
        yield f"two keys sign, {name} known", held.bundle(), given, None, "holds", GIVEN
    yield "two keys sign, another known", held.bundle(), [later], None, "refused line=3", "reason=other-key"
    held.broken = held.beside[0]
    yield "a line by a key that is not known", held.bundle(), [new], None, "holds", GIVEN
    yield "a false line of a key that is known", held.bundle(), [new, old], None, "refused line=3", "=checkpoint"
    held = world(OTHER)
    held.broken = held.ledger
    yield "a false line of the bundle's own key", held.bundle(), [old], None, "refused line=3", "=checkpoint"
    held = world(OTHER)
    held.witnesses = [("stranger.example/w", ed_key(random.Random(2)))]
    named = held.bundle().replace(vkey(*held.witnesses[0], 4).encode(), b"")
    yield "a stranger's line", named.replace(b'"witness_keys":[""]', b'"witness_keys":[]'), [new], None, \
        "refused line=3", "=checkpoint"


def another_origin():
    for name, holds in (("2-0a1b2c3d", True), ("12-00000000", True), ("2-0A1B2C3D", False), ("02-0a1b2c3d", False),
                        ("2-0a1b2c3", False), ("2-0a1b2c3dd", False), ("0-0a1b2c3d", False), ("-0a1b2c3d", False),
                        ("2-0a1b2c3d/3-0a1b2c3d", False), ("two", False), ("", False)):
        held = world(SENDER)
        held.origin = f"{HUB}/{name}"
        known = [vkey(held.origin, held.ledger, 1)]
        verdict = ("holds", GIVEN) if holds else ("refused line=2", "reason=key")
        yield f"an origin that ends in `{name}`", held.bundle(), known, None, *verdict
    held = world(WORLDS - 1)
    first = [vkey(HUB, held.ledger, 1)]
    yield "the key by its earlier name", held.bundle(), first, None, "refused line=3", "reason=other-key"


def messages_of_others():
    held = world(SENDER)
    false, known = Signer(random.Random(3), "EdDSA", "ictp-1"), [held.agency.jwk]
    held.messages[0], told = held.message(0, "ictp", false, "POST /v1/referrals", {"child": {}})
    held.events[0] = (told, held.events[0][1])
    for name, keys in (("left out", []), ("called another's", [("laja", held.agency)])):
        held.agency_keys = keys
        unkeyed = "holds referral=rf_1 side=sender entries=7 messages=1 signed=0 unkeyed=1 "
        yield f"a forged signature, its key {name}", held.bundle(), None, None, unkeyed, "agency-key=bundle"
        yield f"a forged signature, its key {name} and known", held.bundle(), None, known, "refused", "=signature"
    held.agency_keys = [("ictp", false)]
    yield "a forged signature with a key of its own", held.bundle(), None, known, "refused line=2", "=other-key"
    held = world(SENDER)
    held.agency_keys = []
    signed = "holds referral=rf_1 side=sender entries=7 messages=1 signed=1 unkeyed=0 "
    yield "a signature whose key only the reader has", held.bundle(), None, known, signed, AGENCIES
    renamed = Signer(random.Random(4), "EdDSA", "ictp-1")
    theirs = dict(renamed.jwk, kid="laja-1")
    held.agency_keys = [("ictp", renamed)]
    yield "a known key under another name", held.bundle(), None, [*known, theirs], "refused line=2", "=other-key"
    held = world(SENDER)
    held.messages[1].pop("signature"), held.events[4][0].pop("signature")
    held.messages[1]["agency"] = "ictp"
    yield "the receiver's unsigned step as the sender's", held.bundle(), None, None, "refused", "reason=agency"
    held = world(2)
    held.messages[1].pop("signature"), held.events[4][0].pop("signature")
    own = "holds referral=rf_1 side=receiver entries=6 messages=1 signed=0 unkeyed=0 "
    yield "the receiver's unsigned step as its own", held.bundle(), None, None, own, "agency-key=bundle"


def all_cases():
    return [*keys_that_change(), *another_origin(), *messages_of_others()]
