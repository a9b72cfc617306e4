"""A hub with everything around it: issuer, agencies, proxies, people. A scenario breaks parts of it; `judge`
mends all, waits until nothing moves any more, and hands what is left to the checker.
"""

import json
import random
import time

import checker
from agencies import Office, Server
from clients import Crowd
from common import Broken, text, wait_until
from hub import Hub, Sampler, fresh_folder, last_fault, note_fault
from issuer import Issuer
from keepers import Keeper
from proxy import Proxy
from wiring import Records, Sqlite, in_flight, what_moves

DRAIN_SECONDS_MAX = 60
KEEPERS = 2


class World:
    """Built for one scenario, in a folder of its own."""

    def __init__(self, folder, seed, wiring=Sqlite, hubs=1, planted=None, delivery="", **wired):
        self.folder, self.seed, self.planted = fresh_folder(folder), seed, planted
        self.issuer = Issuer(folder)
        self.offices = {code: Office(code, folder, seed, code == "nccia") for code in ("nccia", "laja")}
        self.servers = [Server(office) for office in self.offices.values()]
        self.proxies = {server.office.code: Proxy(server.port, seed) for server in self.servers}
        self.wiring = wiring(folder, **wired)
        urls = {code: f"http://127.0.0.1:{proxy.port}" for code, proxy in self.proxies.items()}
        names = [f"hub{number}" for number in range(hubs)]
        self.hubs = [Hub(folder, name, self.wiring, self.issuer.url, urls, delivery) for name in names]
        self.sampler = Sampler(self.hubs)
        self.crowd = None
        self.kills = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, failpoint=None, **crowd):
        for hub in self.hubs:
            hub.start(failpoint, self.planted)
        self.sampler.start()
        self.work(**crowd)

    def work(self, **crowd):
        self.crowd = Crowd(self.folder, self.hubs, self.issuer, self.seed, **crowd).start()

    def keep(self, pause=0.2):
        """People have cases erased too."""
        for number in range(KEEPERS):
            dice = random.Random(f"{self.seed}/keeper/{number}")
            self.crowd.employ(Keeper(self.crowd.callers, dice), pause)

    def erased(self):
        """Cases erased so far."""
        condition = "FROM registers WHERE book = 'erasure' AND NOT open"
        return int(self.wiring.rows(["count(*)"], condition)[0][0])

    def fault(self, what):
        """Notes it; what stands before the colon is its kind."""
        note_fault(self.folder, what)

    def misbehave(self, **faults):
        """Weights of faults by mode, in percent, at both agencies; none ends them."""
        for office in self.offices.values():
            office.faults = {mode.replace("_", "-").lstrip("-"): weight for mode, weight in faults.items()}
        self.fault(f"agencies: {faults}" if faults else "mended: agencies")

    def proxied(self, mode, share=1.0, codes=("nccia", "laja")):
        for code in codes:
            self.proxies[code].mode, self.proxies[code].share = mode, share
        self.fault("mended: lines to agencies" if mode == "pass" else f"line to agencies {mode}")

    def mend(self):
        """No fault any more, every hub up and without a failpoint; a planted bug stays in. People stop sending
        before the clock of C10 starts: what they sent behind that would have less time than the rule gives."""
        self.misbehave()
        self.proxied("pass")
        self.wiring.mend()
        for hub in self.hubs:
            if not hub.alive():
                hub.start(planted=self.planted)
        self.crowd.stop_sending()
        self.fault("mended: all")

    def drained(self, bound):
        """(seconds since the last fault, the bound, what still moves)."""
        since = last_fault(self.folder)
        while True:
            left = in_flight(self.wiring)
            waited = time.monotonic() - since
            if not left:
                return waited, bound, []
            if waited > bound:
                return waited, bound, what_moves(self.wiring)
            time.sleep(0.1)

    def letters(self):
        """Dead letters as their senders and the operator see them, by delivery."""
        return {who: self.letters_of(who) for who in ("operator", "ictp", "nccia", "laja")}

    def letters_of(self, who):
        """Page by page: one that stands on no page is seen by nobody."""
        found, path = {}, "/v1/dead-letters"
        while path:
            status, _, body = self.crowd.callers[who].call("GET", path)
            if status != 200:
                raise Broken(f"the dead letters of {who} are not listed: {status}")
            page = json.loads(body)
            found.update({one["id"]: one for one in page["data"]})
            path = page["next_cursor"] and f"/v1/dead-letters?cursor={page['next_cursor']}"
        return found

    def judge(self, bound=DRAIN_SECONDS_MAX):
        """Mends, drains, stops, checks. Findings, and the run for its counts."""
        self.mend()
        drained = self.drained(bound)
        self.crowd.stop()
        letters = self.letters()
        extra = []
        for hub in self.hubs:
            if not hub.stop():
                extra.append(("C11", f"{hub.name} did not end well when it was asked to"))
        run = checker.Run(self.folder, self.wiring, Records(self.wiring), letters, drained,
                          sum(hub.starts for hub in self.hubs))
        found = checker.check(run) + extra
        wrong = self.hubs[0].verify()
        if wrong:
            found.append(("C5", f"audit verify: {wrong}"))
        return found, run

    def work_on(self, seconds, enough=lambda: False):
        """Lets people work for so long, less where it is enough or the hub is gone for good."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.hubs[0].alive() and not enough():
            time.sleep(0.05)

    def judge_broken(self, bound):
        """The same for a hub with a planted bug: that it cannot be judged any more is a finding too."""
        try:
            return self.judge(bound)
        except (Broken, OSError, ValueError, KeyError) as fault:
            return [("broken", f"{type(fault).__name__}: {fault}")], None

    def wait_for_kill(self, hub, step, seconds=40):
        """The hub dies at its failpoint, under the load that is there."""
        wait_until(f"the hub to die at {step}", lambda: not hub.alive(), seconds)
        if not hub.hit("killed", step):
            raise Broken(f"{hub.name} died, and not at {step}: {text(hub.log)[-600:]}")
        self.kills += 1
        self.fault(f"hub killed: {step}")

    def close(self):
        if self.crowd:
            for one in [*self.crowd.people, self.crowd.system]:
                one.stopping.set()
        if self.sampler.is_alive():
            self.sampler.stop()
        for hub in self.hubs:
            hub.kill()
        for proxy in self.proxies.values():
            proxy.close()
        for server in self.servers:
            server.shutdown()
            server.server_close()
        self.issuer.close()
        self.wiring.close()
