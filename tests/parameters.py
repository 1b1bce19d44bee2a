"""Parameters of tests: cases by name, of which some are slow tests, as each kernel takes seconds to compile."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pytest

__all__ = ["each"]


def each(cases: Mapping[str, Any], *, slow: Collection[str] = ()) -> list[Any]:
    """A parameter for each case, with its name; those named are slow tests."""
    assert set(slow) <= set(cases)
    return [
        pytest.param(case, id=name, marks=[pytest.mark.slow] if name in slow else [])
        for name, case in cases.items()
    ]
