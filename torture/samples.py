"""Samples: whole files of every kind that wordvec reads, small and different, to be damaged by the fuzzer."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wordvec import Config, WordVectors
from wordvec.errors import FormatError
from wordvec.formats.checkpoint import Checkpoint, write_checkpoint
from wordvec.formats.encoder_folder import save_encoder
from wordvec.formats.save import save
from wordvec.phrases.phrases import Phrase, Phrases
from wordvec.pipeline.checkpoints import settings_digest
from wordvec.pipeline.run_log import as_recorded
from wordvec.storage.format_table import ENCODER, VOCABULARY
from wordvec.vectors.growth import KnownWords
from wordvec.vectors.shrinking import PRECISIONS
from wordvec.vectors.text_encoder import TextEncoder
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

__all__ = ["READERS", "Sample", "sample"]

Sample = dict[str, bytes]  # a folder's files; or one file, without a name

READERS = (
    "native",
    "checkpoint",
    "encoder",
    "word2vec-text",
    "word2vec-binary",
    "fasttext",
    "glove",
    "safetensors",
    "numpy",
    "parquet",
    "analogies",
    "similarity",
    "sentences",
    "sessions",
    "config",
    "corpus",
    "corpus-csv",
    "corpus-json-lines",
    "corpus-parquet",
)
WORDS = (
    "a",
    "the",
    "naïve",
    "日本",
    "New York",
    "x" * 40,
    "é",
    "0",
    "-1",
    "nan",
    ":",
    "#",
    "</s>",
    "a.b,c;d",
    "\u2028",
)
FORMATS = {
    "word2vec-text": "v.txt",
    "word2vec-binary": "v.bin",
    "fasttext": "model.bin",
    "glove": "v.glove.txt",
}
WITH_ANY_WORD = {"safetensors": "v.safetensors", "numpy": "v.npz", "parquet": "v.parquet"}
LINE_ENDS = (b"\n", b"\n", b" \n", b"\r\n")  # fastText's .vec files have the third
COMPRESSIONS: tuple[dict[str, Any], ...] = (
    {"use_dictionary": True},
    {"use_dictionary": False, "compression": "zstd"},
    {"use_dictionary": False, "compression": "none", "row_group_size": 2},
    {"use_dictionary": False, "column_encoding": {"word": "DELTA_BYTE_ARRAY"}},
)
LAYOUTS: tuple[tuple[list[list[str]], list[str], list[str]], ...] = (
    ([], [], []),  # heading, what is before the score, what is after it
    ([], [], []),
    ([["word1", "word2", "score"]], [], []),
    ([["word1", "word2", "POS", "SimLex999", "conc(w1)"]], ["N"], ["2.5"]),
    ([["Word1", "Word2", "Human (mean)", "1", "2"]], [], ["9", "0"]),
    ([], ["V"], ["NONE"]),
)
NUMBERS = ("0", "1", "-1", "0.5", "1e-45", "3.4e38", "7.35")


def sample(reader: str, chance: random.Random) -> Sample:
    """A good one, or nearly."""
    if reader in FORMATS:
        content = _file_of_vectors(reader, chance)
        if reader not in ("word2vec-binary", "fasttext"):
            content = content.replace(b"\n", chance.choice(LINE_ENDS))
        return {"": compressed(content, chance)}
    if reader in WITH_ANY_WORD:
        return {"": _file_of_any_words(reader, chance)}
    if reader == "native":
        return _folder(chance, is_checkpoint=False)
    if reader == "checkpoint":
        return _folder(chance, is_checkpoint=True)
    if reader == "encoder":
        return _encoder(chance)
    makers = {
        "analogies": _analogies,
        "similarity": _similarity,
        "sentences": _sentences,
        "sessions": _sessions,
        "config": _config,
        "corpus": _corpus,
        "corpus-csv": _csv,
        "corpus-json-lines": _json_lines,
        "corpus-parquet": _table,
    }
    content = makers[reader](chance)
    return {"": content if reader in ("config", "corpus-parquet") else compressed(content, chance)}


def compressed(content: bytes, chance: random.Random) -> bytes:
    """Mostly as it is."""
    if chance.random() > 0.15:
        return content
    return chance.choice((gzip.compress, _bzip2, _xz, _zstd, _skipped, _padded, _members))(content)


def _zstd(content: bytes) -> bytes:
    return pa.compress(content, codec="zstd", asbytes=True)  # type: ignore[no-any-return]


def _skipped(content: bytes) -> bytes:
    """As pzstd begins."""
    return b"\x50\x2a\x4d\x18\x04\x00\x00\x00" + bytes(4) + _zstd(content)


def _bzip2(content: bytes) -> bytes:
    return bz2.compress(content, len(content) % 9 + 1)


def _padded(content: bytes) -> bytes:
    """As tape drives pad it."""
    return gzip.compress(content) + bytes(512)


def _members(content: bytes) -> bytes:
    """As `cat a.gz b.gz` makes it."""
    half = len(content) // 2
    return gzip.compress(content[:half]) + gzip.compress(content[half:])


def _xz(content: bytes) -> bytes:
    return lzma.compress(content, preset=0)  # others take a hundred megabytes


def _vectors(chance: random.Random) -> WordVectors:
    words = chance.sample(WORDS, chance.randint(1, len(WORDS)))
    numbers = np.random.default_rng(chance.getrandbits(32)).normal(size=(2, len(words), chance.randint(1, 5)))
    has_counts, has_output = chance.random() < 0.8, chance.random() < 0.5
    return WordVectors(
        words,
        numbers[0].astype(np.float32),
        counts=sorted((chance.randint(0, 99) for _ in words), reverse=True) if has_counts else None,
        output_matrix=numbers[1].astype(np.float32) if has_output else None,
        config=as_recorded(Config(), "words", engine="numba", device="cpu", extra={}),
        training=[{"event": "epoch", "loss": 0.5, "words": 7}] * chance.randint(0, 3),
    )


def _file_of_vectors(reader: str, chance: random.Random) -> bytes:
    """A file as we write it; vectors whose bytes would be taken for another format are not written, so draw others."""
    while True:
        with suppress(FormatError):
            return _written(_vectors(chance), reader, chance)


def _written(vectors: WordVectors, reader: str, chance: random.Random) -> bytes:
    plain = [number for number, word in enumerate(vectors.words) if not any(map(str.isspace, word))] or [0]
    words = [vectors.words[number].replace(" ", "_").replace("\u2028", "?") for number in plain]
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        path = Path(folder, FORMATS[reader])
        matrix = vectors.matrix[plain]
        if reader == "glove" and vectors.dim == 1:  # looks like other text, so it is not written
            matrix = np.repeat(matrix, 2, axis=1)
        written = WordVectors(words, matrix)
        if reader == "fasttext" and chance.random() < 0.7:
            written = _with_subwords(written, chance)
        written.save(path, format=reader)
        return path.read_bytes()


def _with_subwords(vectors: WordVectors, chance: random.Random) -> WordVectors:
    """The same words with n-grams, in few buckets."""
    min_n = chance.randint(1, 4)
    rules = SubwordRules(min_n, min_n + chance.randint(0, 3), chance.choice((1, 7, 100)))
    vocabulary = SubwordVocabulary(vectors.words, rules)
    rows = np.random.default_rng(chance.getrandbits(32)).normal(size=(vocabulary.num_rows, vectors.dim))
    return WordVectors(
        vocabulary,
        rows,
        counts=vectors.counts,
        output_matrix=vectors.output_matrix,
        position_weights=rows[:3] if chance.random() < 0.5 else None,
        config=vectors.config,
        training=vectors.training,
    )


def _file_of_any_words(reader: str, chance: random.Random) -> bytes:
    vectors = _vectors(chance)
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        path = Path(folder, WITH_ANY_WORD[reader])
        vectors.save(path)
        if reader == "parquet" and chance.random() < 0.5:
            _repack(path, chance)
        if reader == "numpy" and chance.random() < 0.5:
            with np.load(path) as arrays:
                np.savez_compressed(path, **arrays)
        return path.read_bytes()


def _folder(chance: random.Random, *, is_checkpoint: bool) -> Sample:
    vectors = _vectors(chance)
    if chance.random() < 0.4:
        vectors = _with_subwords(vectors, chance)
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        path = Path(folder, "model.wv")
        if is_checkpoint:
            known = KnownWords(["a", "b"], None) if chance.random() < 0.3 else None
            state = {"input": vectors.rows, "step": np.array(7), "big": np.ones(5)}
            write_checkpoint(path, Checkpoint(vectors, state, _run(vectors), known))
        else:
            save(vectors, path, precision=chance.choice(PRECISIONS) if chance.random() < 0.4 else "float32")
        if chance.random() < 0.3:
            _repack(path / VOCABULARY, chance)
        return {file.name: file.read_bytes() for file in path.iterdir() if file.suffix != ".md"}


def _encoder(chance: random.Random) -> Sample:
    """Of any precision, with n-grams and phrases or without."""
    vectors = _vectors(chance)
    if chance.random() < 0.5:
        vectors = _with_subwords(vectors, chance)
    smoothing = None if vectors.counts is None or not vectors.counts.any() else 1e-3
    encoder = TextEncoder.of(vectors, smoothing=smoothing, precision=chance.choice(PRECISIONS))
    if chance.random() < 0.3:
        encoder.phrases = Phrases(((Phrase(("a", "the"), 9, 12.0, ""),),))
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        save_encoder(encoder, Path(folder, "encoder"))
        return {"": Path(folder, "encoder", ENCODER).read_bytes()}


def _repack(vocabulary: Path, chance: random.Random) -> None:
    """Write it as other programs may."""
    pq.write_table(pq.read_table(vocabulary, use_threads=False), vocabulary, **chance.choice(COMPRESSIONS))


def _run(vectors: WordVectors) -> dict[str, object]:
    return {
        "source": ["a.txt"],
        "validation_source": None,
        "vocabulary_sha256": "ab",
        "corpus_sha256": "ab",
        "held_out_sha256": None,
        "settings_sha256": settings_digest(vectors.config or {}),
        "watch": ["a"],
        "watch_sample": 0,
        "evaluate": [],
        "checkpoint_every": "10m",
        "epochs_done": 2,
        "position": 7,
        "words": 5,
        "pairs": 60,
        "loss": 30.5,
        "best_value": -0.5,
        "epochs_since_best": 0,
    }


def _analogies(chance: random.Random) -> bytes:
    plain = [word for word in WORDS[:9] if " " not in word]
    lines = [": section"] + [" ".join(chance.choices(plain, k=4)) for _ in range(chance.randint(0, 5))]
    return "\n".join(lines).encode()


def _similarity(chance: random.Random) -> bytes:
    """Two words and a score, with other columns as published files have them."""
    between = chance.choice("\t,; ")
    heading, before, after = chance.choice(LAYOUTS)
    rows = [
        [*chance.choices(WORDS[:8], k=2), *before, chance.choice(NUMBERS), *after]
        for _ in range(chance.randint(0, 6))
    ]
    return "\n".join(between.join(row) for row in [*heading, *rows]).encode()


def _sentences(chance: random.Random) -> bytes:
    """Two sentences and a score, as CSV or with tabs, with a heading or another column or without."""
    between, has_heading = chance.choice(",\t"), chance.random() < 0.5
    more = ["news"] * chance.randint(0, 1)
    rows = [["kind"] * len(more) + ["sentence1", "sentence2", "score"]] if has_heading else []
    for _ in range(chance.randint(1, 6)):
        sentences = [" ".join(chance.choices(WORDS, k=chance.randint(1, 6))) for _ in range(2)]
        rows.append([*more, *sentences, chance.choice(NUMBERS)])
    file = io.StringIO()
    csv.writer(file, delimiter=between).writerows(rows)
    return file.getvalue().encode()


def _sessions(chance: random.Random) -> bytes:
    plain = [word for word in WORDS if " " not in word]
    sessions = [chance.choices(plain, k=chance.randint(2, 6)) for _ in range(chance.randint(0, 6))]
    return "\n".join(["# next item", *(" ".join(session) for session in sessions)]).encode()


def _config(chance: random.Random) -> bytes:
    settings = as_recorded(Config(seed=chance.randint(0, 9)), "words", engine="numba", device="cpu", extra={})
    del settings["tokenizer"]
    chosen = chance.sample(sorted(settings), chance.randint(0, len(settings)))
    return json.dumps({name: settings[name] for name in chosen}).encode()


def _corpus(chance: random.Random) -> bytes:
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(0, 8))) for _ in range(chance.randint(0, 6))]
    encoding = "utf-8" if chance.random() < 0.8 else chance.choice(("utf-8-sig", "utf-16", "cp1252"))
    return chance.choice(["\n", "\r\n", "\r"]).join(texts).encode(encoding, errors="replace")


def _rows(chance: random.Random) -> list[dict[str, Any]]:
    """Rows of a table, with a column of texts, or of lists of words."""
    is_list = chance.random() < 0.3
    texts = [chance.choices(WORDS, k=chance.randint(0, 8)) for _ in range(chance.randint(0, 6))]
    return [
        {"id": number, "text": words if is_list else " ".join(words)} for number, words in enumerate(texts)
    ]


def _csv(chance: random.Random) -> bytes:
    file = io.StringIO()
    rows = [row | {"text": str(row["text"])} for row in _rows(chance)]
    writer = csv.DictWriter(file, ["id", "text"], dialect=chance.choice(("excel", "unix")))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def _json_lines(chance: random.Random) -> bytes:
    is_ascii = chance.random() < 0.5
    return "\n".join(json.dumps(row, ensure_ascii=is_ascii) for row in _rows(chance)).encode()


def _table(chance: random.Random) -> bytes:
    file = io.BytesIO()
    settings = {
        name: value for name, value in chance.choice(COMPRESSIONS).items() if name != "column_encoding"
    }
    table = pa.Table.from_pylist(_rows(chance) or [{"id": 0, "text": "a"}])
    pq.write_table(table, file, **settings)
    return file.getvalue()


def _memory() -> str | None:
    """Where files are fastest, if there is such a place."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
