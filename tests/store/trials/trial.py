"""One trial: a copy, an edit, a verification; was it detected, and at the right place?"""

import json
import subprocess
import time

import tamper
from common import PROGRAM
from tamper.held import must
from tamper.notes import signed_like, size_and_root
from trials.engines import NEWEST

VERIFY_SECONDS_MAX = 300
# Who vouches for an epoch is told by the ledger's key only.
EPOCH = "epoch-forged"


def backup_restored(engine, seed):
    """An old backup in the place of the store, with what was beside it; somebody kept a newer checkpoint."""
    copy = engine.fresh(old=True)
    with tamper.Store(copy.files, seed) as store:
        size = store.size
    newest = engine.life.notes()[-1]
    return copy, ["--checkpoint", kept(engine, "newest", newest)], must(
        "tail-cut", size, size_and_root(newest)[0] - 1)


def forked(engine, seed):
    """Another history from some point on, signed by the ledger's own key and whole in itself; two checkpoints of
    the true one were kept by others, one from before that point."""
    copy = engine.fresh()
    true = (engine.folder / "true").with_suffix(".note")
    true.write_text((copy.data / NEWEST).read_text())
    with tamper.Store(copy.files, seed) as store:
        size, _ = size_and_root(true.read_text())
        heads = [head for head in store.heads if head < size]
        point = store.draw.choice(heads[len(heads) // 2 :])
        leaves = [leaf if index < point else store.changed(index) for index, leaf in enumerate(store.leaves)]
        store.forge(leaves, store.heads)
        root = store.conn.execute("SELECT root FROM heads WHERE size = ?", (size,)).fetchone()[0]
    early = [note for note in engine.life.notes() if size_and_root(note)[0] <= point][-1]
    forged = signed_like(true.read_text(), size, bytes(root), engine.life.ledger_key)
    (copy.data / NEWEST).write_text(forged)
    copy.push()
    more = ["--checkpoint", str(true), "--checkpoint", kept(engine, "early", early), "--vkey", engine.life.vkey]
    return copy, more, must("fork", size_and_root(early)[0], size - 1)


HISTORIES = {"backup-restored": backup_restored, "forked": forked}
KINDS = [*tamper.EDITS, *HISTORIES]


def kept(engine, name, note):
    file = engine.folder / f"{name}.note"
    file.write_text(note)
    return str(file)


def edited(engine, kind, seed, elsewhere):
    """A copy with one edit of the forger's; with the newest checkpoint beside it, or handed over by somebody."""
    copy, more = engine.fresh(), []
    if elsewhere:
        more = ["--checkpoint", kept(engine, "newest", (copy.data / NEWEST).read_text())]
        (copy.data / NEWEST).unlink()
    elif kind == EPOCH:
        # On a server the forger has no folder of the hub's, and yet knows its newest checkpoint.
        (copy.files / NEWEST).write_text((copy.data / NEWEST).read_text())
    if kind == EPOCH:
        more += ["--vkey", engine.life.vkey]
    expected = tamper.tamper(copy.files, kind, seed)
    copy.push()
    return copy, more, expected


def trial(engine, number, seed):
    """What came of it."""
    kind, elsewhere = KINDS[number % len(KINDS)], number // len(KINDS) % 2 == 1
    told = {"edit": kind, "seed": seed, "wiring": engine.name}
    try:
        if kind in HISTORIES:
            copy, more, expected = HISTORIES[kind](engine, seed)
        else:
            copy, more, expected = edited(engine, kind, seed, elsewhere)
    except tamper.NothingToEdit as nothing:
        return {**told, "possible": False, "why": str(nothing)}
    sealed = ["--bodies"] if kind in tamper.SEALED else []
    code, report, seconds = verify(copy, *sealed, *more)
    detected = code == 1 and not report["verified"]
    located = detected and tamper.found(expected, report["findings"])
    told.update(possible=True, detected=detected, located=located, seconds=round(seconds, 3))
    return told if located else {**told, "expected": expected, "report": json.dumps(report)[:1500]}


def verify(copy, *more):
    """Exit code, report, seconds."""
    start = time.monotonic()
    command = [PROGRAM, "audit", "verify", "--json", "--config", str(copy.config), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=VERIFY_SECONDS_MAX, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = {"findings": [], "verified": False, "error": done.stderr.strip()[-500:]}
    return done.returncode, report, time.monotonic() - start


def must_verify(engine):
    """What nobody touched holds, and so does what the forger wrote anew without a change."""
    for what in ("the store itself", "the store rebuilt by the forger, who then is at fault,"):
        copy = engine.fresh()
        if what != "the store itself":
            tamper.rebuilt(copy.files)
            copy.push()
        code, report, _ = verify(copy, "--bodies")
        if code != 0 or not report["verified"] or report["compared"] != 1 or not report["bodies"]["opened"]:
            raise SystemExit(f"{engine.name}: {what} does not verify: {json.dumps(report)[:2000]}")
    return report


