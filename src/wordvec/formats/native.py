"""wordvec's own format: a folder of open files, written and replaced as a whole. Never pickle.

`vectors.safetensors` holds the matrices, `vocabulary.parquet` the words and their counts, `config.json` the settings,
`training.jsonl` the records of the run, `phrases.json` the phrases that were joined in the text, if any were, and
`README.md` is a card for people. With subwords, the input matrix has the rows of words and of buckets, not words'
vectors; `buckets` says which those are, `config.json` how n-grams are cut. In a folder of lower precision the input
matrix is float16, int8 or bits, with a scale for each row of the last two.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, FormatError
from wordvec.formats.files import AGAIN, check_regular, reading
from wordvec.formats.foreign_words import check_unicode
from wordvec.formats.model_card import model_card
from wordvec.formats.parquet import CODECS, MAX_SNAPPY_RATIO, OF_CPP, column_chunks, words_of
from wordvec.formats.safetensors_file import TensorFile, open_tensors, write_tensors
from wordvec.phrases.phrases import Phrases
from wordvec.storage.atomic import replacing_folder
from wordvec.storage.format_table import (
    CARD,
    CONFIG,
    MODEL_FILES,
    NEEDED,
    PHRASES,
    TRAINING,
    VECTORS,
    VOCABULARY,
)
from wordvec.storage.own_files import CARD_SHA256, sha256_of
from wordvec.storage.plain_json import parse_json, to_json
from wordvec.text import is_unicode, reason_of
from wordvec.vectors.shrinking import Packed, Precision, pack, unpack
from wordvec.vectors.word_vectors import WordVectors
from wordvec.version import __version__
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

__all__ = [
    "FORMAT_VERSION",
    "read_model",
    "read_object",
    "read_vocabulary",
    "write_model",
    "write_parts",
    "write_vocabulary",
]

# V words, D dimensions, B buckets that have a row, R = V + B rows (V without subwords), P positions around a word
Floats = NDArray[np.float32]

FORMAT_VERSION = 3  # goes up when an older wordvec could no longer read what this one writes
WITHOUT_SUBWORDS, WITH_SUBWORDS = 1, 2  # the versions of folders in float32, which older wordvecs can read
SUBWORDS, PRECISION = "subwords", "precision"  # in config.json
SCALES = "input_scales"  # (R,)  of int8 and bits
KINDS: dict[str, str] = {"float32": "F32", "float16": "F16", "int8": "I8", "bit": "U8"}
INPUT, OUTPUT, BUCKETS, POSITIONS = "input", "output", "buckets", "positions"  # (R, D), (V, D), (B,), (P, D)


def write_model(vectors: WordVectors, path: Path, precision: Precision = "float32") -> None:
    """Write everything that the vectors hold; this replaces an older model in one step.

    With a lower precision, the output vectors are left out.

    Raises:
        ResourceError: it cannot be written; what was there is still there.
        ConfigError: a number is beyond float16.
    """
    with replacing_folder(path, MODEL_FILES) as folder:
        write_parts(vectors, folder, path, precision)


def write_parts(vectors: WordVectors, folder: Path, path: Path, precision: Precision = "float32") -> None:
    """Write the files of a model into an empty folder, which will take its place at `path`."""
    subwords = vectors.vocabulary if isinstance(vectors.vocabulary, SubwordVocabulary) else None
    version = WITH_SUBWORDS if subwords else WITHOUT_SUBWORDS
    if precision != "float32":
        version = FORMAT_VERSION
    about: dict[str, Any] = {"format": "wordvec", "format_version": version, "wordvec_version": __version__}
    if subwords:
        about[SUBWORDS] = subwords.rules._asdict()
    if precision != "float32":
        about[PRECISION] = {"name": precision, "dim": vectors.dim}
    card = model_card(vectors, __version__, precision=precision)
    about[CARD_SHA256] = sha256_of(card.encode())
    texts = {  # the hash last: what a crash has left of a card is ours
        TRAINING: "".join(to_json(record) + "\n" for record in vectors.training),
        CARD: card,
        CONFIG: to_json({**about, "settings": vectors.config}, indent=2) + "\n",
    }
    if vectors.phrases is not None:
        texts[PHRASES] = vectors.phrases.to_json()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    write_vocabulary(vectors.words, vectors.counts, folder / VOCABULARY, path)
    packed = pack(vectors.rows, precision)
    tensors: dict[str, NDArray[Any]] = {INPUT: packed.codes}
    if packed.scales is not None:
        tensors[SCALES] = packed.scales
    if vectors.output_matrix is not None and precision == "float32":
        tensors[OUTPUT] = vectors.output_matrix
    if subwords:
        tensors[BUCKETS] = subwords.used_buckets
    if vectors.position_weights is not None:
        tensors[POSITIONS] = vectors.position_weights
    write_tensors(tensors, folder / VECTORS)
    shutil.copymode(folder / CONFIG, folder / VECTORS)  # safetensors makes files for their owner alone


def write_vocabulary(words: list[str], counts: NDArray[np.int64] | None, file: Path, path: Path) -> None:
    """Write words with their counts, where these are known; `path` is the folder that messages name."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_unicode(words, path)
    column = pa.array(words, pa.string())
    unknown = pa.nulls(len(words), pa.int64())
    table = pa.table({"word": column, "count": unknown if counts is None else pa.array(counts)})
    with file.open("wb") as stream:  # pyarrow takes no path that is not UTF-8
        pq.write_table(table, stream, use_dictionary=False, compression="snappy")


