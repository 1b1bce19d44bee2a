"""Reading with distrust: what a reader makes of a file, and whether that is one of the two things it may be."""

from __future__ import annotations

import json
import shutil
import signal
import zlib
from importlib import import_module
from pathlib import Path
from types import FrameType

import numpy as np

from torture.round_trips import ENDINGS, WITH_ANY_WORD, is_clear, wrong_with_printing, wrong_with_saving
from torture.samples import Sample
from wordvec import WordVectors, load
from wordvec.config import Config
from wordvec.corpus.sources import parse_source
from wordvec.errors import WordvecError
from wordvec.evaluation.scores import score
from wordvec.evaluation.word_tests import read_test
from wordvec.formats.encoder_folder import load_encoder
from wordvec.pipeline.checkpoints import load_checkpoint
from wordvec.planning.request import checked_config
from wordvec.vocabulary.encoding import encode_corpus

__all__ = ["SECONDS_OF_A_CASE", "outcome_of", "put"]

import_module(
    "sklearn.cluster"
)  # here, as no file is to blame for the memory that it takes when it is needed

SECONDS_OF_A_CASE = 5  # of the processor, as the machine may have other work
PRINTED_ONE_IN = 4  # of what was accepted
TABLES = {"corpus-csv": "csv", "corpus-json-lines": "jsonl", "corpus-parquet": "parquet"}  # by input format
DECODINGS = (
    ("utf-8", "strict"),
    ("utf-8", "strict"),
    ("utf-8", "replace"),
    ("utf-8", "ignore"),
    ("cp1252", "replace"),
    ("utf-16", "strict"),
)
MAX_SECONDS = 60  # by the clock, for what waits


class TooSlowError(Exception):
    """A case takes longer than it may."""


def put(case: Sample, path: Path) -> None:
    """Write the files of a case where those of the one before were."""
    shutil.rmtree(path, ignore_errors=True)
    path.unlink(missing_ok=True)
    if set(case) == {""}:
        path.write_bytes(case[""])
        return
    path.mkdir()
    for name, content in case.items():
        (path / name).write_bytes(content)


def outcome_of(reader: str, path: Path, folder: Path) -> str:
    """What a reader makes of a case: accepted, refused, or else what is wrong."""
    signal.signal(signal.SIGPROF, _too_slow)
    signal.signal(signal.SIGALRM, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, SECONDS_OF_A_CASE)
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
    try:
        return _read(reader, path, folder)
    except WordvecError as problem:
        return "refused" if is_clear(str(problem)) else f"no clear message: {problem!r}"
    except TooSlowError:
        return f"takes more than {SECONDS_OF_A_CASE} s of work, or {MAX_SECONDS} s of waiting"
    except BaseException as problem:  # no reader may raise any of these
        return f"{type(problem).__name__}: {problem}"[:300]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _read(reader: str, path: Path, folder: Path) -> str:
    if reader == "config":
        return _read_config(path)
    if reader in ("analogies", "similarity", "sentences", "sessions"):
        found = score(read_test(path), ["a", "the", "é"], np.eye(3, dtype=np.float32))
        return "accepted" if found.value is None or -1 <= found.value <= 1 else f"a score of {found.value}"
    if reader == "encoder":
        return _read_encoder(path)
    if reader.startswith("corpus"):
        column, input_format = ("text", TABLES[reader]) if reader in TABLES else (None, None)
        encoding, errors = DECODINGS[zlib.crc32(path.read_bytes()) % len(DECODINGS)]
        if reader == "corpus-parquet":  # whose texts are UTF-8
            encoding, errors = DECODINGS[0]
        source = parse_source(str(path), column, input_format, encoding, errors)
        vocabulary, corpus = encode_corpus(source, folder=folder / "ids", min_count=1, threads=1)
        ids = corpus.read(0, corpus.num_positions)
        is_right = len(ids) == corpus.num_positions and ids.max() < len(vocabulary)
        shutil.rmtree(folder / "ids")
        return "accepted" if is_right else "ids that are not words"
    vectors = load_checkpoint(path).vectors if reader == "checkpoint" else load(path)
    return _wrong_with(vectors, path, folder) or "accepted"


def _read_encoder(path: Path) -> str:
    encoder = load_encoder(path, tokenizer="words")
    vectors = encoder.encode(["a the naïve 日本 unheard-of", *encoder.words])
    if vectors.shape != (len(encoder) + 1, encoder.dim) or not np.isfinite(vectors).all():
        return "vectors that are not whole"
    return "accepted" if (np.linalg.norm(vectors, axis=1) < 1 + 1e-5).all() else "vectors that are too long"


def _read_config(path: Path) -> str:
    try:
        settings = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return "refused"
    if not isinstance(settings, dict):
        return "refused"
    return "accepted" if isinstance(checked_config(None, settings), Config) else "no Config"


def _wrong_with(vectors: WordVectors, path: Path, folder: Path) -> str | None:
    """What is wrong with vectors that were accepted; what takes long is tried with some of them only."""
    if vectors.matrix.shape != (len(vectors.words), vectors.dim) or not np.isfinite(vectors.matrix).all():
        return "a matrix that is not whole"
    if len(set(vectors.words)) != len(vectors.words):
        return "repeated words"
    if len(vectors) > 1:
        vectors.most_similar(vectors.words[0], k=1)
    draw = zlib.crc32(vectors.matrix.tobytes(), zlib.crc32("".join(vectors.words).encode()))
    formats = [name for name in ENDINGS if name not in WITH_ANY_WORD]
    wrong = wrong_with_saving(vectors, folder, (*formats, WITH_ANY_WORD[draw % len(WITH_ANY_WORD)]))
    if wrong is None and draw % PRINTED_ONE_IN == 0:
        wrong = wrong_with_printing(vectors, path)
    return wrong


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlowError
