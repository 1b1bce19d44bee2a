"""Partial installs: where a package has no wheel for a Python, the tests that need it are skipped by its name.

A plugin for pytest (`-p tests.partial`). `make test-pythons` alone uses it: elsewhere a missing package is a failure.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from importlib.util import find_spec

import pytest

from wordvec.errors import MissingPackageError
from wordvec.packages import PACKAGES

__all__ = ["blamed", "pytest_make_collect_report", "pytest_runtest_makereport", "pytest_runtest_setup"]

MISSING = {module: package for module, package in PACKAGES.items() if find_spec(module) is None}
raised: list[str] = []  # what MissingPackageErrors said in the test that runs, whoever caught them


def blamed(text: str) -> str | None:
    """The missing package that an error complains of, if there is one.

    >>> blamed("No module named 'json'")
    """
    for module, package in MISSING.items():
        signs = (
            f"No module named '{module}",
            f"wordvec[{package.extra}]",
            f"metadata was found for {module}",
        )
        if any(sign in text for sign in signs):
            return module
    return None


def _listen(error: MissingPackageError, message: str) -> None:
    raised.append(message)
    ImportError.__init__(error, message)


MissingPackageError.__init__ = _listen  # type: ignore[method-assign]  # commands catch it, and print a line


def pytest_runtest_setup() -> None:
    """Forget what the test before has raised."""
    raised.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Skip a test that failed because a package is missing."""
    report = yield
    if report.failed and (module := blamed("\n".join([str(report.longrepr), *raised]))):
        _skip(report, report.location[0], module)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Skip a file that imports a missing package, and forget its half: others may import it as a whole."""
    report = yield
    if report.failed and isinstance(collector, pytest.Module) and (module := blamed(str(report.longrepr))):
        _skip(report, str(collector.path), module)
        for name, loaded in list(sys.modules.items()):
            if getattr(loaded, "__file__", None) == str(collector.path):
                del sys.modules[name]
    return report


def _skip(report: pytest.CollectReport | pytest.TestReport, path: str, module: str) -> None:
    report.outcome = "skipped"
    report.longrepr = (path, 0, f"Skipped: {module} is not installed for this Python")
