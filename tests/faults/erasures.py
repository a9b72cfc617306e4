"""Rule C12, for runs in which cases are erased: what two people ordered is done, whatever died meanwhile,
and nothing else is gone. Judged from leaves and from both databases, past the hub.
"""

import collections

OVER = ("erased", "called-off")


def c12(run):
    """All findings."""
    yield from ordered(run)
    yield from ended(run)
    yield from keys(run)


def ordered(run):
    """Whoever was told that it is ordered finds it in the ledger."""
    for line in run.answered("approve"):
        if line["answer"]["status"] == "approved" and line["case"] not in run.story.erasures:
            yield "C12", f"the erasure of {line['case']} was agreed to, and no entry orders it"


def ended(run):
    """Each order has one end, and nothing came into the case behind it."""
    for case, steps in run.story.erasures.items():
        said = [status for _, status in steps]
        if said[-1] not in OVER:
            yield "C12", f"the erasure of {case} was ordered and never done"
        for first, second in zip(said, said[1:]):
            if (first == "erasure-ordered") == (second == "erasure-ordered"):
                yield "C12", f"the erasure of {case} went from {first} to {second}"
    for case, index in run.story.behind:
        yield "C12", f"entry {index} came into {case}, whose erasure was ordered"


def keys(run):
    """An erased case has no key any more, every other has all of its own."""
    held = collections.defaultdict(set)
    for case, key in run.records.case_keys + run.records.body_keys:
        held[case].add(key)
    for case, of_case in held.items():
        there = of_case & run.records.slots
        is_erased = run.story.erasures.get(case, [(0, "")])[-1][1] == "erased"
        if is_erased and there:
            yield "C12", f"{case} is erased, and {len(there)} of its keys are there"
        if not is_erased and there != of_case:
            yield "C12", f"{case} was not erased, and {len(of_case - there)} of its keys are gone"
