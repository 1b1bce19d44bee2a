"""Packages: optional ones, imported on demand; where one is missing, the message names the extra to install."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

from wordvec.errors import MissingPackageError

__all__ = ["PACKAGES", "Package", "imported"]


class Package(NamedTuple):
    """A package's name, and the extra of wordvec that installs it."""

    name: str
    extra: str | None  # None: it is installed by its name


PACKAGES = {  # by the name that is imported
    "bm25s": Package("bm25s", "hybrid"),
    "datasets": Package("Hugging Face datasets", "datasets"),
    "fastapi": Package("FastAPI", "serve"),
    "fsspec": Package("fsspec", "remote"),
    "huggingface_hub": Package("huggingface_hub", "hub"),
    "matplotlib": Package("matplotlib", "map"),
    "mcp": Package("the MCP SDK", "mcp"),
    "onnx": Package("onnx", "export"),
    "openTSNE": Package("openTSNE", "map"),
    "pyspark": Package("PySpark", "spark"),
    "ray": Package("Ray", "ray"),
    "sklearn": Package("scikit-learn", "map"),
    "optuna": Package("Optuna", "tune"),
    "spacy": Package("spaCy", None),
    "tokenizers": Package("tokenizers", "export"),
    "torch": Package("PyTorch", "torch"),
    "umap": Package("umap-learn", "map"),
    "usearch": Package("usearch", "search"),
    "uvicorn": Package("uvicorn", "serve"),
}


def imported(module: str, needed_for: str, *, otherwise: str = "") -> Any:
    """Import a module of one of these packages.

    Args:
        module: full name of the module.
        needed_for: what needs it; begins the message.
        otherwise: another way, with its punctuation; ends the message.

    Raises:
        MissingPackageError: it is not installed.

    >>> imported("sklearn.cluster", "a map").KMeans.__name__
    'KMeans'
    """
    try:
        return import_module(module)
    except ImportError as missing:
        package = PACKAGES[module.partition(".")[0]]
        install = package.name.lower() if package.extra is None else f"'wordvec[{package.extra}]'"
        raise MissingPackageError(
            f"{needed_for} needs {package.name}: pip install {install}{otherwise}"
        ) from missing
