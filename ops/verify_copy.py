#!/usr/bin/env python3
"""Checks the hub's signature over a minimised copy, sharing no code with the hub: a recipient's own check.

    ops/verify_copy.py --keys KEYS.json --hub NAME --agency CODE ITEM.json            one item of GET /v1/inbox
    ops/verify_copy.py --keys KEYS.json --hub NAME --agency CODE BODY --signature TEXT a call with `Amaan-Signature`

KEYS.json is what GET /v1/keys answered. Prints what the copy is a copy of, and what was taken out; exit code 1 where
the signature does not hold. Ed25519 by the package `cryptography`, or by openssl where that is not installed.
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile

TYP = "amaan-copy+jws"
# The DER head of an Ed25519 public key (RFC 8410 section 4).
SPKI = bytes.fromhex("302a300506032b6570032100")


class Wrong(Exception):
    pass


def unb64(text):
    if "=" in text or "+" in text or "/" in text:
        raise Wrong("no base64url without padding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed_by(public, message, signature):
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return signed_by_openssl(public, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def signed_by_openssl(public, message, signature):
    files = [tempfile.NamedTemporaryFile() for _ in range(3)]
    for file, content in zip(files, (SPKI + public, message, signature)):
        file.write(content)
        file.flush()
    key, said, by = (file.name for file in files)
    call = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-rawin"]
    return subprocess.run(call + ["-in", said, "-sigfile", by], capture_output=True).returncode == 0


def check(jws, payload, keys, hub, agency):
    """The protected header of a signature that holds over these bytes; the payload, where it is inside."""
    parts = jws.split(".")
    if len(parts) != 3:
        raise Wrong("not three parts")
    head, inside, signature = parts
    if payload is not None:
        if inside:
            raise Wrong("a payload of its own beside the body")
        inside = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    said = json.loads(unb64(head))
    key = next((key for key in keys["keys"] if key["kid"] == said.get("kid")), None)
    if key is None or said.get("alg") != "EdDSA" or key.get("crv") != "Ed25519":
        raise Wrong("no key of the hub's")
    if not signed_by(unb64(key["x"]), f"{head}.{inside}".encode(), unb64(signature)):
        raise Wrong("the signature does not hold")
    if (said.get("typ"), said.get("iss"), said.get("aud")) != (TYP, hub, agency):
        raise Wrong("for something or somebody else")
    return said, unb64(inside)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--keys", "--hub", "--agency"):
        parser.add_argument(name, required=True)
    parser.add_argument("--signature")
    parser.add_argument("file")
    args = parser.parse_args()
    with open(args.keys, "rb") as keys, open(args.file, "rb") as file:
        keys, told = json.load(keys), file.read()
    try:
        if args.signature is None:
            item = json.loads(told)
            said, inside = check(item["signed"], None, keys, args.hub, args.agency)
            if json.loads(inside) != item["body"] or said["jti"] != item["delivery"]:
                raise Wrong("what stands beside it is not what was signed")
        else:
            said, inside = check(args.signature, told, keys, args.hub, args.agency)
    except (Wrong, ValueError, KeyError) as wrong:
        print(f"WRONG: {wrong}")
        return 1
    print(f"holds: delivery {said['jti']}, of the message committed to as {said['original']}")
    print(f"taken out: {' '.join(said['removed']) or 'nothing'}")
    print(f"less exact: {' '.join(said['changed']) or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
