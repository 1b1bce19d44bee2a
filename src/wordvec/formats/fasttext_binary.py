"""fastText's models (.bin): settings, words with their counts, and the rows of words and of n-grams' buckets.

A magic number and a version; 12 settings and a double; the dictionary, in which a zero byte ends each word; and two
matrices with their shapes: (V + buckets, D) of inputs, (V, D) of outputs. All numbers are little-endian.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, FormatError
from wordvec.formats.files import OpenFile, open_vectors
from wordvec.formats.foreign_words import (
    MAX_WORD_BYTES,
    UTF8,
    Decoding,
    check_unicode,
    check_word_length,
    not_decodable,
)
from wordvec.storage.atomic import replacing_file
from wordvec.text import reason_of
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import MAX_N, SubwordRules, SubwordVocabulary

__all__ = ["read_fasttext", "write_fasttext"]

# V words, B buckets that have a row, R = V + B rows, D dimensions
Floats = NDArray[np.float32]

MAGIC, VERSION = 793712314, 12
READABLE = (11, VERSION)  # which differ in classifiers only
HEAD = Struct("<2i")  # the magic number, the version
ARGUMENTS = Struct("<12id")
DICTIONARY = Struct(
    "<3i2q"
)  # entries, words, labels; tokens of the text, and rows that pruning has left, or -1
ENTRY = Struct("<qb")  # after a word and a zero byte: its count; whether it is a word or a label
IS_QUANTIZED = Struct("<B")  # before each matrix
SHAPE = Struct("<2q")
NUMBER = np.dtype("<f4")
MIN_ENTRY_BYTES = 1 + ENTRY.size  # of an empty word
A_WORD, A_LABEL = b"\0", b"\1"
CBOW, SKIPGRAM, SUPERVISED = 1, 2, 3
HIERARCHICAL, NEGATIVE, SOFTMAX = 1, 2, 3
UPDATE_RATE, SAMPLING_THRESHOLD = 100, 1e-4  # fastText's own defaults
BYTES_PER_READ = 1 << 20
NUMBERS_PER_WRITE = 1 << 20
MAX_SHOWN = 60  # letters of a word, in a message
AGAIN = "get the file again"
ONLY_WHOLE = (
    "a quantized model of fastText, and wordvec reads whole ones: take the .bin file that it was made of"
)


class _Arguments(NamedTuple):
    """The settings of a file, in its order, under fastText's names."""

    dim: int
    ws: int
    epoch: int
    min_count: int
    neg: int
    word_ngrams: int
    loss: int
    model: int
    bucket: int
    minn: int
    maxn: int
    update_rate: int
    t: float


def read_fasttext(path: Path, limit: int | None = None, *, decoding: Decoding = UTF8) -> WordVectors:
    """Read a model of fastText with the rows of all its buckets, so that unknown words have fastText's vectors.

    Labels among the words, as fastText keeps them when it finds `__label__` in a text, have no vectors: they are left
    out. Where words have no n-grams (maxn 0), the rows are the vectors. Of hierarchical softmax, the output vectors
    are those of inner nodes of a tree, and left out.

    Args:
        path: the file, plain or compressed.
        limit: read only the first N words, and the rows of all buckets.
        decoding: what to do with words that are not UTF-8; these then have the n-grams of what is made of them.

    Raises:
        FormatError: it is a classifier or quantized, or damaged, cut short, or of another format.
        ConfigError: another encoding than UTF-8 is asked for.
    """
    if decoding.encoding != UTF8.encoding:
        raise ConfigError(f"encoding must be utf-8 for {path}: fastText takes n-grams of UTF-8")
    with open_vectors(path) as file:
        content = _Content(path, file)
        arguments = _read_arguments(content)
        rules = _rules_of(path, arguments)
        encoded, counts = _read_dictionary(content)
        dim, num_words = arguments.dim, len(encoded)
        num_kept = num_words if limit is None else min(limit, num_words)
        num_buckets = 0 if rules is None else rules.buckets
        content.begin_matrix("input", num_words + arguments.bucket, dim)
        rows = np.empty((num_kept + num_buckets, dim), np.float32)
        content.read_rows(rows[:num_kept])
        content.skip((num_words - num_kept) * dim * NUMBER.itemsize)
        content.read_rows(rows[num_kept:])
        content.skip((arguments.bucket - num_buckets) * dim * NUMBER.itemsize)
        output = None
        if arguments.loss != HIERARCHICAL:
            content.begin_matrix("output", num_words, dim)
            output = np.empty((num_kept, dim), np.float32)
            content.read_rows(output)
    words, first = _distinct_words(path, encoded[:num_kept], decoding)
    counts = counts[:num_kept]
    if len(words) < num_kept:
        counts, rows = counts[first], rows[[*first, *range(num_kept, len(rows))]]
        output = None if output is None else output[first]
    try:
        vocabulary = words if rules is None else SubwordVocabulary(words, rules, np.arange(rules.buckets))
        return WordVectors(vocabulary, rows, counts=counts, output_matrix=output)
    except ConfigError as problem:
        raise FormatError(f"{path} is damaged: {reason_of(problem)}; {AGAIN}") from problem