def read_model(path: Path, limit: int | None = None, *, mmap: bool = False) -> WordVectors:
    """Read a model folder, and check that its parts are whole and fit together.

    Args:
        path: the folder.
        limit: read only the first N words; of subwords, the rows of all buckets, too.
        mmap: leave the matrices on the disk, from where the system brings what is looked at; of subwords with a limit,
            the rows that are kept are copied.

    Raises:
        FormatError: a file is missing, damaged, or of a newer wordvec.
    """
    before = _identity(path)
    try:
        vectors = _read_parts(path, limit, mmap)
    except FormatError:
        if _identity(path) == before:
            raise
    else:
        if _identity(path) == before:
            return vectors
    # It was replaced meanwhile: what was read may be half of one and half of the other.
    return read_model(path, limit, mmap=mmap)


def _identity(path: Path) -> tuple[int, int]:
    with reading(path):
        status = path.stat()
    return status.st_ino, status.st_mtime_ns  # numbers of removed folders are used again at once


def _read_parts(path: Path, limit: int | None, mmap: bool) -> WordVectors:
    with reading(path):
        missing = [name for name in NEEDED if not (path / name).exists()]
    if missing:
        raise FormatError(f"{path} is not a complete wordvec model: {' and '.join(missing)} missing; {AGAIN}")
    settings, rules, precision = _read_config(path / CONFIG)
    if precision is not None and mmap:
        raise ConfigError(
            f"mmap must be False for {path}, whose numbers are {precision.name}: they become float32 when they are read"
        )
    found = _read_matrices(
        path / VECTORS, limit, mmap=mmap, has_subwords=rules is not None, precision=precision
    )
    words, counts = read_vocabulary(path / VOCABULARY, max_words=found.num_words, limit=limit)
    training = _read_training(path / TRAINING)
    with reading(path):
        phrases = Phrases.load(path / PHRASES) if (path / PHRASES).exists() else None
    num_vectors = len(found.rows) - (0 if found.buckets is None else len(found.buckets))
    if num_vectors != len(words):
        raise FormatError(
            f"{path} is damaged: {VECTORS} has {num_vectors} rows, {VOCABULARY} {len(words)} words; {AGAIN}"
        )
    try:
        return WordVectors(
            words if rules is None else SubwordVocabulary(words, rules, found.buckets),
            found.rows,
            counts=counts,
            output_matrix=found.output,
            position_weights=found.positions,
            config=settings,
            training=training,
            phrases=phrases,
        )
    except ConfigError as problem:
        raise FormatError(f"{path} is damaged: {reason_of(problem)}; {AGAIN}") from problem


