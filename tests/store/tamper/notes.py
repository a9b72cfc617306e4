"""Signed notes (c2sp.org/signed-note), as somebody makes them who has the ledger's key: by `openssl`, not
by the hub's own code.
"""

import base64
import pathlib
import subprocess
import tempfile

# RFC 8410: what stands before the 32 bytes of an Ed25519 seed in its shortest form.
SHORTEST = bytes.fromhex("302e020100300506032b657004220420")


def seed_of(pem):
    """The seed in a PKCS#8 file; ours carries the public key too, which not every `openssl` reads."""
    lines = pathlib.Path(pem).read_text().split("-----")[2]
    der = base64.b64decode("".join(lines.split()))
    at = der.index(b"\x04\x22\x04\x20") + 4
    return der[at : at + 32]


def signed_like(note, size, root, pem):
    """A note of another tree, signed by the key that signed this one."""
    origin, signature = note.split("\n")[0], note.split("\n\n", 1)[1].splitlines()[0]
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    name, line = signature.removeprefix("\u2014 ").split(" ")
    key_id = base64.b64decode(line)[:4]
    return f"{body}\n\u2014 {name} {base64.b64encode(key_id + sign(seed_of(pem), body)).decode()}\n"


def sign(seed, body):
    with tempfile.TemporaryDirectory() as folder:
        key, text = pathlib.Path(folder) / "key", pathlib.Path(folder) / "text"
        key.touch(mode=0o600)
        key.write_bytes(SHORTEST + seed)
        text.write_text(body)
        command = ["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key, "-in", text]
        return subprocess.run(command, capture_output=True, check=True).stdout


def size_and_root(note):
    lines = note.split("\n")
    return int(lines[1]), base64.b64decode(lines[2])