def write_fasttext(vectors: WordVectors, path: Path) -> None:
    """Write a model that fastText loads, in which known and unknown words have the same vectors.

    Buckets without a row are rows of zeros. Without counts, each word gets a count of 1; without output vectors, or
    with those of a tree, they are zeros. fastText's own word for the end of a line, `</s>`, is written only if it is
    among the words. The settings of a run that are not known are fastText's defaults.

    Raises:
        FormatError: a word has a zero byte in it, is longer than readers take, or is not valid text.
        ResourceError: the file cannot be written.
    """
    check_unicode(vectors.words, path)
    check_word_length(vectors.words, path)
    for row, word in enumerate(vectors.words):
        if "\0" in word:
            raise FormatError(
                f"{path}: this format cannot hold the word {word[:MAX_SHOWN]!r} (row {row}), as a zero byte ends a "
                "word; save as a wordvec folder (as model.wv)"
            )
    counts = np.ones(len(vectors), np.int64) if vectors.counts is None else vectors.counts
    outputs = vectors.output_matrix
    if outputs is None or _loss_of(vectors) == HIERARCHICAL:
        outputs = np.broadcast_to(np.float32(0), (len(vectors), vectors.dim))
    with replacing_file(path) as stream:
        stream.write(HEAD.pack(MAGIC, VERSION) + ARGUMENTS.pack(*_arguments_of(vectors)))
        stream.write(DICTIONARY.pack(len(vectors), len(vectors), 0, int(counts.sum()), -1))
        for word, count in zip(vectors.words, counts.tolist(), strict=True):
            stream.write(word.encode() + b"\0" + ENTRY.pack(count, 0))
        for part in _input_parts(vectors):
            stream.write(part)
        stream.write(IS_QUANTIZED.pack(False) + SHAPE.pack(len(vectors), vectors.dim))
        for part in _parts(outputs):
            stream.write(part)


def _subwords_of(vectors: WordVectors) -> SubwordVocabulary | None:
    return vectors.vocabulary if isinstance(vectors.vocabulary, SubwordVocabulary) else None


def _loss_of(vectors: WordVectors) -> int:
    objective = (vectors.config or {}).get("objective")
    return {"softmax": SOFTMAX, "hierarchical": HIERARCHICAL}.get(str(objective), NEGATIVE)


def _arguments_of(vectors: WordVectors) -> _Arguments:
    """The settings as fastText has them."""
    known = vectors.config or {}
    subwords = _subwords_of(vectors)
    rules = subwords.rules if subwords else SubwordRules(0, 0, 0)

    def count(name: str, default: int) -> int:
        value = known.get(name)
        return value if type(value) is int and 0 <= value < 2**31 else default

    subsample = known.get("subsample")
    return _Arguments(
        dim=vectors.dim,
        ws=count("window", 5),
        epoch=count("epochs", 5),
        min_count=count("min_count", 5),
        neg=count("negatives", 5),
        word_ngrams=1,
        loss=SOFTMAX
        if _loss_of(vectors) == SOFTMAX
        else NEGATIVE,  # a tree of fastText's own would not fit ours
        model=CBOW if known.get("architecture") == "cbow" else SKIPGRAM,
        bucket=rules.buckets,
        minn=rules.min_n,
        maxn=rules.max_n,
        update_rate=UPDATE_RATE,
        t=float(subsample) if type(subsample) in (int, float) else SAMPLING_THRESHOLD,  # type: ignore[arg-type]
    )


