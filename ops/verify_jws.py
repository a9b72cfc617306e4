"""JSON, keys (RFC 7517) and signatures (RFC 7515), read strictly, for `ops/verify_bundle.py`. Not a program.

Two readers must never take one text for two things, so whatever has more than one spelling is refused.
"""

import base64
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from verify_receipt import Refused, is_signed, need


def b64(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text, reason):
    """The bytes of base64url in its one spelling."""
    need(re.fullmatch("[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, reason)
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(b64(raw) == text, reason)
    return raw


def loads(text, reason, exact=True):
    """A JSON object, in its one spelling, without what readers differ in: large or broken numbers."""
    try:
        value = json.loads(text, parse_float=int, parse_constant=int, parse_int=lambda said: int(
            said if said != "-0" and -(1 << 63) <= int(said) < 1 << 64 else ""))
        need(not exact or json.dumps(value, ensure_ascii=False, separators=(",", ":")) == text, reason)
    except (ValueError, RecursionError):
        raise Refused(reason) from None
    need(type(value) is dict, reason)
    return value


def usable(jwk):
    """Algorithm, parts and name of a public key."""
    orders = (["kty", "crv", "kid", "x"], ["kty", "crv", "kid", "x", "y"], ["kty", "kid", "n", "e"])
    need([*jwk] in orders, "form")
    need(all(type(each) is str for each in jwk.values()), "form")
    parts = tuple(unb64(jwk.get(name, ""), "form") for name in "xyne")
    kind, (x, y, n, e) = (jwk["kty"], jwk.get("crv")), map(len, parts)
    alg = {("OKP", "Ed25519"): "EdDSA", ("EC", "P-256"): "ES256", ("RSA", None): "PS256"}.get(kind)
    need({"EdDSA": (x, len(jwk)) == (32, 4), "ES256": (x, y) == (32, 32),
          "PS256": 256 <= n <= 1024 and 1 <= e <= 4}.get(alg), "form")
    return alg, parts, jwk["kid"]


def has_signed(alg, parts, message, signature):
    x, y, n, e = (int.from_bytes(part, "big") for part in parts)
    try:
        if alg == "EdDSA":
            return is_signed(parts[0], message, signature)
        if alg == "ES256":
            both = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
            ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key().verify(
                utils.encode_dss_signature(*both), message, ec.ECDSA(hashes.SHA256()))
        else:
            rsa.RSAPublicNumbers(e, n).public_key().verify(
                signature, message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return len(signature) == 64 or 2048 <= n.bit_length() <= 8192


def jws(text, reason, claims, payload=None):
    """The header of a JWS that says this, and whose it may be; its payload stands inside or beside it."""
    parts = text.split(".")
    need(len(parts) == 3 and (payload is None) == (parts[1] != ""), reason)
    head, _, signature = (unb64(part, reason) for part in parts)
    need(head.count(b"{") + head.count(b"[") <= 64, reason)
    need(not re.search(rb"\\u[dD][89a-fA-F]|[\x80-\xff]", head), reason)
    said = loads(head.decode(), reason, exact=False)
    need(all(said.get(name) == value for name, value in claims.items()), reason)
    message = f"{parts[0]}.{parts[1] or b64(payload)}".encode()
    by = (said.get("alg"), said.get("kid"))
    return said, lambda key: by == key[::2] and has_signed(*key[:2], message, signature)
