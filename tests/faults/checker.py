"""Judges a fault run: what clients and agencies wrote down against the hub's records. Rules C1 to C6, C10
to C12; R429 is "an agency that asked to be left alone is". A finding is (rule, text).

Shares no code with the hub, and believes the agencies' logs before the hub's tables.
"""

import collections

import tree
from common import lines
from erasures import c12
from story import Story

ANSWER_MS_MAX = 10_000
RSS_KIB_MAX = 512 * 1024
FILES_MAX = 256
# A case uses a slot; so many are made ahead. SQLite's next hub takes over those of a killed one; on PostgreSQL
# they come free when their lease of a day ends, so that each start may leave its own behind.
SLOTS_AHEAD_MAX = 256
ONCE = ("ictp", "nccia")
FINDINGS_MAX = 400


class Run:
    """Everything one run left behind."""

    def __init__(self, folder, wiring, records, letters, drained, starts=1):
        self.wiring, self.records, self.drained = wiring, records, drained
        self.letters, self.starts = letters, starts
        self.faults = lines(f"{folder}/faults.jsonl")
        self.history = lines(f"{folder}/history.jsonl")
        self.seen = lines(f"{folder}/checkpoints.jsonl")
        self.samples = lines(f"{folder}/samples.jsonl")
        self.agencies = {code: lines(f"{folder}/agency-{code}.jsonl") for code in ("ictp", "nccia", "laja")}
        self.story = Story(records.events)
        self.effects = collections.defaultdict(list)
        for code, log in self.agencies.items():
            for line in log:
                if line["kind"] == "effect":
                    self.effects[line["delivery"]].append((code, line))

    def accepted(self):
        """Ids of referrals that somebody was told are taken."""
        return {one["id"] for line in self.answered("submit") for one in line["answer"]["referrals"]}

    def answered(self, op, kind="ok"):
        return [line for line in self.history if line.get("op") == op and line["type"] == kind]


def check(run):
    """All findings, the worst first by rule."""
    found = list(run.story.faults)
    for rule in (c1, c2, c3, c4, c5, c6, c10, c11, c12, r429, conservation):
        found += rule(run)
        if len(found) > FINDINGS_MAX:
            break
    return sorted(set(found))


def c1(run):
    """Every ok referral: one effect, or a dead letter that its sender and the operator see."""
    for line in run.answered("submit"):
        for one in line["answer"]["referrals"]:
            if one["id"] not in run.story.referrals:
                yield "C1", f"{one['id']} was answered and is not in the ledger"
    for line in run.answered("acknowledge"):
        delivery = run.story.deliveries.get(line["delivery"])
        if delivery is None or "delivered" not in delivery.ends:
            yield "C1", f"{line['delivery']} was acknowledged and is not entered as delivered"
    for line in run.answered("step"):
        if line["path"].rsplit("/", 1)[1] not in run.story.steps.get(line["referral"], []):
            yield "C1", f"a step of {line['referral']} was answered and is not in the ledger"
    for delivery in run.story.deliveries.values():
        yield from whole(run, delivery)


def whole(run, delivery):
    count = len(run.effects[delivery.id])
    said = f"{delivery.id} to {delivery.to} ({delivery.status}, {delivery.reason})"
    if delivery.status == "delivered" and count == 0:
        yield "C1", f"{said} is lost: the agency never got it"
    if count > 1:
        yield "C1", f"{said} took effect {count} times"
    if delivery.status == "refused":
        yield "C1", f"{said} is refused, and nobody refused it"
    if delivery.status in ("undeliverable", "expired"):
        if delivery.to in ONCE and not delivery.is_poisoned():
            yield "C1", f"{said} rests although this agency could be tried again"
        for who in ("operator", delivery.sender):
            letter = run.letters[who].get(delivery.id)
            if letter is None:
                yield "C1", f"{said} is a dead letter that {who} does not see"
            elif not (letter["owner"] and letter["reason"] and letter["due"]):
                yield "C1", f"{said} is a dead letter without owner, reason or deadline"


