"""Whose tokens the hub and its peer believe while they are measured: the issuer of the fault tests with an
RSA key. Of the algorithms the hub takes PS256 is the cheapest to verify, which the peer does each time.
"""

import json
import os
import re
import time

from common import HUB_NAME, secret_file
from issuer import TOKEN_SECONDS, Issuer, encode, openssl

CLIENT, SCOPES = "ictp", ["referral.send", "referral.receive", "delivery.manage"]
EXPONENT = (65537).to_bytes(3, "big")
# RFC 7518, section 3.5: the salt is as long as the hash.
SIGN = ["pkeyutl", "-sign", "-rawin", "-digest", "sha256",
        "-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"]


class Believed(Issuer):
    """Serves discovery and keys; mints; keeps a file with a token that is good for some minutes."""

    def __init__(self, folder):
        super().__init__(folder)
        self.folder = folder
        self.key = os.path.join(folder, "issuer-rsa.pem")
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key)
        told = openssl("rsa", "-in", self.key, "-noout", "-modulus").decode()
        modulus = bytes.fromhex(re.search("Modulus=([0-9A-F]+)", told).group(1))
        self.jwk = {"kty": "RSA", "alg": "PS256", "use": "sig", "kid": "bench",
                    "n": encode(modulus), "e": encode(EXPONENT)}

    def mint(self, client, scopes):
        now = int(time.time())
        claims = {"iss": self.url, "sub": client, "client_id": client, "aud": HUB_NAME, "iat": now,
                  "exp": now + TOKEN_SECONDS, "jti": os.urandom(12).hex(), "scope": " ".join(scopes)}
        header = {"typ": "at+jwt", "alg": "PS256", "kid": "bench"}
        signing = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
        return f"{signing}.{encode(self.signed(signing.encode()))}"

    def signed(self, content):
        path = os.path.join(self.folder, "to-sign")
        with open(path, "wb") as file:
            file.write(content)
        return openssl(*SIGN, "-inkey", self.key, "-in", path)

    def token_file(self):
        """A token with some minutes left."""
        return secret_file(os.path.join(self.folder, "token"), self.token(CLIENT, SCOPES))

    def bad_token_file(self):
        """One whose signature is another's."""
        head, claims, _ = self.token(CLIENT, SCOPES).split(".")
        forged = f"{head}.{claims}.{encode(os.urandom(256))}"
        return secret_file(os.path.join(self.folder, "bad-token"), forged)
