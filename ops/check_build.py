#!/usr/bin/env python3
"""Compares what cargo built for the program with what it built for the tests.

    ops/check_build.py PROGRAM.jsonl TESTS.jsonl

Both files hold cargo's JSON messages (--message-format=json). It fails when a registry crate that the first
build compiled was compiled again, in another shape, for the second: then the feature sets differ, and a
fresh machine pays twice. It also fails when there is more than one test binary. It changes nothing.
"""

import json
import sys


def artifacts(path):
    """Every artifact cargo reported, in its order."""
    with open(path, encoding="utf-8") as lines:
        messages = (json.loads(line) for line in lines if line.startswith("{"))
        return [message for message in messages if message.get("reason") == "compiler-artifact"]


def from_registry(artifact):
    return artifact["package_id"].startswith("registry+")


def unit(artifact):
    """What makes two compilations the same one: cargo names files after a hash of all that matters."""
    return tuple(sorted(artifact["filenames"]))


def compiled_again(first, second):
    """Registry crates of the first build that the second has in another shape, or had to build anew."""
    known = {}
    for artifact in first:
        known.setdefault((artifact["package_id"], tuple(artifact["target"]["kind"])), []).append(artifact)
    for artifact in second:
        if not from_registry(artifact):
            continue
        before = known.get((artifact["package_id"], tuple(artifact["target"]["kind"])))
        if before and (unit(artifact) not in map(unit, before) or not artifact["fresh"]):
            yield before, artifact


def explain(before, artifact):
    name = artifact["package_id"].rsplit("/", 1)[-1].rsplit("#", 1)[-1]
    old = set().union(*(one["features"] for one in before))
    new = set(artifact["features"])
    if new - old or old - new:
        gained, lost = " ".join(sorted(new - old)), " ".join(sorted(old - new))
        return f"  {name}: features of the tests' build: +[{gained}] -[{lost}]"
    return f"  {name}: same features; something it depends on has others"


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    first, second = map(artifacts, arguments)
    if not first or not second:
        print("no artifact in one of the files: did the build fail?", file=sys.stderr)
        return 1
    again = list(compiled_again(first, second))
    for before, artifact in again:
        print(explain(before, artifact))
    if again:
        print(f"{len(again)} registry crates are compiled a second time for the tests.")
        print("fix: give the program the features the tests' crates switch on (the first lines say which), or drop the crate")
    binaries = [one["target"]["name"] for one in second if one["profile"]["test"] and one.get("executable")]
    if binaries != ["all"]:
        print(f"test binaries: {', '.join(binaries) or 'none'}; there is to be one, `all`")
        print("fix: `test = false` (and `doctest = false`) in the [lib] or [[bin]] of the others")
    compiled = sum(1 for one in second if from_registry(one))
    print(f"{compiled} registry units in the tests' build, {len(again)} of them a second time")
    return 1 if again or binaries != ["all"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
