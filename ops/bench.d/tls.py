"""A certificate for the hub under measure, signed by itself, and what believes it. Made for one run."""

import os
import ssl

from issuer import openssl

DAYS = 2


class Certificate:
    """Key and certificate as files, for 127.0.0.1 only."""

    def __init__(self, folder):
        self.key, self.file = (os.path.join(folder, name) for name in ("tls.key", "tls.pem"))
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                self.key, "-out", self.file, "-days", str(DAYS), "-subj", "/CN=amaan bench", "-addext",
                "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE")
        os.chmod(self.key, 0o600)
        self.context = ssl.create_default_context(cafile=self.file)

    def configuration(self):
        """How the hub is told."""
        return f'[tls]\ncertificate_file = "{self.file}"\nkey_file = "{self.key}"\n'
