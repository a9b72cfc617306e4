"""Ways of changing evidence bundles, for `ops/bundles`: bits, bytes, lines, values, spellings, seals, and worlds
that are false from the start. What a change has to come to is not decided here.
"""

import base64
import copy
import functools
import json
import random

from forge import HUB, WORLDS, Signer, World, dumps, sealed

ALPHABET = b'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+/="{}[],:. \n\\' \
    b'\xe2\x80\x94\xff\x00'


def flip(rng, raw, _):
    at = rng.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1:]


def write(rng, raw, _):
    at, more = rng.randrange(len(raw)), bytes(rng.choice(ALPHABET) for _ in range(rng.randrange(1, 4)))
    return raw[:at] + more + raw[at + rng.randrange(0, 3):]


def truncate(rng, raw, _):
    return raw[:rng.randrange(len(raw))]


def of_lines(change):
    @functools.wraps(change)
    def changed(rng, raw, others):
        lines = raw.split(b"\n")[:-1]
        change(rng, lines, [other.split(b"\n")[:-1] for other in others])
        return b"".join(line + b"\n" for line in lines)
    return changed


@of_lines
def drop(rng, lines, _):
    del lines[rng.randrange(len(lines))]


@of_lines
def double(rng, lines, _):
    at = rng.randrange(len(lines))
    lines.insert(rng.choice([at, rng.randrange(len(lines) + 1)]), lines[at])


@of_lines
def swap(rng, lines, _):
    one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]


@of_lines
def borrow(rng, lines, others):
    lines[rng.randrange(len(lines))] = rng.choice(rng.choice(others))


def of_json(change):
    @of_lines
    @functools.wraps(change)
    def changed(rng, lines, others):
        at = rng.randrange(len(lines))
        value = json.loads(lines[at])
        lines[at] = change(rng, value, [json.loads(line) for line in rng.choice(others)]).encode()
    return changed


