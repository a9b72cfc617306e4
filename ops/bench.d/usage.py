"""What processes used of the machine, from the kernel: processor seconds of whole trees, and memory.

Seconds are those of all living processes of a tree and of the children they buried: a connection of
PostgreSQL that ended meanwhile is not lost. The kernel counts in hundredths of a second, so a window has to
last.
"""

import os
import time

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def stat(pid):
    """Parent and ticks of one process; none where it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    # Counted from the state, field 3 of proc(5): ppid is 4; utime, stime, cutime, cstime are 14 to 17.
    return int(fields[1]), sum(map(int, fields[11:15]))


def processes():
    rows = {int(name): stat(name) for name in os.listdir("/proc") if name.isdigit()}
    return {pid: row for pid, row in rows.items() if row}


def tree(root, rows):
    """The process and all that descend from it."""
    found, looked = [], [root] if root in rows else []
    while looked:
        pid = looked.pop()
        found.append(pid)
        looked += [child for child, (parent, _) in rows.items() if parent == pid]
    return found


def cpu_seconds(root, rows=None):
    """Of the whole tree below a process; none where there is no such process."""
    rows = rows or processes()
    pids = tree(root, rows)
    return sum(rows[pid][1] for pid in pids) / TICKS_A_SECOND if pids else None


class Meter:
    """Processor seconds of several trees from one moment to another."""

    def __init__(self, roots):
        self.roots = {name: pid for name, pid in roots.items() if pid}
        self.before, self.started = self.look(), time.monotonic()

    def look(self):
        rows = processes()
        return {name: cpu_seconds(pid, rows) for name, pid in self.roots.items()}

    def micros_each(self, count):
        """Microseconds of each tree for one of so many things done since; none for nothing done."""
        if not count:
            return {}
        now = self.look()
        return {name: (now[name] - before) * 1e6 / count
                for name, before in self.before.items() if before is not None and now[name] is not None}


def memory_mb(pid):
    """A process's share of memory (PSS), its children's too, in MiB."""
    return sum(kib(f"/proc/{each}/smaps_rollup", "Pss:") for each in tree(pid, processes())) / 1024


def peak_mb(pid):
    """The most that was resident at once, in MiB."""
    return kib(f"/proc/{pid}/status", "VmHWM:") / 1024


def kib(path, field):
    try:
        with open(path, encoding="utf-8") as file:
            return next((int(line.split()[1]) for line in file if line.startswith(field)), 0)
    except OSError:
        # It ended while it was looked at.
        return 0
