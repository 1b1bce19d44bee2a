"""The formats that can be written, by name, and which one a path means."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias, get_args

from wordvec.errors import ConfigError

__all__ = ["BY_SUFFIX", "EXPORTS", "NAMES", "WITH_COUNTS", "FormatName", "TargetName", "format_of"]

FormatName = Literal[
    "native", "word2vec-binary", "word2vec-text", "glove", "safetensors", "numpy", "parquet"
]  # written and read
ExportName = Literal["gensim", "sentence-transformers", "model2vec", "spacy", "onnx"]  # only written
TargetName: TypeAlias = Literal[FormatName, ExportName]
NAMES: tuple[FormatName, ...] = get_args(FormatName)
EXPORTS: tuple[ExportName, ...] = get_args(ExportName)
WITH_COUNTS = ("native", "safetensors", "numpy", "parquet", "gensim")
BY_SUFFIX: dict[str, TargetName] = {
    ".bin": "word2vec-binary",
    ".txt": "word2vec-text",
    ".vec": "word2vec-text",
    ".safetensors": "safetensors",
    ".npz": "numpy",
    ".parquet": "parquet",
    ".kv": "gensim",
    ".onnx": "onnx",
}
PACKERS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}


def format_of(path: Path, name: str | None = None) -> TargetName:
    """Tell the format to write: the one that is named, or else the one that the path's ending means.

    Raises:
        ConfigError: there is no format of that name, or the path ends as compressed files do.

    >>> format_of(Path("vectors.bin")), format_of(Path("news.wv")), format_of(Path("a.txt"), "glove")
    ('word2vec-binary', 'native', 'glove')
    """
    if path.suffix in PACKERS:
        raise ConfigError(
            f"{path}: compressed files are read, not written; leave out {path.suffix} and run "
            f"{PACKERS[path.suffix]} after"
        )
    if name is None:
        return BY_SUFFIX.get(path.suffix, "native")
    found = next((known for known in (*NAMES, *EXPORTS) if known == name), None)
    if found is None:
        raise ConfigError(f"format must be one of {', '.join((*NAMES, *EXPORTS))}, got {name!r}")
    return found
