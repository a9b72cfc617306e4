#!/usr/bin/env python3
"""Checks that every crate we build on has a licence that Apache-2.0 can be combined with.

    ops/check_licences.py

Asks `cargo metadata` (offline; run it after a build), evaluates each crate's SPDX expression against the list
below, and prints those that do not fit. It changes nothing.
"""

import json
import re
import subprocess
import sys

# Permissive, or weak copyleft that ends at the file (MPL-2.0).
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "Unicode-3.0", "Unlicense", "Zlib",
}


def packages():
    host = re.search(r"host: (\S+)", subprocess.check_output(["rustc", "-vV"], text=True)).group(1)
    command = ["cargo", "metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", host]
    metadata = json.loads(subprocess.check_output(command, text=True))
    used = {node["id"] for node in metadata["resolve"]["nodes"]}
    return [package for package in metadata["packages"] if package["id"] in used]


def fits(expression):
    """Whether an SPDX expression can be satisfied from the list. AND binds closer than OR."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def any_of():
        result = all_of()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            result = all_of() or result
        return result

    def all_of():
        result = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            result = one() and result
        return result

    def one():
        if not tokens:
            return False
        licence = tokens.pop(0)
        if licence == "(":
            result = any_of()
            if tokens:
                tokens.pop(0)
            return result
        if tokens and tokens[0] == "WITH":
            tokens.pop(0)
            licence += f" WITH {tokens.pop(0)}" if tokens else ""
        return licence in ALLOWED

    return any_of() and not tokens


def main():
    found = packages()
    misfits = [package for package in found if not fits(package["license"] or "")]
    for package in misfits:
        print(f"{package['name']} {package['version']}: licence {package['license'] or 'not stated'}")
    if misfits:
        print("fix: ask `cargo tree -i` who brings it and do without, or add the licence with its reason to ALLOWED")
    print(f"{len(found)} crates, {len(misfits)} with a licence that is not on the list")
    return 1 if misfits else 0


if __name__ == "__main__":
    sys.exit(main())
