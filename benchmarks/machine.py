"""Conditions of a measurement: the machine, the versions, and the exact state of the source."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import wordvec

__all__ = ["describe_machine", "describe_source", "describe_versions", "file_digest", "source_digest"]

REPOSITORY = Path(__file__).parent.parent
PACKAGES = ("wordvec", "gensim", "numpy", "scipy", "numba", "llvmlite", "pyarrow")
SIMD = (
    "avx2",
    "fma",
    "avx512f",
    "avx512bw",
    "avx512vl",
    "avx512_vnni",
    "avx512_bf16",
    "asimd",
    "sve",
    "sve2",
)


def describe_machine() -> dict[str, Any]:
    """The processor, its cores and vector instructions, the memory, and the operating system."""
    cpuinfo = _cpuinfo()
    flags = cpuinfo.get("flags", cpuinfo.get("Features", "")).split()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpu": cpuinfo.get("model name") or platform.processor() or platform.machine(),
        "architecture": platform.machine(),
        "cores": cores,
        "simd": [name for name in SIMD if name in flags],
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "os": platform.platform(),
    }


def describe_versions(*more: str) -> dict[str, str]:
    """Python's version, and those of the packages that do the work, and of more of them."""
    return {"python": platform.python_version(), **{name: version(name) for name in (*PACKAGES, *more)}}


def describe_source() -> dict[str, Any]:
    """The git commit, whether more than results was changed since, and a digest of wordvec as it is run."""
    changes = _git("status", "--porcelain", "--", ".", ":!benchmarks/results")
    return {"commit": _git("rev-parse", "HEAD"), "dirty": bool(changes), "wordvec_sha256": source_digest()}


def source_digest() -> str:
    """A digest of every Python file of the wordvec that Python imports."""
    digest = hashlib.sha256()
    package = Path(wordvec.__file__).parent
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _cpuinfo() -> dict[str, str]:
    """The first processor's entry in /proc/cpuinfo; empty where there is none."""
    try:
        first, *_ = Path("/proc/cpuinfo").read_text().split("\n\n")
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def _git(*arguments: str) -> str | None:
    """What git answers, or None outside a repository or before the first commit."""
    answer = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else None
