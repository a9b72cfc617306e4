"""The forger as a command.

    python3 -m tamper DIR EDIT [--seed S]     edits DIR/amaan.db (and DIR/keys.db) in place and prints JSON
                                              {"edit", "what", "kinds", "first", "last", "exact"}
    python3 -m tamper DIR each [--seed S]     the same for every folder in DIR that is named by an edit, one a line
    python3 -m tamper --list                  the edits that are found without keys, one a line

Exit codes: 0 done, 1 this store has nothing to edit so, 2 usage.
"""

import argparse
import json
import pathlib
import sys

from . import EDITS, PLAIN, NothingToEdit, rebuilt, tamper


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir", nargs="?")
    parser.add_argument("edit", nargs="?", choices=[*EDITS, "each", "rebuilt"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    if args.list:
        print("\n".join(PLAIN))
        return 0
    if not args.edit:
        parser.error("a folder and an edit, or --list")
    try:
        if args.edit == "rebuilt":
            rebuilt(args.dir)
            return 0
        if args.edit == "each":
            for seed, edit in enumerate(PLAIN, args.seed):
                print(json.dumps(tamper(pathlib.Path(args.dir) / edit, edit, seed)))
            return 0
        print(json.dumps(tamper(args.dir, args.edit, args.seed)))
    except NothingToEdit as nothing:
        print(nothing, file=sys.stderr)
        return 1
    return 0
