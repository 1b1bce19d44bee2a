"""Detect the format of what is read from its content, never from its name; and of what is written, from its path."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from pathlib import Path

from wordvec.corpus.byte_stream import codec_of
from wordvec.errors import ConfigError, FormatError
from wordvec.formats.files import open_vectors, reading
from wordvec.formats.text_layout import (
    BYTE_ORDER_MARK,
    MIN_DIM,
    SAMPLE_BYTES,
    count_numbers,
    find_dim,
    is_text_of_integers,
    parse_header,
    sample_rows,
    text_of_integers,
)
from wordvec.storage.format_table import ENCODER, FORMATS, SUFFIXES, FormatName

__all__ = ["detect", "detect_sample", "format_of"]

COMPRESSORS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}
DECOMPRESSORS = {"gzip": "gzip -dk", "bzip2": "bzip2 -dk", "xz": "xz -dk", "zstd": "zstd -d"}
KNOWN = (
    "wordvec reads its own model folders, files of word2vec (binary and text) and GloVe, models (.bin) and .vec files "
    "of fastText, and words with vectors in .safetensors, .npz and .parquet (docs/formats.md)"
)
ZIP = b"PK\x03\x04"
TORCH = re.compile(rb"PK\x03\x04.{26}[^\x00]{1,200}?data\.pkl", re.DOTALL)
OLD_TORCH = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"  # a pickle of its magic number
FROM_TORCH = (
    "a PyTorch file, which has a pickle in it and is not opened: in PyTorch, load it with torch.load(path, "
    "weights_only=True) and make WordVectors(words, tensor.numpy()) of its matrix"
)
OTHERS = {  # how the files begin that people try, and what to do with them
    OLD_TORCH: FROM_TORCH,
    b"\x80": "a Python pickle (gensim's own format?), which may run any code and is never opened: "
    "in gensim, vectors.save_word2vec_format('vectors.bin', binary=True) writes a file for wordvec",
    b"\xff\xfe": "UTF-16 text: rewrite it in UTF-8, as with: iconv -f utf-16 -t utf-8",
    b"\x93NUMPY": "a NumPy array, without words: WordVectors(words, np.load(path)) makes vectors of it",
}


def format_of(path: Path, name: str | None = None) -> FormatName:
    """The format to write: the one that is named, or else the one that the ending of the path means.

    Returns:
        The vectors, in the order of the file, with all that the format keeps beside them: counts, settings, records.

    Raises:
        ConfigError: there is no format of that name, or the path ends as compressed files do.

    >>> format_of(Path("vectors.bin")), format_of(Path("news.wv")), format_of(Path("a.txt"), "glove")
    ('word2vec-binary', 'native', 'glove')
    """
    if path.suffix in COMPRESSORS:
        raise ConfigError(
            f"{path}: compressed files are read, not written; leave out {path.suffix} and run "
            f"{COMPRESSORS[path.suffix]} after"
        )
    if name == "gensim" or (name is None and path.suffix == ".kv"):
        raise ConfigError(
            f"{path}: gensim reads word2vec's binary files: save('{path.with_suffix('.bin')}'), and there "
            f"KeyedVectors.load_word2vec_format('{path.with_suffix('.bin')}', binary=True)"
        )
    if name is None:
        return SUFFIXES.get(path.suffix, "native")
    if name not in FORMATS:
        raise ConfigError(f"format must be one of {', '.join(FORMATS)}, got {name!r}")
    return name


def detect(path: Path) -> str:
    """Detect the format of a file or a folder: a name in `format_table.NAMES`.

    Raises:
        FormatError: there is nothing, or nothing that wordvec reads.
    """
    with reading(path):
        path.stat()  # says why, if it cannot be reached
    if path.is_dir():
        return _detect_folder(path)
    if not path.is_file():
        raise FormatError(f"{path} is neither a file nor a folder; {KNOWN}")
    with open_vectors(path) as file:
        sample = file.stream.read(SAMPLE_BYTES)
    found = detect_sample(path, sample)
    if file.codec and not FORMATS[found].can_be_decoded:
        raise FormatError(
            f"{path} is {found}, compressed by {file.codec}; of compressed files, wordvec reads those of "
            f"word2vec, fastText and GloVe: decompress it ({DECOMPRESSORS[file.codec]})"
        )
    return found


def _detect_folder(path: Path) -> str:
    for name, known in FORMATS.items():
        if known.reader and known.folder and any((path / entry).exists() for entry in known.folder.shown_by):
            return name
    if (path / ENCODER).exists():
        raise FormatError(f"{path} is a text encoder, not vectors: wordvec.load_encoder(path) reads it")
    needed = FORMATS["native"].folder.shown_by  # type: ignore[union-attr]
    raise FormatError(f"{path} is a folder without {' and '.join(needed)}, so not a wordvec model; {KNOWN}")


def detect_sample(path: Path, sample: bytes) -> str:
    """Detect the format of a file from its first megabyte, or all that it has; see `detect`."""
    # These first: what they store, without compression, may be lines of vectors.
    codec = codec_of(sample)  # of what is decompressed already, if it was compressed
    if codec:
        raise FormatError(
            f"{path} is compressed twice, with {codec} inside; decompress it until it is vectors"
        )
    for name, known in FORMATS.items():
        if known.pattern and re.match(known.pattern, sample, re.DOTALL):
            return name
    if TORCH.match(sample):
        raise FormatError(f"{path} looks like {FROM_TORCH}")
    if sample.startswith(ZIP):
        raise FormatError(f"{path} looks like a zip archive: extract it")
    header = parse_header(sample)
    if header is not None:
        rows = sample_rows(sample[header.num_bytes :])
        if is_text_of_integers(rows) and {count_numbers(row) for row in rows} != {header.dim}:
            raise text_of_integers(path)  # whose first line has two of them
        if not _is_row(sample, header.dim, rows):
            is_text = _continues_as_text(rows[0] if rows else b"", sample[header.num_bytes :], header.dim)
            return "word2vec-text" if is_text else "word2vec-binary"
    if find_dim(path, sample.removeprefix(BYTE_ORDER_MARK)) >= MIN_DIM:
        return "glove"
    if not sample:
        raise FormatError(f"{path} is empty; {KNOWN}")
    for start, advice in OTHERS.items():
        if sample.startswith(start):
            raise FormatError(f"{path} looks like {advice}")
    separator = _column_separator(sample_rows(sample))
    if separator:
        raise FormatError(
            f"{path} has {separator!r} between its columns, as a CSV file has; wordvec reads spaces and tabs, as "
            "pandas writes them with to_csv(path, sep=' ', header=False, index=False)"
        )
    raise FormatError(f"{path} is not of a known format, it begins with {sample[:20]!r}; {KNOWN}")


def _continues_as_text(line: bytes, rows: bytes, dim: int) -> bool:
    """Whether rows after a header are text, even damaged text, so that the right reader reports the damage."""
    return count_numbers(line) >= dim or (_has_number(line) and _is_text(rows))


def _has_number(line: bytes) -> bool:
    return any(count_numbers(b"word " + field) for field in line.split()[1:])


def _is_row(sample: bytes, dim: int, rows: Sequence[bytes]) -> bool:
    """Whether what looks like "# V D" is the vector of the word "#", as GloVe has it, in two dimensions."""
    return (
        sample.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"#")
        and dim != 2
        and {*map(count_numbers, rows)} == {2}
    )


def _column_separator(rows: Sequence[bytes]) -> str | None:
    """Find the separator between a word and its numbers in a CSV file."""
    for separator in (b",", b";", b"|"):
        if rows and all(count_numbers(row.replace(separator, b" ")) >= MIN_DIM for row in rows[1:] or rows):
            return separator.decode()
    return None


def _is_text(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)  # the sample may end within a character
    except UnicodeDecodeError:
        return False
    return re.search(rb"[\x00-\x08\x0e-\x1f]", sample) is None
