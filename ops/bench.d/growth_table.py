"""Prints what growth measured for people: each question with both figures, their ratio and what is asked."""

from figures import at
from table import TITLES, amount, say

# Words, where the figure stands, its unit, which ratio, and the most it may be.
ROWS = (
    ("accept, CPU of the program", ("accept", "cpu_us", "app"), "us", "accept_cpu_app", 1.15),
    ("accept, CPU of PostgreSQL", ("accept", "cpu_us", "postgres"), "us", "accept_cpu_postgres", 1.15),
    ("accept, p99 at 64 connections", ("accept", "p99_ms"), "ms", "accept_p99", 1.15),
    ("accepted/s", ("accept", "per_s"), "/s", None, None),
    ("list page, newest", ("reads", "list_newest", "median_ms"), "ms", "list_newest", 1.5),
    ("list page, newest, p99", ("reads", "list_newest", "p99_ms"), "ms", "list_newest_p99", 1.5),
    ("list page, deep", ("reads", "list_deep", "median_ms"), "ms", "list_deep", 1.5),
    ("list page, deep, p99", ("reads", "list_deep", "p99_ms"), "ms", "list_deep_p99", 1.5),
    ("list page of a receiver", ("reads", "list_received", "median_ms"), "ms", "list_received", 1.5),
    ("list page of a rare state", ("reads", "list_by_state", "median_ms"), "ms", "list_by_state", 1.5),
    ("dead letters, a page", ("reads", "dead_letters", "median_ms"), "ms", "dead_letters", 1.5),
    ("history of one referral", ("reads", "history", "median_ms"), "ms", "history", 1.5),
    ("history of one referral, p99", ("reads", "history", "p99_ms"), "ms", "history_p99", 1.5),
    ("proof of one entry", ("reads", "proof", "median_ms"), "ms", "proof", 1.5),
    ("proof of one entry, p99", ("reads", "proof", "p99_ms"), "ms", "proof_p99", 1.5),
)
START_MS_MAX = 250
VERIFY_LEAST = 0.5
WIDTHS = (34, 14, 14, 9, 12)


def print_all(told):
    for small, large in told["wirings"]:
        print_wiring(small, large)
        print()
    found = told["machine"]
    say("measured:", told["measured"])
    say(f"machine: {found['processor']}, {found['cores']} cores, {found['memory_gib']} GiB, Linux",
        f"{found['kernel']}; load average before {told['load_before']}, after {told['load_after']}")


def print_wiring(small, large):
    print(f"{TITLES[large['wiring']]}\n")
    line("", f"{small['rows']:,}", f"{large['rows']:,}", "ratio", "asked", "")
    for words, place, unit, key, most in ROWS:
        values = [amount(at(size, *place), unit) for size in (small, large)]
        ratio = large["ratios"][key] if key else None
        line(words, *values, amount(ratio, "x"), f"<= {most:g} x" if most else "", verdict(ratio, most))
    print_start(small, large)
    print_verify(small, large)
    print_fill(large["fill"])


def verdict(value, most):
    return "" if value is None or most is None else "pass" if value <= most else "short"


def line(*words):
    padded = [f"{word:{width}}" for word, width in zip(words, WIDTHS)]
    print("  ".join([*padded, words[-1]]).rstrip())


def print_start(small, large):
    values = [amount(size["start_ms"], "ms") for size in (small, large)]
    line("start to ready", *values, amount(large["ratios"]["start"], "x"), f"<= {START_MS_MAX} ms",
         verdict(large["start_ms"], START_MS_MAX))
    values = [amount(size["first_start_ms"], "ms") for size in (small, large)]
    line("first start after the fill", *values, "", "", "apart: it enters which key slots the fill used")


def print_verify(small, large):
    values = [amount(size["verify"]["s_per_million"], "s") for size in (small, large)]
    line("audit verify, a million entries", *values, "", "", "")
    held = "pass" if large["verify"]["to_bare"] >= VERIFY_LEAST else "short"
    values = [amount(size["verify"]["to_bare"], "x") for size in (small, large)]
    line("audit verify to bare read + SHA-256", *values, "", f">= {VERIFY_LEAST} x", held)
    line("the same by CPU of the program",
         *(amount(size["verify"]["cpu_to_bare"], "x") for size in (small, large)), "", "", "")
    values = [amount(size["verify"]["peak_mb"], "MB") for size in (small, large)]
    line("audit verify, memory", *values, "", "", "")


def print_fill(fill):
    say("\nstored:", amount(fill["referrals"]), "referrals,", amount(fill["bytes"] / 2**20, "MB"), ",",
        amount(fill["bytes_per_referral"]), "bytes each; this run made", amount(fill["made"]), "with",
        amount(fill["entries"]), "entries in", amount(fill["seconds"], "s"), ",",
        amount(fill["referrals_per_s"]), "referrals/s,", amount(fill["orders_per_s"]), "orders/s")