def _input_parts(vectors: WordVectors) -> Iterator[bytes]:
    """The rows of words, and those of all buckets: zeros where a bucket has none."""
    subwords, num_words, dim = _subwords_of(vectors), len(vectors), vectors.dim
    num_buckets = subwords.rules.buckets if subwords else 0
    yield IS_QUANTIZED.pack(False) + SHAPE.pack(num_words + num_buckets, dim)
    yield from _parts(vectors.rows[:num_words])
    if subwords is None:
        return
    used, of_buckets = subwords.used_buckets, vectors.rows[num_words:]
    buckets_at_once = max(1, NUMBERS_PER_WRITE // dim)
    for start in range(0, num_buckets, buckets_at_once):
        stop = min(start + buckets_at_once, num_buckets)
        first, end = np.searchsorted(used, [start, stop]).tolist()
        part = np.zeros((stop - start, dim), NUMBER)
        part[used[first:end] - start] = of_buckets[first:end]
        yield part.tobytes()


def _parts(rows: Floats) -> Iterator[bytes]:
    rows_at_once = max(1, NUMBERS_PER_WRITE // rows.shape[1])
    for start in range(0, len(rows), rows_at_once):
        yield rows[start : start + rows_at_once].astype(NUMBER).tobytes()


class _Content:
    """A file that is read from its beginning to its end, part by part."""

    def __init__(self, path: Path, file: OpenFile):
        self.path, self._file = path, file
        self._position = 0  # of what is read next
        self._ahead = b""  # already taken out of the file

    def take(self, what: str, form: Struct) -> tuple[Any, ...]:
        """The next numbers; FormatError if the file ends before."""
        while len(self._ahead) < form.size:
            self._read_ahead(what)
        taken, self._ahead = self._ahead[: form.size], self._ahead[form.size :]
        self._position += form.size
        return form.unpack(taken)

    def entries(self, num_entries: int) -> tuple[list[bytes], bytes, bytes]:
        """The next words, the bytes of their counts, and of their kinds.

        Raises:
            FormatError: the file ends before, or a word does not end.
        """
        words: list[bytes] = []
        counts, kinds = bytearray(), bytearray()
        start = 0
        while len(words) < num_entries:
            word_end = self._ahead.find(b"\0", start, start + MAX_WORD_BYTES + 1)
            end = word_end + MIN_ENTRY_BYTES
            if word_end >= 0 and end <= len(self._ahead):
                words.append(self._ahead[start:word_end])
                counts += self._ahead[word_end + 1 : end - 1]
                kinds += self._ahead[end - 1 : end]
                start = end
                continue
            if word_end < 0 and len(self._ahead) - start > MAX_WORD_BYTES:
                raise self.damage(f"word {len(words):,} does not end within {MAX_WORD_BYTES:,} bytes")
            self._ahead, self._position, start = self._ahead[start:], self._position + start, 0
            self._read_ahead(f"word {len(words):,} of {num_entries:,}")
        self._ahead, self._position = self._ahead[start:], self._position + start
        return words, bytes(counts), bytes(kinds)

    def begin_matrix(self, name: str, num_rows: int, dim: int) -> None:
        """Check what the file says of its next matrix, before there is memory for it.

        Raises:
            FormatError: it is quantized, has another shape, or the file is too short for it.
        """
        (is_quantized,) = self.take(f"the {name} matrix", IS_QUANTIZED)
        if is_quantized:
            raise FormatError(f"{self.path} is {ONLY_WHOLE}")
        shape = self.take(f"the {name} matrix", SHAPE)
        if shape != (num_rows, dim):
            raise self.damage(
                f"its {name} matrix must be {num_rows:,} x {dim:,}, as its words and settings say, got "
                f"{shape[0]:,} x {shape[1]:,}"
            )
        self.check_room(num_rows * dim * NUMBER.itemsize, f"the {name} matrix of {num_rows:,} x {dim:,}")

    def check_room(self, num_bytes: int, what: str) -> None:
        """Check that this number of bytes follows; FormatError if not."""
        if self._file.room_for(self._position + num_bytes) < self._position + num_bytes:
            raise self._cut_short(what)

    def read_rows(self, rows: Floats) -> None:
        """Read the next rows of a matrix, (n, D), into memory that is there; FormatError if the file ends before."""
        numbers = rows.reshape(-1).view(np.uint8)  # bytes
        filled = min(len(self._ahead), len(numbers))
        numbers[:filled] = np.frombuffer(self._ahead, np.uint8, filled)
        self._ahead = self._ahead[filled:]
        room = memoryview(numbers)  # type: ignore[arg-type]
        while filled < len(room):
            num_bytes = self._file.stream.readinto(room[filled:])  # type: ignore[attr-defined]
            if not num_bytes:
                raise self._cut_short("a matrix")
            filled += num_bytes
        self._position += len(numbers)
        if sys.byteorder == "big":
            rows.byteswap(inplace=True)

    def skip(self, num_bytes: int) -> None:
        """Go past bytes; FormatError if the file ends before."""
        self._position += num_bytes
        while num_bytes > len(self._ahead):
            num_bytes, self._ahead = num_bytes - len(self._ahead), b""
            self._read_ahead("a matrix")
        self._ahead = self._ahead[num_bytes:]

    def damage(self, what: str) -> FormatError:
        """Make the error for what is wrong with it."""
        return FormatError(f"{self.path} is damaged: {what}; {AGAIN}")

    def _cut_short(self, what: str) -> FormatError:
        return FormatError(f"{self.path} is cut short: it ends in {what}; {AGAIN}")

    def _read_ahead(self, what: str) -> None:
        part = self._file.stream.read(BYTES_PER_READ)
        if not part:
            raise self._cut_short(what)
        self._ahead += part


def _read_arguments(content: _Content) -> _Arguments:
    """The settings, if they are those of a model of words.

    Raises:
        FormatError: they are of a classifier or of another version, or cannot be.
    """
    magic, version = content.take("its first numbers", HEAD)
    if magic != MAGIC:
        raise FormatError(f"{content.path} is not a model of fastText: it does not begin with {MAGIC}")
    if version not in READABLE:
        raise FormatError(
            f"{content.path} is of fastText's format {version}; wordvec reads {' and '.join(map(str, READABLE))}: "
            "load it in fastText, and save it again"
        )
    arguments = _Arguments(*content.take("its settings", ARGUMENTS))
    if arguments.model == SUPERVISED:
        raise FormatError(
            f"{content.path} is a classifier (fastText supervised), and wordvec reads models of words, of fastText "
            "skipgram and cbow"
        )
    if arguments.model not in (CBOW, SKIPGRAM):
        raise content.damage(
            f"its model must be {CBOW} (cbow) or {SKIPGRAM} (skipgram), got {arguments.model}"
        )
    if arguments.dim < 1 or arguments.bucket < 0:
        raise content.damage(
            f"it must have dimensions and buckets, got {arguments.dim:,} and {arguments.bucket:,}"
        )
    return arguments


def _rules_of(path: Path, arguments: _Arguments) -> SubwordRules | None:
    """How n-grams are cut; None where words have none.

    Raises:
        FormatError: its n-grams may be longer than wordvec's.
    """
    min_n = max(arguments.minn, 1)
    if arguments.bucket == 0 or arguments.maxn < min_n:
        return None
    if arguments.maxn > MAX_N:
        raise FormatError(
            f"{path} has n-grams of up to {arguments.maxn:,} characters; wordvec reads models with up to {MAX_N}"
        )
    return SubwordRules(min_n, arguments.maxn, arguments.bucket)


def _read_dictionary(content: _Content) -> tuple[list[bytes], NDArray[np.int64]]:
    """All words, and their counts, (V,).

    Raises:
        FormatError: its numbers cannot be, or it is cut short.
    """
    num_entries, num_words, num_labels, _, num_left = content.take("its dictionary", DICTIONARY)
    if num_left >= 0:
        raise FormatError(f"{content.path} is {ONLY_WHOLE}")
    if num_words < 1 or num_labels < 0 or num_entries != num_words + num_labels:
        raise content.damage(
            f"its dictionary has {num_entries:,} entries, {num_words:,} words and {num_labels:,} labels"
        )
    content.check_room(num_entries * MIN_ENTRY_BYTES, f"its {num_entries:,} words")
    words, counts, kinds = content.entries(num_entries)
    if kinds != A_WORD * num_words + A_LABEL * num_labels:
        raise content.damage("its dictionary has other kinds of entries than words and, after them, labels")
    return words[:num_words], np.frombuffer(counts, "<i8", num_words).astype(np.int64)


def _distinct_words(path: Path, encoded: list[bytes], decoding: Decoding) -> tuple[list[str], list[int]]:
    """The words as text, each once, and the first row of each; decoding with errors may have made some alike.

    Raises:
        FormatError: a word is not text.
    """
    words: list[str] = []
    try:
        words += (word.decode(*decoding) for word in encoded)
    except UnicodeDecodeError as problem:
        row = len(words)  # the first that cannot be decoded
        raise not_decodable(path, f"word {row:,}", encoded[row], decoding) from problem
    rows: dict[str, int] = {}
    for row, text in enumerate(words):
        rows.setdefault(text, row)
    if len(rows) < len(encoded):
        warnings.warn(
            f"{path} repeats {len(encoded) - len(rows):,} words; the first vector of each is kept",
            stacklevel=3,
        )
    return list(rows), list(rows.values())
