"""Packages: what pictures need beyond wordvec's own dependencies, met at the door."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from wordvec.errors import MissingPackageError

__all__ = ["imported"]

PACKAGES = {
    "sklearn": "scikit-learn",
    "threadpoolctl": "scikit-learn",
    "umap": "umap-learn",
}  # where names differ


def imported(module: str, needed_for: str = "a map") -> Any:
    """Import a module of matplotlib, scikit-learn, openTSNE or umap-learn, when it is needed.

    Raises:
        MissingPackageError: it is not installed.

    >>> imported("sklearn.manifold").TSNE.__name__
    'TSNE'
    """
    try:
        return import_module(module)
    except ImportError as missing:
        name = module.partition(".")[0]
        package = PACKAGES.get(name, name)
        raise MissingPackageError(f"{needed_for} needs {package}: pip install 'wordvec[map]'") from missing