class _Matrices(NamedTuple):
    """What `vectors.safetensors` holds, of the words that are read."""

    rows: Floats  # (R, D)
    output: Floats | None  # (V, D)
    positions: Floats | None  # (P, D)
    buckets: NDArray[np.int32] | None  # (B,)  whose rows follow those of the words
    num_words: int  # in the file


class _InPrecision(NamedTuple):
    """How the numbers of the input matrix are written, where they are not float32."""

    name: str
    dim: int


def _read_matrices(
    file: Path, limit: int | None, *, mmap: bool, has_subwords: bool, precision: _InPrecision | None
) -> _Matrices:
    """The first words' rows of both matrices, if there are two, and the rows of all buckets, if there are any."""
    with open_tensors(file, AGAIN) as tensors:
        others = {BUCKETS} if has_subwords else set()
        if precision is not None:
            others |= {INPUT, SCALES}
        shapes = {
            name: tensors.shape(name, "F32", num_dims=2) for name in tensors.names if name not in others
        }
        if INPUT not in tensors.names:
            raise tensors.damage(f'there is no tensor "{INPUT}" in it, only {tensors.names}')
        if precision is not None:
            return _read_packed(tensors, limit, precision, has_subwords=has_subwords)
        output = tensors.floats(OUTPUT, limit, mmap=mmap) if OUTPUT in shapes else None
        positions = tensors.floats(POSITIONS, None, mmap=False) if POSITIONS in shapes else None
        num_rows, _ = shapes[INPUT]
        if not has_subwords:
            rows = tensors.floats(INPUT, limit, mmap=mmap)
            return _Matrices(rows, output, positions, None, num_rows)
        num_words = _num_words(tensors, num_rows)
        if limit is None or limit >= num_words:
            rows = tensors.floats(INPUT, None, mmap=mmap)
        else:  # the rows of the words left out are never in memory
            mapped = tensors.floats(INPUT, None, mmap=True)
            rows = np.concatenate([mapped[:limit], mapped[num_words:]])
        return _Matrices(rows, output, positions, tensors.array(BUCKETS), num_words)


def _num_words(tensors: TensorFile, num_rows: int) -> int:
    """How many rows are those of words, in a model with subwords."""
    if BUCKETS not in tensors.names:
        raise tensors.damage(f'there is no tensor "{BUCKETS}" in it, only {tensors.names}')
    (num_buckets,) = tensors.shape(BUCKETS, "I32", num_dims=1)
    if num_rows - num_buckets < 1:
        raise tensors.damage(f"it has {num_rows:,} rows, {num_buckets:,} of them of buckets")
    return int(num_rows - num_buckets)


