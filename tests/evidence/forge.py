"""Evidence bundles of a ledger and of keys of one's own, for `ops/bundles`. Shares no code with the hub nor with
the verifiers: what it makes is written from ops/docs/evidence.md.
"""

import base64
import functools
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

WORLDS = 8
HUB = "forged.amaan.example"
RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def b64(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def std(raw):
    return base64.b64encode(raw).decode()


def dumps(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def ed_key(rng):
    return ed25519.Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))


def public(key):
    return key.public_key().public_bytes(*RAW)


def vkey(name, key, kind):
    raw = bytes([kind]) + public(key)
    return "+".join([name, hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8], std(raw)])


def number(value, size):
    return b64(value.to_bytes(size, "big"))


@functools.cache
def rsa_key():
    """Once for each process: it takes long."""
    return rsa.generate_private_key(65537, 2048)


class Signer:
    """A key of one of the three kinds that sign messages."""

    def __init__(self, rng, alg, kid):
        self.alg, self.kid = alg, kid
        if alg == "EdDSA":
            self.key = ed_key(rng)
            self.jwk = {"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(public(self.key))}
        elif alg == "ES256":
            self.key = ec.derive_private_key(rng.getrandbits(250) + 1, ec.SECP256R1())
            at = self.key.public_key().public_numbers()
            self.jwk = {"kty": "EC", "crv": "P-256", "kid": kid, "x": number(at.x, 32), "y": number(at.y, 32)}
        else:
            self.key = rsa_key()
            at = self.key.public_key().public_numbers()
            self.jwk = {"kty": "RSA", "kid": kid, "n": number(at.n, 256), "e": number(at.e, 3)}

    def sign(self, message):
        if self.alg == "EdDSA":
            return self.key.sign(message)
        if self.alg == "ES256":
            r, s = utils.decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
        return self.key.sign(message, pss, hashes.SHA256())

    def jws(self, head, payload, inside):
        head = b64(dumps({"alg": self.alg, "kid": self.kid} | head).encode())
        signature = b64(self.sign(f"{head}.{b64(payload)}".encode()))
        return f"{head}.{b64(payload) if inside else ''}.{signature}"


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split(size):
    return 1 << (size - 1).bit_length() - 1


def top(leaves):
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return node(top(leaves[:half]), top(leaves[half:]))


def path(index, leaves):
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return path(index, leaves[:half]) + [top(leaves[half:])]
    return path(index - half, leaves[half:]) + [top(leaves[:half])]


class World:
    """What a bundle is made of, before anything is signed; whoever changes it changes what keys sign."""

    def __init__(self, rng, number):
        self.rng, self.side = rng, "receiver" if number % 3 == 2 else "sender"
        self.hub, self.ledger = Signer(rng, "EdDSA", "copy-forged"), ed_key(rng)
        # In one world the ledger's key changes and two sign; in one it goes on after a loss, under another name.
        self.beside = [ed_key(rng)] if number == WORLDS - 2 else []
        self.origin = f"{HUB}/2-0a1b2c3d" if number == WORLDS - 1 else HUB
        self.witnesses = [(f"witness-{at}.example/w", ed_key(rng)) for at in range(number % 3)]
        self.agency = Signer(rng, ("EdDSA", "ES256", "PS256")[number % 3 if number < 3 else 0], "ictp-1")
        self.other = Signer(rng, self.agency.alg, "laja-1")
        asked_by = "ictp" if self.side == "sender" else "laja"
        self.head = {"evidence": "amaan-evidence/v1", "hub": HUB, "referral": "rf_1", "asked_by": asked_by,
                     "side": self.side, "look": 99, "made": "2026-11-22T10:00:00Z", "whole": True}
        self.messages, self.copies, self.extra, self.broken = [], [], {}, None
        self.agency_keys = [("ictp", self.agency) if self.side == "sender" else ("laja", self.other)]
        self.events = self.story()

    def message(self, step, agency, signer, target, body):
        opening, raw = self.rng.randbytes(32), dumps(body).encode()
        head = {"typ": "amaan-message+jws", "iss": agency, "aud": HUB, "jti": "k", "target": target, "iat": 1}
        signed = signer.jws(head, raw, False)
        commit = lambda told: hmac.new(opening, told, "sha256").hexdigest()  # noqa: E731
        line = {"message": step, "agency": agency, "opening": opening.hex(), "signature": signed}
        return line | {"body": b64(raw)}, {"commitment": commit(raw), "signature": commit(signed.encode())}

    def story(self):
        """Leaves by their order; who may see what of them as the hub decides it."""
        child, target = {"child": {"name": "Test Child 7"}}, "POST /v1/referrals"
        request, sent = self.message(0, "ictp", self.agency, target, child)
        accept, taken = self.message(4, "laja", self.other, f"{target}/rf_1/accept", {"schema": "x"})
        parties = {"case": "cs_1", "from": "ictp", "to": "laja"}
        made = {"referral": "rf_1", "request": "rq_1"} | parties | {"delivery": "dl_1"}
        self.copies = [("dl_1", 0, sent["commitment"], b"{}"), ("dl_2", 4, taken["commitment"], b"{}")]
        self.messages = [request, accept]
        return [
            (sent, {"kind": "request.submitted", "request": "rq_1", "from": "ictp", "recipients": 1}),
            ({}, {"kind": "referral.requested"} | made),
            ({}, {"kind": "delivery.moved", "delivery": "dl_1", "step": "sent", "attempt": 1}),
            ({}, {"kind": "delivery.moved", "delivery": "dl_1", "step": "delivered", "attempt": 1}),
            (taken, {"kind": "referral.moved", "referral": "rf_1", "step": "accept", "version": 2,
                     "delivery": {"delivery": "dl_2", "to": "ictp"}}),
            ({}, {"kind": "delivery.moved", "delivery": "dl_2", "step": "delivered", "attempt": 1}),
            ({}, {"kind": "clock.overdue", "referral": "rf_1", "clock": "update"}),
        ]

    def leaves(self):
        first = {"v": 1, "at": 10, "actor": "ps_1", "via": "api"}
        leaves = [dumps(first | {"at": 10 + at} | more | {"event": event})
                  for at, (more, event) in enumerate(self.events)]
        return [self.extra.get(at, leaf) for at, leaf in enumerate(leaves)]

    def note(self, hashed):
        body = f"{self.origin}\n{len(hashed)}\n{std(top(hashed))}\n"
        number = lambda name, key, kind: bytes.fromhex(vkey(name, key, kind).split("+")[1])  # noqa: E731
        text = f"{body}\n"
        for key in (self.ledger, *self.beside):
            signed = key.sign(b"something else" if key is self.broken else body.encode())
            text += f"\u2014 {self.origin} {std(number(self.origin, key, 1) + signed)}\n"
        for name, key in self.witnesses:
            signed = key.sign(f"cosignature/v1\ntime 1700000000\n{body}".encode())
            text += f"\u2014 {name} {std(number(name, key, 4) + (1700000000).to_bytes(8, 'big') + signed)}\n"
        return text

    def bundle(self, shown=None):
        leaves = self.leaves()
        hashed = [hashlib.sha256(b"\0" + leaf.encode()).digest() for leaf in leaves]
        note, sender = self.note(hashed), self.side == "sender"
        keys = {"ledger_key": vkey(self.origin, self.ledger, 1),
                "witness_keys": [vkey(*each, 4) for each in self.witnesses], "hub_key": self.hub.jwk,
                "agency_keys": [{"agency": agency, "jwk": signer.jwk} for agency, signer in self.agency_keys]}
        lines = [self.head, keys]
        for at in shown if shown is not None else range(0 if sender else 1, len(leaves)):
            proof = "".join(f"{std(each)}\n" for each in path(at, hashed))
            proof = f"c2sp.org/tlog-proof@v1\nindex {at}\n{proof}\n{note}"
            lines.append({"entry": at, "leaf": leaves[at], "proof": proof})
        lines += [line for line in self.messages if line["agency"] == self.head["asked_by"]]
        for delivery, entry, original, body in self.copies:
            if (delivery == "dl_2") == sender:
                head = {"typ": "amaan-copy+jws", "iss": HUB, "aud": self.head["asked_by"], "jti": delivery,
                        "original": original, "removed": [], "changed": []}
                line = {"copy": delivery} | ({"entry": entry} if sender else {})
                lines.append(line | {"signed": self.hub.jws(head, body, True)})
        return sealed([dumps(line).encode() for line in lines], self.hub)


def sealed(lines, signer):
    """The lines as a bundle, sealed by this key for whom its first line names."""
    text = b"".join(line + b"\n" for line in lines)
    try:
        head = json.loads(lines[0])
        said = {"typ": "amaan-evidence+jws", "iss": head["hub"], "aud": head["asked_by"]}
    except (ValueError, KeyError, TypeError, IndexError):
        said = {}
    return text + dumps({"seal": signer.jws(said, text, False)}).encode() + b"\n"
