"""The processes below a process, read from /proc."""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """What /proc/PID/stat says: see proc_pid_stat(5)."""

    pid: int
    parent: int
    cpu_ticks: int
    """User and system time, that of ended and awaited children included."""
    started: int
    """Clock ticks after boot; tells a process from a later one with the same pid."""


def stat(pid: int) -> ProcessStat | None:
    """The process's state, None where it has ended and been awaited."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The command's name may hold spaces and parentheses; the last ")" ends it.
    fields = text[text.rindex(")") + 2 :].split()
    return ProcessStat(pid, int(fields[1]), sum(map(int, fields[11:15])), int(fields[19]))


def _all_stats() -> Iterator[ProcessStat]:
    for entry in os.listdir(_PROC):
        if entry.isdigit() and (found := stat(int(entry))) is not None:
            yield found


def descendants(root: int) -> list[ProcessStat]:
    """`root` and everything below it, parents before children; empty where `root` is gone."""
    stats: dict[int, ProcessStat] = {}
    children: defaultdict[int, list[int]] = defaultdict(list)
    for entry in _all_stats():
        stats[entry.pid] = entry
        children[entry.parent].append(entry.pid)
    found = [stats[root]] if root in stats else []
    for member in found:
        found += [stats[pid] for pid in children[member.pid]]
    return found


def cpu_seconds(root: int) -> float:
    """CPU time that the tree below `root` has used so far."""
    return sum(entry.cpu_ticks for entry in descendants(root)) / TICKS_PER_SECOND


def _pss_kib(pid: int) -> int:
    try:
        rollup = (_PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:"), 0)


def memory_kib(root: int) -> int:
    """Proportional set size of the tree below `root`: pages that n processes share count 1/n."""
    return sum(_pss_kib(entry.pid) for entry in descendants(root))
