"""Whose tokens the hub believes in a fault run: an Ed25519 key made by `openssl`, its key set served on
loopback, tokens minted for the clients of the run. Only for tests; it asks nobody for a secret.
"""

import base64
import http.server
import json
import os
import subprocess
import tempfile
import threading
import time

from common import Broken, HUB_NAME

# The hub takes none that lives longer than 600 s.
TOKEN_SECONDS = 540
RENEW_SECONDS = 300


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, check=False)
    if done.returncode != 0:
        raise Broken(f"openssl {arguments[0]} failed: {done.stderr.decode()[-300:]}")
    return done.stdout


class Issuer:
    """Serves discovery and keys; mints."""

    def __init__(self, folder):
        self.key = os.path.join(folder, "issuer.pem")
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.key)
        # The last 32 bytes of the DER form are the public key (RFC 8410).
        public = openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")[-32:]
        self.jwk = {"kty": "OKP", "crv": "Ed25519", "x": encode(public), "kid": "faults", "use": "sig"}
        self.jwk["alg"] = "EdDSA"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.lock = threading.Lock()
        self.held = {}

    def handler(self):
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Two documents."""

            def do_GET(self):
                found = {"/.well-known/openid-configuration": issuer.metadata, "/jwks.json": issuer.jwks}
                if self.path not in found:
                    self.send_error(404)
                    return
                body = json.dumps(found[self.path]()).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler

    def metadata(self):
        return {"issuer": self.url, "jwks_uri": f"{self.url}/jwks.json"}

    def jwks(self):
        return {"keys": [self.jwk]}

    def token(self, client, scopes):
        """A token of this client, minted again when it is half through its life."""
        with self.lock:
            made, token = self.held.get(client, (0, None))
            if time.time() - made > RENEW_SECONDS:
                made, token = time.time(), self.mint(client, scopes)
                self.held[client] = made, token
            return token

    def mint(self, client, scopes):
        now = int(time.time())
        claims = {"iss": self.url, "sub": client, "client_id": client, "aud": HUB_NAME, "iat": now,
                  "exp": now + TOKEN_SECONDS, "jti": os.urandom(12).hex(), "scope": " ".join(scopes)}
        header = {"typ": "at+jwt", "alg": "EdDSA", "kid": self.jwk["kid"]}
        signing = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
        with tempfile.NamedTemporaryFile() as file:
            file.write(signing.encode())
            file.flush()
            signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", file.name)
        return f"{signing}.{encode(signature)}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
