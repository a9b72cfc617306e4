"""How long single parts of the hub take, under divan.

    ops/bench parts [--json] [--seconds N] [--profile dist|release] [FILTER]

It builds what is shipped (the profile `dist`, ten minutes and more the first time); `--profile release`
gives a quick look. FILTER is a part of a name (`policy`, `commit::postgres`); without one everything runs,
about a minute after the build. Parts that need PostgreSQL run on the server that AMAAN_STORE_URL and
AMAAN_CA_FILE name, or else on a private one that is started for them and removed (ops/services). One core,
nothing else to do, everything warm: on a busy machine believe the fastest time and compare runs made in turns.
"""

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile

import programs

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVICES = os.path.join(ROOT, "ops", "services")
# With the program, so that registry crates are compiled with its features and only once.
BUILD = ("cargo", "bench", "--locked", "-p", "amaan", "-p", "bench", "--bench", "parts", "--no-run",
         "--message-format=json-render-diagnostics", "--profile")
NEEDS = ("AMAAN_STORE_URL", "AMAAN_CA_FILE")
NS = {"ns": 1, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
# Beginning of a part's name to its target, in ns: what a referral may cost there.
TARGETS = {
    "policy/intake": 20_000,
    "policy/intake_first": 20_000,
    "mask/cut_down": 10_000,
    "seal/seal": 3_000,
    "mapping/outbound": 50_000,
}


class Failed(Exception):
    """The parts could not be measured."""


def build(profile):
    """The benches' program."""
    programs.announce(profile)
    done = subprocess.run([*BUILD, profile], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Failed("the build failed, see above")
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    made = [each for each in messages if each.get("executable") and each["target"]["name"] == "parts"]
    if not made:
        raise Failed("cargo named no program for `parts`")
    return made[-1]["executable"]


def said(program, *arguments, **environment):
    done = subprocess.run([program, "--bench", *arguments], env=dict(os.environ, **environment), text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise Failed("a part did not run, see above")
    return done.stdout


def wants_server(program, chosen):
    """Whether a chosen part needs a server that nobody has named."""
    listed = said(program, "--list", *chosen, AMAAN_STORE_URL="somewhere")
    return "postgres" in listed and not all(map(os.environ.get, NEEDS))


@contextlib.contextmanager
def private_services():
    """PostgreSQL for the time of a run; the environment that names it."""
    with tempfile.TemporaryDirectory(prefix="amaan-parts-") as folder:
        where = ("--dir", os.path.join(folder, "services"))
        try:
            subprocess.run([SERVICES, "up", *where], stdout=sys.stderr, check=True)
            told = subprocess.run([SERVICES, "env", *where], stdout=subprocess.PIPE, text=True, check=True)
            exports = dict(re.findall(r"^export (\w+)='(.*)'$", told.stdout, re.M))
            yield {name: exports[name] for name in NEEDS}
        except (OSError, subprocess.CalledProcessError) as error:
            raise Failed(f"private services: {error}; or name a server by {' and '.join(NEEDS)}") from error
        finally:
            subprocess.run([SERVICES, "down", "--wipe", *where], stdout=sys.stderr, check=False)


def nanoseconds(text):
    number, unit = text.split()
    return float(number) * NS[unit]


def parse(tree):
    """Name (`policy/intake/cpi`) to (median, fastest), in ns, from divan's tree."""
    parts, path = {}, []
    for line in tree.splitlines():
        found = re.match(r"^([│ ]*)[├╰]─ (\S+)(.*)$", line)
        if not found:
            continue
        # Three columns a level.
        depth = len(found.group(1)) // 3
        path = [*path[:depth], found.group(2)]
        cells = [cell.strip() for cell in found.group(3).split("│")]
        if len(cells) == 6 and cells[0]:
            parts["/".join(path)] = (nanoseconds(cells[2]), nanoseconds(cells[0]))
    return parts


def target(name):
    return next((most for part, most in TARGETS.items() if name.startswith(f"{part}/") or name == part), None)


def pretty(ns):
    for unit, scale in (("ms", 1_000_000), ("us", 1_000)):
        if ns >= scale:
            return f"{ns / scale:.2f} {unit}"
    return f"{ns:.0f} ns"


def note(name, median):
    """For a commit of several orders, what each costs."""
    orders = re.match(r"commit/\w+/(\d+)$", name)
    return f"{pretty(median / int(orders.group(1)))} an order" if orders else ""


def table(parts):
    rows = [("part", "median", "fastest", "target", "")]
    for name, (median, fastest) in parts.items():
        most = target(name)
        judged = note(name, median) if most is None else ("pass" if median <= most else "short")
        rows.append((name, pretty(median), pretty(fastest), f"<= {pretty(most)}" if most else "", judged))
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print(" | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = re.findall(r"^model name\s*: (.*)$", file.read(), re.M)
    load = " ".join(f"{each:.2f}" for each in os.getloadavg())
    return f"{names[0] if names else 'unknown processor'}, {os.cpu_count()} cores; load average {load}"


def measure(arguments):
    program, chosen = build(arguments.profile), [arguments.filter] if arguments.filter else []
    with contextlib.ExitStack() as stack:
        environment = stack.enter_context(private_services()) if wants_server(program, chosen) else {}
        begun = machine()
        # The most bounds what making the inputs takes, too.
        bounds = ("--min-time", str(arguments.seconds), "--max-time", str(10 * arguments.seconds))
        parts = parse(said(program, "--color", "never", *bounds, *chosen, **environment))
    if not parts:
        raise Failed(f"no part is called like `{arguments.filter}`")
    return begun, parts


def main(argv):
    parser = argparse.ArgumentParser(prog="ops/bench parts", description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one object: the median of each part, in ns")
    parser.add_argument("--seconds", type=float, default=0.3, help="how long each part is measured (0.3)")
    programs.add_profile(parser)
    parser.add_argument("filter", nargs="?", help="only parts with this in their names")
    arguments = parser.parse_args(argv)
    try:
        begun, parts = measure(arguments)
    except Failed as error:
        print(f"ops/bench parts: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(f"measured: profile {arguments.profile}", file=sys.stderr)
        print(json.dumps({name: median for name, (median, _) in parts.items()}))
        return 0
    table(parts)
    print(f"\nmeasured: profile {arguments.profile}\nbefore: {begun}\nafter:  {machine()}")
    return 0
