"""Machine: what a run is made on and with: system, processor, cores, and the versions of what did the work."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from wordvec import __version__

__all__ = ["machine_facts"]

_CPU_INFO = Path("/proc/cpuinfo")
PACKAGES = ("numpy", "pyarrow")
PACKAGES_OF_ENGINES = {"numba": ("numba", "llvmlite"), "torch": ("torch",)}


def machine_facts(engine: str, device: str) -> dict[str, Any]:
    """What a model's last record says about the machine, as plain data.

    Args:
        engine: that was used; its packages are among the versions.
        device: that it used, as PyTorch names it.

    >>> sorted(machine_facts("numba", "cpu"))
    ['cores', 'device', 'processor', 'system', 'versions']
    """
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "device": _device_name(device),
        "versions": {
            "wordvec": __version__,
            "python": platform.python_version(),
            **{name: _version(name) for name in (*PACKAGES, *PACKAGES_OF_ENGINES[engine])},
        },
    }


def _processor() -> str:
    """The processor's name, where the system tells it; else its kind."""
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _device_name(device: str) -> str:
    """The name of a GPU beside what PyTorch calls it."""
    if not device.startswith("cuda"):
        return device
    import torch

    return f"{device} ({torch.cuda.get_device_name(device)})"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from its sources
        return "unknown"
