"""Free: how much memory and disk this process may still take, as far as the system tells."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

__all__ = ["disk_number", "free_disk", "free_memory", "max_distinct_words"]

_BYTES_PER_WORD = 256  # that is counted, with its number and its place in a dict, and sorted by hash
_SHARE_FOR_WORDS = 0.25  # of free memory
_MIN_DISTINCT = 1_000_000  # in memory at once, however little of it is free

_PROC = Path("/proc")
_CONTROL_GROUPS = Path("/sys/fs/cgroup")

# Version 2 and 1 of Linux's control groups: the files with the limit and with what is in use, and those names in
# memory.stat that are copies of files, which the kernel drops when it needs room.
_NAMES = {
    2: ("memory.max", "memory.current", ("inactive_file", "active_file")),
    1: ("memory.limit_in_bytes", "memory.usage_in_bytes", ("total_inactive_file", "total_active_file")),
}


def free_memory() -> int | None:
    """Bytes that this process can still get, swap included; None where the system does not tell.

    On Linux, what is available or the rest of its control group's limit, whichever is less. Elsewhere all the memory
    that there is, in use or not.
    """
    swap = _linux_memory("SwapFree") or 0
    machine = _linux_memory("MemAvailable") or _physical_memory()
    limits = [] if machine is None else [machine]
    limits += _left_in_control_groups()
    return min(limits) + swap if limits else None


def max_distinct_words() -> int | None:
    """How many distinct words may be counted in memory at once, in a quarter of what is free; None: any number."""
    free = free_memory()
    return None if free is None else max(_MIN_DISTINCT, int(_SHARE_FOR_WORDS * free) // _BYTES_PER_WORD)


def free_disk(path: Path) -> int | None:
    """Bytes that can still be written at a path, which need not exist yet; None where the system does not tell."""
    existing = _nearest_existing(path)
    try:
        return None if existing is None else shutil.disk_usage(existing).free
    except OSError:
        return None


def disk_number(path: Path) -> int | None:
    """Which disk a path is on, or will be: two paths with the same number share its room."""
    existing = _nearest_existing(path)
    return None if existing is None else existing.stat().st_dev


def _nearest_existing(path: Path) -> Path | None:
    """The path, or the folder above it that is there."""
    whole = path.absolute()
    return next((parent for parent in (whole, *whole.parents) if os.access(parent, os.F_OK)), None)


def _linux_memory(name: str) -> int | None:
    """A line of /proc/meminfo, in bytes."""
    for line in _lines(_PROC / "meminfo"):
        fields = line.split()
        if fields and fields[0] == f"{name}:":
            return int(fields[1]) * 1024
    return None


def _physical_memory() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # as on Windows
        return None


def _left_in_control_groups() -> list[int]:
    """What each limit on this process's memory leaves."""
    left: list[int] = []
    for line in _lines(_PROC / "self" / "cgroup"):
        _, controllers, group = line.split(":", 2)
        if not controllers:
            left += _left_up_from(_CONTROL_GROUPS, group, version=2)
        elif "memory" in controllers.split(","):
            left += _left_up_from(_CONTROL_GROUPS / "memory", group, version=1)
    return left


def _left_up_from(root: Path, group: str, version: int) -> Iterator[int]:
    """Of a group and those around it; in a container, the group's own name may be that of the world outside."""
    limit_file, used_file, file_copies = _NAMES[version]
    folder = root / group.lstrip("/")
    for level in (folder, *folder.parents):
        limit, used = _number(level / limit_file), _number(level / used_file)
        if limit is not None and used is not None:
            stat = dict(line.split() for line in _lines(level / "memory.stat"))
            yield max(0, limit - used + sum(int(stat.get(name, 0)) for name in file_copies))
        if level == root:
            return


def _number(file: Path) -> int | None:
    """The number in a file; None where there is no such file, or "max" in it."""
    lines = _lines(file)
    return int(lines[0]) if lines and lines[0].isdigit() else None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