def _read_packed(
    tensors: TensorFile, limit: int | None, precision: _InPrecision, *, has_subwords: bool
) -> _Matrices:
    """The rows of words, the first ones, and of all buckets, made float32."""
    num_rows, width = tensors.shape(INPUT, KINDS[precision.name], num_dims=2)
    if width != (-(-precision.dim // 8) if precision.name == "bit" else precision.dim):
        raise tensors.damage(f"{INPUT} has rows of {width}, for {precision.dim:,} dimensions")
    codes, scales = tensors.array(INPUT), None
    if precision.name in ("int8", "bit"):
        if SCALES not in tensors.names or tensors.shape(SCALES, "F32", num_dims=1) != (num_rows,):
            raise tensors.damage(f"{SCALES} must be there, and be one for each of {num_rows:,} rows")
        scales = tensors.array(SCALES)
    num_words = _num_words(tensors, num_rows) if has_subwords else num_rows
    if limit is not None and limit < num_words:
        kept = np.r_[:limit, num_words:num_rows]
        codes, scales = codes[kept], None if scales is None else scales[kept]
    rows = unpack(Packed(codes, scales), precision.dim)
    positions = tensors.floats(POSITIONS, None, mmap=False) if POSITIONS in tensors.names else None
    return _Matrices(rows, None, positions, tensors.array(BUCKETS) if has_subwords else None, num_words)


def read_vocabulary(
    file: Path, *, max_words: int, limit: int | None = None
) -> tuple[list[str], NDArray[np.int64] | None]:
    """Read what `write_vocabulary` wrote.

    Words are read as numbers beside the distinct words, so that one which is there a million times, or begins as the
    one before, takes no more memory than it does in the file; pyarrow itself then refuses shared beginnings.

    Args:
        file: a Parquet file, which a few bytes could decompress to anything.
        max_words: more words than that are damage.
        limit: read only the first N words.

    Raises:
        FormatError: it is damaged, or has more words, or longer ones, than there can be.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_regular(file)
    with reading(file), file.open("rb") as stream:
        try:
            # Without pre_buffer, which starts a thread that may abort the process when that ends.
            with pq.ParquetFile(stream, read_dictionary=["word"], pre_buffer=False) as parquet:
                _check_columns(parquet)
                _check_codecs(stream)
                tables = _row_groups(parquet, max_words)
                room = MAX_SNAPPY_RATIO * os.fstat(stream.fileno()).st_size
                return _words_and_counts(tables, room, max_words if limit is None else limit)
        except KeyError as problem:
            raise FormatError(f"{file} is damaged: it has no words or no counts; {AGAIN}") from problem
        except (pa.ArrowException, *OF_CPP) as problem:
            raise FormatError(f"{file} is damaged: {reason_of(problem)}; {AGAIN}") from problem


def _check_columns(parquet: Any) -> None:
    """Check the kinds of the columns before they are read.

    Some of them are refused by pyarrow, too, but with an abort of the whole process.
    """
    import pyarrow as pa

    schema = parquet.schema_arrow
    kinds = [schema.field(name).type for name in ("word", "count")]
    if kinds != [pa.dictionary(pa.int32(), pa.string()), pa.int64()]:
        raise pa.ArrowInvalid(f"expected strings and int64 counts, got {kinds[0]} and {kinds[1]}")
    columns = [parquet.schema.column(number) for number in range(len(parquet.schema))]
    if any((column.max_definition_level, column.max_repetition_level) != (1, 0) for column in columns):
        raise pa.ArrowInvalid("expected columns with one optional value in each row")


def _check_codecs(stream: BinaryIO) -> None:
    """Check that no codec is used with which a few bytes may become a gigabyte."""
    others = {chunk.codec for group in column_chunks(stream) for chunk in group} - CODECS
    if others:
        raise ValueError(f"it is compressed by {' and '.join(sorted(others))}, not by SNAPPY")


def _row_groups(parquet: Any, max_words: int) -> Iterator[Any]:
    """The table of each row group, if it may be read; the file's own sum of their rows is not believed."""
    import pyarrow as pa

    groups = range(parquet.num_row_groups)
    num_words = sum(parquet.metadata.row_group(number).num_rows for number in groups)
    if num_words > max_words:
        raise pa.ArrowInvalid(f"it has {num_words:,} words, for {max_words:,} vectors")
    for number in groups:
        # Without threads, which may abort the process when it ends.
        yield parquet.read_row_group(number, columns=["word", "count"], use_threads=False)


def _words_and_counts(
    tables: Iterator[Any], room: int, enough: int
) -> tuple[list[str], NDArray[np.int64] | None]:
    """Put the parts of a vocabulary together, whose words have at most `room` bytes.

    Parts that follow when there are words enough are not read.

    Without what loads pyarrow.compute, or pandas where that is installed: they take longer than all the rest.
    """
    import pyarrow as pa

    words: list[str] = []
    counts: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    num_unknown = 0
    for table in tables:
        for chunk in table["word"].chunks:
            found = words_of(chunk)
            room -= sum(map(len, found))
            if room < 0:
                raise pa.ArrowInvalid("its words are longer than the file")
            words += found
        column = table["count"]
        num_unknown += column.null_count
        if not column.null_count:
            counts.append(np.from_dlpack(column.combine_chunks()).astype(np.int64, copy=False))
        if len(words) >= enough:
            break
    if num_unknown not in (0, len(words)):
        raise pa.ArrowInvalid("there are counts missing")
    return words[:enough], None if num_unknown else np.concatenate(counts)[:enough]


def _read_config(
    file: Path,
) -> tuple[dict[str, Any] | None, SubwordRules | None, _InPrecision | None]:
    """The settings of the run, the rules of subwords, and a lower precision, each where there is one."""
    about = read_object(file)
    if about.get("format") != "wordvec":
        raise FormatError(f'{file} does not say "format": "wordvec", so the folder is not a wordvec model')
    version, settings = about.get("format_version"), about.get("settings")
    if not isinstance(version, int) or not isinstance(settings, dict | None):
        raise FormatError(f"{file} is damaged: format_version must be a number, settings an object; {AGAIN}")
    if version > FORMAT_VERSION:
        raise FormatError(
            f"{file} says format {version}, of wordvec {about.get('wordvec_version')}; this is wordvec "
            f"{__version__}, which reads up to format {FORMAT_VERSION}: pip install --upgrade wordvec"
        )
    return settings, _rules(file, about.get(SUBWORDS)), _precision(file, about.get(PRECISION))


def _precision(file: Path, given: Any) -> _InPrecision | None:
    if given is None:
        return None
    is_whole = isinstance(given, dict) and set(given) == {"name", "dim"}
    if not is_whole or given["name"] not in tuple(KINDS) or type(given["dim"]) is not int or given["dim"] < 1:
        names = ", ".join(KINDS)
        raise FormatError(f"{file} is damaged: {PRECISION} must have a name ({names}) and a dim; {AGAIN}")
    return _InPrecision(**given)


def _rules(file: Path, given: Any) -> SubwordRules | None:
    """What a config says of subwords; that the numbers are possible, the vocabulary checks."""
    if given is None:
        return None
    is_whole = isinstance(given, dict) and set(given) == set(SubwordRules._fields)
    if not is_whole or any(type(value) is not int for value in given.values()):
        names = ", ".join(SubwordRules._fields)
        raise FormatError(f"{file} is damaged: {SUBWORDS} must have the integers {names}; {AGAIN}")
    return SubwordRules(**given)


def _read_training(file: Path) -> list[dict[str, Any]]:
    # Numbers that JSON lacks become null: no loss of some epoch is worth the vectors.
    return [
        _parse_object(file, line, f", line {number}", odd_numbers_are_null=True)
        for number, line in enumerate(_read_text(file).split("\n"), start=1)
        if line
    ]


def read_object(file: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object.

    Raises:
        FormatError: it is not there, or damaged.
    """
    return _parse_object(file, _read_text(file), "")


def _read_text(file: Path) -> str:
    check_regular(file)
    with reading(file):
        content = file.read_bytes()
    try:
        return content.decode()
    except UnicodeDecodeError as problem:
        raise FormatError(f"{file} is damaged: {problem}; {AGAIN}") from problem


def _parse_object(file: Path, text: str, place: str, *, odd_numbers_are_null: bool = False) -> dict[str, Any]:
    try:
        parsed = parse_json(text, odd_numbers_are_null=odd_numbers_are_null)
    except ValueError as problem:
        raise FormatError(f"{file}{place} is damaged, not JSON: {reason_of(problem)}; {AGAIN}") from problem
    if "\\u" in text and not is_unicode(json.dumps(parsed, ensure_ascii=False)):
        raise FormatError(f"{file}{place} is damaged: half a character, as \\ud800, is not text; {AGAIN}")
    if not isinstance(parsed, dict):
        raise FormatError(f"{file}{place} is damaged: expected a JSON object, got {text[:20]!r}; {AGAIN}")
    return parsed