def leaves_of(value, place=()):
    """Places of all texts, numbers and flags."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [place] if not isinstance(value, (dict, list)) and place else []
    return found + [each for name, held in pairs for each in leaves_of(held, (*place, name))]


def at_place(value, place):
    for name in place:
        value = value[name]
    return value


def put(value, place, new):
    at_place(value, place[:-1])[place[-1]] = new


def twisted(rng, old, others):
    if isinstance(old, bool):
        return rng.choice([not old, 1, "true", None])
    if isinstance(old, int):
        others = [-old, 0, 1 << 53, 10 ** 15, 1 << 64, float(old), str(old), True]
        return rng.choice([old + 1, old - 1, old + 256, *others])
    parts = old.split(".")
    other = rng.choice([each for each in others if isinstance(each, str)] or [""])
    swapped = parts[:]
    theirs = other.split(".")
    if len(parts) == 3 and len(theirs) == 3:
        at = rng.randrange(3)
        swapped[at] = theirs[at]
    at = rng.randrange(len(old) + 1)
    letter = old[:at] + rng.choice("aAzZ09_-=+/ \u06a9\n") + old[at + 1:]
    near = [letter, old.upper(), old + "=", old + " ", old[:-1]]
    return rng.choice([".".join(swapped), other, *near, "", None, [old], 7])


@of_json
def twist(rng, value, others):
    place = rng.choice(leaves_of(value))
    theirs = [at_place(other, each) for other in others for each in leaves_of(other)]
    put(value, place, twisted(rng, at_place(value, place), theirs))
    return dumps(value)


@of_json
def splice(rng, value, others):
    """The same member of the same kind of line of another bundle."""
    alike = [other for other in others if next(iter(other)) == next(iter(value))] or others
    other = rng.choice(alike)
    name = rng.choice(list(value))
    value[name] = other.get(name, value[name])
    return dumps(value)


@of_json
def respell(rng, value, _):
    """The same JSON in another spelling."""
    turned = dict(reversed(value.items()))
    text = dumps(value)
    at = rng.randrange(1, len(text))
    return rng.choice([
        json.dumps(value), json.dumps(value, ensure_ascii=False), dumps(turned), text + " ", " " + text,
        dumps(dict(sorted(value.items()))), dumps(value | {"more": 1}), text[:-1] + "," + text[1:],
        text.replace("a", "\\u0061", 1), text.replace("/", "\\/", 1), text[:at] + "\t" + text[at:],
        dumps(dict(list(value.items())[1:])), "[" + text + "]", json.dumps(value, indent=1),
    ])


CHANGES = [flip, write, truncate, drop, double, swap, borrow, twist, twist, splice, splice, respell]


def resealed(rng, raw):
    """Sealed again, and its copies signed again, by a key of whoever changed it."""
    thief = Signer(rng, "EdDSA", rng.choice(["copy-forged", "copy-thief"]))
    lines = raw.split(b"\n")[:-1]
    again = []
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            again.append(line)
            continue
        signed = value.get("signed") if isinstance(value, dict) else None
        if isinstance(signed, str) and signed.count(".") == 2 and rng.random() < 0.7:
            head, payload, _ = signed.split(".")
            try:
                said = json.loads(base64.urlsafe_b64decode(head + "=="))
                body = base64.urlsafe_b64decode(payload + "==")
                value["signed"] = thief.jws(said | {"kid": thief.kid}, body, True)
                line = dumps(value).encode()
            except (ValueError, TypeError, UnicodeError):
                pass
        if isinstance(value, dict) and "hub_key" in value:
            line = dumps(value | {"hub_key": thief.jwk}).encode()
        again.append(line)
    if again and again[-1].startswith(b'{"seal"'):
        again.pop()
    return sealed(again, thief)


def forged(rng):
    """A world in which something is false from the start, signed by all keys as if it were true."""
    number = rng.randrange(WORLDS)
    # Of the worlds that are changed otherwise, so that what is given of their keys is given of these.
    held = World(random.Random(f"world {number}"), number)
    at = rng.randrange(len(held.events))
    more, event = copy.deepcopy(held.events[at])
    how = rng.randrange(11)
    shown = None
    if how == 0:
        ids = ["rf_1", "rf_2", "dl_1", "dl_9", "ictp", "laja"]
        others = [1, 2, 3, None, {}, [], {"delivery": 7}, {"delivery": ["x"]}]
        event[rng.choice(list(event))] = rng.choice(ids + others)
    elif how == 1:
        event.pop(rng.choice(list(event)))
    elif how == 2:
        event["version"] = rng.choice([1, 2, 3, 1 << 63, 1 << 64, -1, 2.0, "2", True])
    elif how == 3:
        kinds = [other["kind"] for _, other in held.events]
        event["kind"] = rng.choice(kinds + ["read", "referral.drafted", "", 5])
    elif how == 4:
        digest = rng.choice(["", "00", 7, None, held.events[0][0].get("commitment")])
        more = more | {rng.choice(["commitment", "signature"]): digest}
    elif how == 5:
        text = held.leaves()[at]
        long, deep = "y" * rng.randrange(600, 1100), "[" * 66 + "]" * 66
        ends = [',"x":-0}', ',"x":"\\ud800"}', ',"x":"\\u0061"}', ',"v":1}', ',"x":18446744073709551616}',
                ',"x":"\u06a9"}', ',"x":1.5}', f',"x":{deep}}}', f',"x":"{long}"}}']
        held.extra[at] = rng.choice([
            text + " ", text.replace('"v":1', '"v":2'), text.replace('"v":1', '"v":1.0'), "[]", "{}", "", "1",
            text.replace('"at":', '"at":1e999,"at":'), text.replace("{", "{" * 70),
            *(text[:-1] + end for end in ends),
        ])
    elif how == 6:
        shown = sorted(rng.sample(range(len(held.events)), rng.randrange(1, len(held.events))))
    elif how == 7:
        line = rng.choice(held.messages)
        line[rng.choice(["message", "agency"])] = rng.choice([0, 1, 4, 5, "ictp", "laja", "cpi"])
    elif how == 8:
        said = rng.randrange(2)
        line, (told, _) = held.messages[said], held.events[[0, 4][said]]
        line.pop("signature"), told.pop("signature")
        line["agency"] = rng.choice(["ictp", "laja"])
        return held.bundle(shown)
    elif how == 9:
        false = Signer(rng, held.agency.alg, held.agency.kid)
        held.messages[0], told = held.message(0, "ictp", false, "POST /v1/referrals", {"child": {}})
        held.events[0] = (told, held.events[0][1])
        held.agency_keys = rng.choice([held.agency_keys, [], [("ictp", false)], [("laja", held.other)]])
        return held.bundle(shown)
    else:
        name = rng.choice(["referral", "asked_by", "side", "hub", "look", "whole"])
        words = ["rf_2", "laja", "ictp", "sender", "receiver", HUB]
        held.head[name] = rng.choice(words + [0, 1 << 50, True, False])
        held.side = held.head["side"] if held.head["side"] in ("sender", "receiver") else held.side
    held.events[at] = (more, event)
    return held.bundle(shown)


def changed(rng, bases, number):
    """A changed bundle, what was done, and whether it may hold all the same."""
    if number % 8 == 7:
        return forged(rng), "forged", True
    change = rng.choice(CHANGES)
    base = rng.choice(bases)
    raw = change(rng, base, bases)
    if number % 2:
        return resealed(rng, raw), f"{change.__name__}, sealed again", True
    return raw, change.__name__, raw in bases
