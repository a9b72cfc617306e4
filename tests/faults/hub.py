"""One hub under test: its configuration, its process, its failpoints, and what it uses of the machine."""

import http.client
import os
import resource
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

from agencies import SECRET
from common import HUB_NAME, PROGRAM, Broken, Log, free_port, lines, secret_file, text, wait_until

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
COUNTED_SECONDS_MAX = 30
# Who calls in a fault run: client, agency, roles, scopes.
CLIENTS = {
    "ictp": ("ictp", ["system"], ["referral.send", "referral.receive", "delivery.manage"]),
    "nccia": ("nccia", ["system"], ["referral.send", "referral.receive", "delivery.manage"]),
    "laja": ("laja", ["system"], ["referral.send", "referral.receive", "delivery.manage"]),
    "ncrc-analyst": ("ncrc", ["analyst"], ["indicator.read", "audit.read"]),
    "operator": ("hub", ["operator"], ["delivery.manage"]),
    # Two people who have cases erased, and who says that they are (`keepers.py`).
    "ictp-admin": ("ictp", ["agency-admin"], ["people.manage"]),
    "ictp-privacy": ("ictp", ["privacy-officer"], ["referral.send", "delivery.manage"]),
    "ictp-supervisor": ("ictp", ["supervisor"], ["referral.send", "delivery.manage"]),
}


def client_rows(issuer_url):
    rows = []
    for client, (agency, roles, scopes) in CLIENTS.items():
        rows.append(f'[[clients]]\nissuer = "{issuer_url}"\nclient = "{client}"\nagency = "{agency}"\n'
                    f"roles = {roles}\nscopes = {scopes}\n".replace("'", '"'))
    return "\n".join(rows)


def no_core():
    """A process that dies on purpose leaves no memory on the disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Hub:
    """A configured hub that is started, killed and started again on the same port and data."""

    def __init__(self, folder, name, wiring, issuer_url, endpoints, delivery=""):
        self.folder, self.name, self.delivery = folder, name, delivery
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.file = os.path.join(folder, f"{name}.toml")
        self.log = os.path.join(folder, f"{name}.log")
        self.hits = os.path.join(folder, f"{name}.failpoints.log")
        self.hits_before = 0
        self.samples = Log(os.path.join(folder, "samples.jsonl"))
        self.process = None
        self.starts = 0
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(self.configuration(wiring, issuer_url, endpoints))

    def configuration(self, wiring, issuer_url, endpoints):
        credential = secret_file(os.path.join(self.folder, "credential"), SECRET)
        parts = [
            f'[hub]\nname = "{HUB_NAME}"\ndata = "{wiring.data(self.name)}"\n'
            f'listen = "127.0.0.1:{self.port}"\n',
            f'[keys]\nroot_key_file = "{self.folder}/root.key"\n'
            f'ledger_key_file = "{self.folder}/ledger.key"\n',
            f'[[issuers]]\nissuer = "{issuer_url}"\naudience = "{HUB_NAME}"\n',
            client_rows(issuer_url),
            # Waits small enough for a test: a fault run lives for seconds.
            "[delivery]\nfirst_wait_ms = 100\nlongest_wait_ms = 1000\nattempts_max = 100\n"
            "look_every_ms = 50\npoll_every_ms = 500\nsweep_every_ms = 500\n" + self.delivery,
            # A fault run is faster than any agency.
            "[limits]\n" + "".join(
                f"{name}_per_minute = 1000000\n"
                for name in ("reads", "writes", "intake", "emergencies", "identity_checks", "person_requests")),
        ]
        parts += [f'[endpoints.{agency}]\nurl = "{url}"\ncredential_file = "{credential}"\n'
                  for agency, url in endpoints.items()]
        return "\n".join(parts + wiring.configuration())

    def start(self, failpoint=None, planted=None, ready=True):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("AMAAN_")}
        environment["AMAAN_FAILPOINT_LOG"] = self.hits
        # What an earlier process did proves nothing of this one.
        self.hits_before = len(text(self.hits))
        environment["AMAAN_LOG"] = "warn"
        if failpoint:
            environment["AMAAN_FAILPOINT"] = failpoint
        if planted:
            environment["AMAAN_PLANTED"] = planted
        keys = [] if self.starts else ["--make-keys"]
        self.starts += 1
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", "--config", self.file, *keys],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, preexec_fn=no_core)
        if ready:
            wait_until(f"{self.name} to serve", self.ready_or_gone, START_SECONDS_MAX)
            if self.process.poll() is not None:
                raise Broken(f"{self.name} ended at its start: {text(self.log)[-600:]}")

    def ready_or_gone(self):
        return self.process.poll() is not None or self.answers("/readyz")

    def answers(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=2) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def ended(self, seconds):
        """Waits until it is gone by itself."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self):
        if self.alive():
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def stop(self):
        """As an operator would; true where it ended well."""
        if not self.alive():
            return False
        self.process.send_signal(signal.SIGINT)
        if not self.ended(STOP_SECONDS_MAX):
            self.kill()
            return False
        return self.process.returncode == 0

    def hit(self, what, name):
        return f"{what} {name}\n" in text(self.hits)[self.hits_before:]

    def counted(self, metric):
        """What one of its counters stands at, all labels together."""
        rows = wait_until(f"{self.name} to tell its counters", self.metrics, COUNTED_SECONDS_MAX)
        return sum(float(row.split()[-1]) for row in rows if row.startswith((metric + "{", metric + " ")))

    def metrics(self):
        """Its counters as they are told, by lines; none yet where it is too busy to answer, or only just up."""
        try:
            with urllib.request.urlopen(self.url + "/metrics", timeout=5) as answer:
                return answer.read().decode().splitlines()
        except (OSError, http.client.HTTPException):
            return None

    def sample(self):
        """Memory and open files, from the kernel."""
        if not self.alive():
            return
        try:
            with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
                fields = dict(line.split(":", 1) for line in status)
            files = len(os.listdir(f"/proc/{self.process.pid}/fd"))
            self.samples.write(hub=self.name, rss_kib=int(fields["VmRSS"].split()[0]), files=files)
        except (OSError, KeyError):
            # It ended while it was looked at.
            return

    def verify(self):
        """`amaan audit verify`, every body opened; none where all holds."""
        command = ["audit", "verify", "--config", self.file, "--bodies"]
        done = subprocess.run([PROGRAM, *command], capture_output=True, text=True, timeout=120, check=False)
        return None if done.returncode == 0 else (done.stdout + done.stderr)[-400:]

    def rotate(self):
        """`amaan keys rotate`: another epoch begins, and whoever runs wraps every key anew."""
        command = [PROGRAM, "keys", "rotate", "--config", self.file]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise Broken(f"keys rotate failed: {done.stderr[-300:]}")


class Sampler(threading.Thread):
    """Looks at the hubs five times a second."""

    def __init__(self, hubs):
        super().__init__(daemon=True)
        self.hubs, self.stopping = hubs, threading.Event()

    def run(self):
        while not self.stopping.wait(0.2):
            for hub in self.hubs:
                hub.sample()

    def stop(self):
        self.stopping.set()
        self.join()


def note_fault(folder, what):
    """When a fault began or ended: rule C10 counts from the last one."""
    log = Log(os.path.join(folder, "faults.jsonl"))
    log.write(what=what)
    log.close()


def last_fault(folder):
    return max((line["t"] for line in lines(os.path.join(folder, "faults.jsonl"))), default=time.monotonic())


def fresh_folder(path):
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path, mode=0o700)
    return path
