"""What tests of several rooms need."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

# Read when PyTorch is imported, later. Threads that share small matrices mostly wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell starts what runs in the background with Ctrl-C ignored, and there are tests of Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _an_ordinary_user() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def an_ordinary_user() -> Callable[[], AbstractContextManager[None]]:
    """Someone else for a while, in a `with` statement: root may read everything."""
    return _an_ordinary_user


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everyone may look into; pytest's own are for their owner only."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(autouse=True)
def _our_logger_is_heard() -> None:
    """Libraries that some tests load set up logging for the whole process, and disable the loggers of others."""
    logger = logging.getLogger("wordvec")
    logger.disabled, logger.propagate = False, True
    logging.disable(logging.NOTSET)
