#!/usr/bin/env python3
"""Runs a shell command as it stands and tells its wall and CPU seconds, children of children included.

    ops/stopwatch.py [--until TEXT] [--wall-max SECONDS] [--cpu-max SECONDS] COMMAND

The command's output is passed on. With --until the watch stops at the first line that holds TEXT; the
command is then interrupted as by Ctrl-C and must end by itself. Fails when the command fails, when TEXT
never comes, or when a limit is passed. Linux only (/proc). It ends no process but its own command's.
"""

import argparse
import os
import queue
import signal
import subprocess
import sys
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
# After the interrupt a server has its shutdown time (10 s) to finish what is in flight, three times over.
SHUTDOWN_SECONDS_MAX = 30
# Ended by itself, or by the interrupt it was sent.
ENDED_WELL = (0, 128 + signal.SIGINT, -signal.SIGINT)


def cpu_seconds(session):
    """User and system seconds of all living processes of a session and of those they have waited for."""
    total = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[3]) == session:
            total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def heed_the_interrupt():
    """A command started in the background of a script would ignore Ctrl-C, and hand that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def read_lines(stream, lines):
    for line in stream:
        lines.put(line)
    lines.put(None)


def watch(process, options, started):
    """Passes lines on until TEXT, the end, or the wall limit. Returns (wall, cpu, how it ended)."""
    lines = queue.Queue()
    threading.Thread(target=read_lines, args=(process.stdout, lines), daemon=True).start()
    cpu = 0.0
    while True:
        wall = time.monotonic() - started
        if options.wall_max and wall > options.wall_max:
            return wall, cpu_seconds(process.pid), "late"
        try:
            line = lines.get(timeout=1)
        except queue.Empty:
            cpu = max(cpu, cpu_seconds(process.pid))
            continue
        if line is None:
            return time.monotonic() - started, cpu, "ended"
        sys.stdout.write(line)
        sys.stdout.flush()
        if options.until and options.until in line:
            return time.monotonic() - started, cpu_seconds(process.pid), "until"


def end(process, how):
    """Interrupts what still runs, waits, and returns the exit code; ends it hard only when it does not listen."""
    if how != "ended":
        os.killpg(process.pid, signal.SIGINT)
    try:
        return process.wait(timeout=SHUTDOWN_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


def main():
    parser = argparse.ArgumentParser(description="tells a command's wall and CPU seconds")
    parser.add_argument("--until")
    parser.add_argument("--wall-max", type=float)
    parser.add_argument("--cpu-max", type=float)
    parser.add_argument("command")
    options = parser.parse_args()
    started = time.monotonic()
    process = subprocess.Popen(
        ["bash", "-c", options.command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
        preexec_fn=heed_the_interrupt)
    wall, cpu, how = watch(process, options, started)
    code = end(process, how)
    usage = os.times()
    if how == "ended":
        cpu = max(cpu, usage.children_user + usage.children_system)
    print(f"`{options.command}`: {wall:.1f} s wall, {cpu:.1f} s CPU")
    faults = []
    if how == "late":
        faults.append(f"still not done after {options.wall_max:.0f} s")
    if options.until and how == "ended":
        faults.append(f"ended without a line that holds `{options.until}`")
    if options.cpu_max and cpu > options.cpu_max:
        faults.append(f"more than {options.cpu_max:.0f} s CPU")
    if code is None:
        faults.append(f"did not end within {SHUTDOWN_SECONDS_MAX} s of the interrupt")
    elif code not in (ENDED_WELL if how == "until" else (0,)) and how != "late":
        faults.append(f"ended with {code}")
    for fault in faults:
        print(f"`{options.command}`: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
