"""What the system knows of a process: its memory, its time, whether it runs."""

import os
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """The process and its children: the fork server and its helper. What is forked is theirs, and in the shop's own list."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def memory_mb(pid: int) -> float:
    """What the process has to itself, and its part of what it shares."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(text.split("\nPss:")[1].split()[0]) / 1024


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # the second when it ends between opening and reading
        return False
    return "Z" not in stat.rsplit(")", 1)[1].split()[0]