def c2(run):
    """No effect without an ok or unknown request of identical bytes, and none without a committed claim."""
    digests = {line["key"]: line["digest"] for line in run.history
               if line["type"] == "invoke" and line["op"] == "submit"}
    nonces = {}
    for key, (digest, index) in run.records.keys.items():
        _, client_key = key.split("/", 1)[0], key.rsplit("/", 1)[1]
        if index in run.story.at:
            if digests.get(client_key) != digest.hex():
                yield "C2", f"entry {index} has other bytes than its sender sent"
            for referral in run.story.requests[run.story.at[index]]["referrals"]:
                nonces[referral] = client_key
    sent = {line["key"]: line["nonce"] for line in run.history
            if line["type"] == "invoke" and line["op"] == "submit"}
    for delivery, taken in run.effects.items():
        known = run.story.deliveries.get(delivery)
        for code, line in taken:
            if known is None or known.to != code:
                yield "C2", f"{code} took {delivery}, which the ledger does not know"
                continue
            nonce = sent.get(nonces.get(known.referral))
            if line["message"] == "referral.request" and line["nonce"] != nonce:
                yield "C2", f"{code} took {delivery} with another child's data"
    for code, log in run.agencies.items():
        for line in log:
            if line["kind"] == "followed":
                yield "C2", f"a message to {code} was sent on to {line['path']}"
            known = run.story.deliveries.get(line.get("delivery"))
            called = known and code != "ictp" and line["kind"] == "call"
            if called and line["attempt"] not in known.claimed:
                yield "C2", f"{code} was called with attempt {line['attempt']} of {known.id}, never claimed"
    shown = collections.Counter(line["delivery"] for line in run.agencies["ictp"] if line["kind"] == "call")
    for delivery, count in shown.items():
        claims = len(run.story.deliveries[delivery].claimed) if delivery in run.story.deliveries else 0
        if count > claims:
            yield "C2", f"{delivery} was shown {count} times and claimed {claims} times"


def c3(run):
    """All or nothing: a request with each of its referrals, or nothing of it."""
    for request, held in run.story.requests.items():
        if len(held["referrals"]) != held["wanted"]:
            yield "C3", f"{request} has {len(held['referrals'])} of {held['wanted']} referrals"
    known = run.accepted()
    tried = {line["key"] for line in run.answered("submit", "info")}
    entered = {index: key.rsplit("/", 1)[1] for key, (_, index) in run.records.keys.items()}
    for request, held in run.story.requests.items():
        if not known.intersection(held["referrals"]) and entered.get(held["index"]) not in tried:
            yield "C3", f"{request} is in the ledger, and nobody was told nor left in doubt"
    used = len({event["case"] for event in run.records.events if event["kind"] == "request.submitted"})
    slots = run.wiring.slots()
    # A hub cannot know whether a commit without an answer happened: such a key waits for its next start.
    unsure = len(run.answered("submit", "info"))
    if slots > used + unsure + SLOTS_AHEAD_MAX * (run.starts if run.wiring.is_shared else 1):
        yield "C3", f"{slots} key slots for {used} cases: slots of killed hubs are not used again"


def c4(run):
    """One key, one referral, the same bytes; another body under a used key is refused."""
    first = {}
    for line in run.answered("submit") + run.answered("step"):
        seen = first.setdefault((line["client"], line["key"], line["path"]), line)
        if seen["bytes"] != line["bytes"]:
            yield "C4", f"one key got two answers: {ids(seen)} and {ids(line)}"
    owners = {}
    for line in run.answered("submit"):
        for one in line["answer"]["referrals"]:
            if owners.setdefault(one["id"], line["key"]) != line["key"]:
                yield "C4", f"two keys were answered with {one['id']}"
    known = {(line["client"], line["key"]) for line in run.answered("submit") + run.answered("step")}
    for line in run.answered("submit", "fail") + run.answered("step", "fail"):
        if (line["client"], line["key"]) in known:
            yield "C4", f"a key that was answered is refused: {line['status']} {line['problem'][:120]}"
    for line in run.answered("reuse"):
        yield "C4", f"a used key took another body: {ids(line)}"


def ids(line):
    answer = line["answer"]
    return ", ".join(one["id"] for one in answer.get("referrals", [])) or answer.get("referral", "nothing")


def c5(run):
    """One tree: no gap, each root what its leaves give, every checkpoint anyone saw a prefix of it."""
    records = run.records
    if records.indexes != list(range(len(records.indexes))):
        yield "C5", "the ledger has a gap"
        return
    seen = []
    for line in run.seen:
        seen.append((line["by"], *tree.checkpoint(line["note"])))
    for line in run.answered("submit") + run.answered("step"):
        receipt = line["answer"]["receipt"]
        seen.append((f"receipt {receipt['index']}", *tree.checkpoint_of_proof(receipt["tlog_proof"])))
        yield from receipt_holds(records, receipt)
    roots = tree.roots(records.leaves, {size for size, _ in records.heads} | {size for _, size, _ in seen})
    for size, root in records.heads:
        if roots.get(size) != root:
            yield "C5", f"the head of {size} entries has another root than its leaves"
    for who, size, root in seen:
        if roots.get(size) != root:
            yield "C5", f"{who} saw a checkpoint of {size} entries that is not of this tree"
    for leaf, held in zip(records.leaves, records.hashes):
        if tree.verify.leaf_hash(leaf) != held:
            yield "C5", "an entry's hash is not its leaf's"
    sizes = [tree.checkpoint(line["note"])[0] for line in run.seen]
    if any(later < earlier for earlier, later in zip(sizes, sizes[1:])) and not run.wiring.is_shared:
        yield "C5", "a later checkpoint is smaller than an earlier one"
    if records.heads and records.heads[-1][0] != len(records.leaves):
        yield "C5", "entries stand beyond the newest head"
    for delivery in run.story.deliveries.values():
        if len(delivery.ends) > 1:
            yield "C5", f"{delivery.id} ended {len(delivery.ends)} times: {delivery.ends}"


def receipt_holds(records, receipt):
    index = receipt["index"]
    if index >= len(records.leaves) or records.leaves[index] != receipt["entry"].encode():
        yield "C5", f"the receipt of entry {index} is not of this ledger"
    why = tree.proof_holds(receipt["entry"], receipt["tlog_proof"])
    if why:
        yield "C5", f"the receipt of entry {index} does not prove it: {why}"


def c6(run):
    """What a reader sees of a referral never goes back. (The ledger's own versions: `story.py`.)"""
    last = {}
    for line in run.history:
        if line["type"] == "read" and line["version"]:
            who, version = (line["client"], line["path"]), int(line["version"].strip('W/"'))
            if version < last.get(who, 0):
                yield "C6", f"{line['path']} went back to version {version}"
            last[who] = version


def c10(run):
    """Nothing still moves a minute after the last fault."""
    seconds, bound, left = run.drained
    if left:
        told = f"{len(left)} deliveries still move {seconds:.0f} s after the last fault (at most {bound} s)"
        yield "C10", "; ".join([told, *left[:3]])


def c11(run):
    """Every answer in time and never a 500; memory and open files within bounds."""
    for line in run.history:
        if line.get("status", 0) and line["ms"] > ANSWER_MS_MAX:
            yield "C11", f"{line['path']} was answered after {line['ms']} ms"
        if line.get("status") == 500:
            yield "C11", f"{line['path']} was answered with 500"
        if line.get("status") == 503 and line["type"] == "info" and not line.get("retry_after"):
            yield "C11", f"{line['path']} was answered with 503 and no Retry-After"
    rss = max((line["rss_kib"] for line in run.samples), default=0)
    files = max((line["files"] for line in run.samples), default=0)
    if rss > RSS_KIB_MAX:
        yield "C11", f"a hub used {rss // 1024} MiB"
    if files > FILES_MAX:
        yield "C11", f"a hub had {files} open files"


def r429(run):
    """After 429 with Retry-After, entered as such, the same delivery does not come before its time."""
    for code, log in run.agencies.items():
        until = {}
        for line in log:
            if line["kind"] != "call" or code == "ictp":
                continue
            delivery = run.story.deliveries.get(line["delivery"])
            if line["t"] < until.get(line["delivery"], 0):
                yield "R429", f"{code} was called with {line['delivery']} before its Retry-After was over"
            said = delivery.retried.get(line["attempt"]) if delivery else None
            if line["mode"] == "429" and said == "too-many-requests":
                until[line["delivery"]] = line["t"] + 0.9


def conservation(run):
    """Principle 1: the leaves and the tables count the same deliveries in the same states."""
    said = {one.id: one.status for one in run.story.deliveries.values()}
    if said.keys() != run.records.states.keys():
        yield "C1", f"the tables hold {len(run.records.states)} deliveries, the ledger made {len(said)}"
    for delivery, status in run.records.states.items():
        if said.get(delivery, status) != status:
            yield "C6", f"{delivery} is {status} in the tables and {said[delivery]} in the ledger"
