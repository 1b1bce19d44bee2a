"""Encoders: size, speed and quality of text encoders made of one model, beside its plain mean and BM25.

    python -m benchmarks.encoders --model enwiki.wv --train stsb-en-train.csv --dev stsb-en-dev.csv --raw enwiki.txt.gz

The constant a of the weights is chosen on STS-B's training part; all scores are of the development part. The search
task is made from the raw text: the first sentence of a paragraph must find the rest of it among 10,000 paragraphs.
Speed is that of one core, by the process's own clock, as other work may share the machine.
"""

from __future__ import annotations

import argparse
import gzip
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measured import RESULTS, conditions_of, heading, moment, save
from benchmarks.page import spread_text, table
from benchmarks.summary import spread
from wordvec.corpus.tokenizers import tokenized
from wordvec.evaluation.scores import interval, paired_difference
from wordvec.evaluation.sentences import SentencePairs
from wordvec.evaluation.similarity import spearman
from wordvec.evaluation.word_tests import read_test
from wordvec.formats.encoder_folder import load_encoder, save_encoder
from wordvec.formats.load import load
from wordvec.storage.format_table import ENCODER
from wordvec.vectors.documents import SMOOTHING
from wordvec.vectors.hybrid_search import HybridSearch
from wordvec.vectors.shrinking import Precision, pack
from wordvec.vectors.text_encoder import TextEncoder
from wordvec.vectors.top_k import top_k
from wordvec.vectors.word_vectors import WordVectors

Entry = dict[str, Any]
Floats = NDArray[np.float64]

CONSTANTS = (3e-3, 1e-3, 3e-4, 1e-4, 3e-5)
FREQUENT = 30_000  # words of the smaller encoders
KINDS: tuple[tuple[str, Precision, int | None, int | None], ...] = (
    ("SIF", "float32", None, None),
    ("SIF", "int8", None, None),
    ("SIF", "bit", None, None),
    ("SIF", "float32", 32, None),
    ("SIF", "int8", 64, FREQUENT),
    ("SIF", "int8", None, FREQUENT),
    ("SIF", "bit", None, FREQUENT),
)
NUM_DOCUMENTS, NUM_QUERIES = 10_000, 1000
WORDS_OF_DOCUMENTS = range(40, 400)
AT = 10
ROUNDS = 5
SHORT_TEXTS = 30_000
K1, B = 1.5, 0.75  # of BM25, as usual


def main() -> None:
    """Measure, and print the page."""
    options = _parser().parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    vectors = load(options.model)
    train, dev = (_sentences(path) for path in (options.train, options.dev))
    task = search_task(options.raw)
    conditions = conditions_of(
        {path.name: path for path in (options.train, options.dev, options.raw)},
        words=len(vectors),
        dim=vectors.dim,
    )
    entry = {"conditions": conditions, **moment(), **measured(vectors, train, dev, task)}
    save(options.results / "encoders", entry, page(entry))
    print(page(entry))


def _sentences(path: Path) -> SentencePairs:
    questions = read_test(path).questions
    assert isinstance(questions, SentencePairs)
    return questions


def search_task(raw: Path) -> tuple[list[str], list[str]]:
    """First sentences, and the rests of their paragraphs with others: the answer to query i is document i."""
    chance = np.random.default_rng(1)
    found: list[tuple[str, str]] = []
    with gzip.open(raw, "rt", encoding="utf-8") as lines:
        for line in lines:
            first, dot, rest = line.strip().partition(". ")
            if dot and len(first.split()) > 5 and len(rest.split()) in WORDS_OF_DOCUMENTS:
                found.append((first, rest))
    chosen = [found[place] for place in chance.permutation(len(found))[:NUM_DOCUMENTS].tolist()]
    return [first for first, _ in chosen[:NUM_QUERIES]], [rest for _, rest in chosen]


def measured(
    vectors: WordVectors, train: SentencePairs, dev: SentencePairs, task: tuple[list[str], list[str]]
) -> Entry:
    """The scores of all encoders, the best a first."""
    chosen = {
        f"{a:g}": rho(items_of(TextEncoder.of(vectors, smoothing=a, tokenizer="words"), train))
        for a in CONSTANTS
    }
    best = max(chosen, key=lambda a: chosen[a] or 0)
    plain_encoder = TextEncoder.of(vectors, smoothing=None, tokenizer="words")
    plain = items_of(plain_encoder, dev)
    short = [text for pair in dev.pairs for text in pair]
    short = (short * (SHORT_TEXTS // len(short) + 1))[:SHORT_TEXTS]
    rows = [row_of("plain mean", plain_encoder, dev, plain, short, task)]
    for name, precision, dim, limit in KINDS:
        some = vectors if limit is None else _first(vectors, limit)
        encoder = TextEncoder.of(some, smoothing=float(best), precision=precision, dim=dim, tokenizer="words")
        rows.append(row_of(name, encoder, dev, plain, short, task))
    rows.append(row_of("as model2vec weighs", as_model2vec(vectors), dev, plain, short, task))
    return {
        "chosen_on_train": chosen,
        "a": float(best),
        "default_a": SMOOTHING,
        "rows": rows,
        "bm25_recall": bm25_recall(*task),
        "hybrid_recall": hybrid_recall(
            TextEncoder.of(vectors, smoothing=float(best), tokenizer="words"), *task
        ),
        "texts": {"words_each": float(np.mean([len(text.split()) for text in short])), "number": len(short)},
    }


def _first(vectors: WordVectors, limit: int) -> WordVectors:
    assert vectors.counts is not None
    return WordVectors(
        vectors.words[:limit], vectors.matrix[:limit], counts=vectors.counts[:limit], config=vectors.config
    )


def as_model2vec(vectors: WordVectors) -> TextEncoder:
    """model2vec's own post-processing of the same vectors: frequencies from ranks (Zipf), a = 1e-4, centered PCA."""
    shares = 1 / np.arange(1, len(vectors) + 1)
    weights = 1e-4 / (1e-4 + shares / shares.sum())
    centered = vectors.matrix - vectors.matrix.mean(axis=0)
    axes = np.linalg.eigh(centered.T.astype(np.float64) @ centered)[1][:, ::-1]
    rows = (centered @ axes * weights[:, None]).astype(np.float32)
    return TextEncoder(
        vectors.words, pack(rows, "float32"), dim=vectors.dim, precision="float32", tokenizer="words"
    )


def items_of(encoder: TextEncoder, test: SentencePairs) -> Floats:
    """The cosine and the people's score of each pair, (P, 2)."""
    one, other = (encoder.encode([pair[side] for pair in test.pairs]).astype(np.float64) for side in (0, 1))
    return np.stack([np.einsum("ij,ij->i", one, other), np.array(test.scores)], axis=1)


def rho(items: Floats) -> float | None:
    """Spearman's, of cosines and scores."""
    return spearman(items[:, 0], items[:, 1])


def row_of(
    name: str,
    encoder: TextEncoder,
    dev: SentencePairs,
    plain: Floats,
    short: Sequence[str],
    task: tuple[list[str], list[str]],
) -> Entry:
    """Everything about one encoder."""
    items = items_of(encoder, dev)
    with TemporaryDirectory() as folder:
        save_encoder(encoder, Path(folder) / "encoder")
        num_bytes = (Path(folder) / "encoder" / ENCODER).stat().st_size
        load_seconds = [seconds_of(lambda: load_encoder(Path(folder) / "encoder")) for _ in range(ROUNDS)]
    encoder.encode(short[:100])
    encode_seconds = [seconds_of(lambda: encoder.encode(short)) for _ in range(ROUNDS)]
    queries, documents = task
    found = top_k(encoder.encode(documents), encoder.encode(queries), AT).ids
    difference = paired_difference(items, plain, rho)
    return {
        "name": name,
        "precision": encoder.precision,
        "words": len(encoder),
        "dim": encoder.dim,
        "bytes": num_bytes,
        "load_seconds": spread(load_seconds),
        "texts_per_second": spread([len(short) / seconds for seconds in encode_seconds]),
        "rho": rho(items),
        "interval": interval(items, rho),
        "difference": None if difference is None else list(difference),
        "recall": float((found == np.arange(len(queries))[:, None]).any(axis=1).mean()),
    }


def hybrid_recall(encoder: TextEncoder, queries: Sequence[str], documents: Sequence[str]) -> float:
    """The recall at 10 of both rankings, fused."""
    found = HybridSearch(encoder, documents).search(queries, AT)
    return sum(place in near for place, near in enumerate(found)) / len(queries)


def bm25_recall(queries: Sequence[str], documents: Sequence[str]) -> float:
    """The recall at 10 of Okapi BM25 on the same words."""
    from scipy.sparse import csr_matrix

    cut = tokenized(documents, "words")
    number_of = {
        word: number for number, word in enumerate(dict.fromkeys(word for text in cut for word in text))
    }
    sizes = np.array([len(text) for text in cut])
    columns, values, ends = [], [], [0]
    for text, size in zip(cut, sizes.tolist(), strict=True):
        counts = Counter(text)
        columns += [number_of[word] for word in counts]
        values += [
            times * (K1 + 1) / (times + K1 * (1 - B + B * size / sizes.mean())) for times in counts.values()
        ]
        ends.append(len(columns))
    weights = csr_matrix((values, columns, ends), shape=(len(documents), len(number_of)))
    frequency = np.bincount(columns, minlength=len(number_of))
    idf = np.log(1 + (len(documents) - frequency + 0.5) / (frequency + 0.5))
    hits = 0
    for place, text in enumerate(tokenized(queries, "words")):
        asked = np.zeros(len(number_of))
        for word in text:
            if word in number_of:
                asked[number_of[word]] += idf[number_of[word]]
        hits += place in np.argsort(-(weights @ asked), kind="stable")[:AT]
    return hits / len(queries)


def seconds_of(work: Callable[[], object]) -> float:
    """How long something takes by the process's own clock."""
    began = time.process_time()
    work()
    return time.process_time() - began


def page(entry: Entry) -> str:
    """The page of results."""
    rows = [
        [
            "encoder",
            "precision",
            "words",
            "dim",
            "MB",
            "load, ms",
            "texts/s",
            "STS-B dev",
            "over plain",
            "recall@10",
        ]
    ]
    for row in entry["rows"]:
        low, high = row["interval"]
        over = (
            "-"
            if row["name"] == "plain mean"
            else "{:+.1f} ({:+.1f} to {:+.1f})".format(*(100 * part for part in row["difference"][:3]))
        )
        rows.append(
            [
                row["name"],
                row["precision"],
                f"{row['words']:,}",
                str(row["dim"]),
                f"{row['bytes'] / 1e6:.1f}",
                spread_text(row["load_seconds"], "median", lambda seconds: f"{1e3 * seconds:.0f}"),
                spread_text(row["texts_per_second"], "median", lambda number: f"{number:,.0f}"),
                f"{100 * row['rho']:.1f} ({100 * low:.1f} to {100 * high:.1f})",
                over,
                f"{100 * row['recall']:.1f}",
            ]
        )
    rows.append(["BM25", *["-"] * 8, f"{100 * entry['bm25_recall']:.1f}"])
    rows.append(["SIF and BM25, ranks fused", *["-"] * 8, f"{100 * entry['hybrid_recall']:.1f}"])
    constants = [
        ["a", "STS-B train"],
        *([a, f"{100 * score:.2f}"] for a, score in entry["chosen_on_train"].items()),
    ]
    texts = entry["texts"]
    return "\n".join(
        [
            heading("Text encoders", "benchmarks.encoders", entry["conditions"]),
            f"- one core, by the process's own clock; load average {entry['load_average']:.1f} when it began",
            f"- {texts['number']:,} texts of {texts['words_each']:.1f} words each; median (range) of {ROUNDS} rounds",
            "",
            table(rows),
            "",
            "STS-B dev: Spearman's rho x 100, with 95 % intervals, and the difference from the plain mean by pairs.",
            f"recall@10: {NUM_QUERIES:,} first sentences find the rests of their paragraphs among {NUM_DOCUMENTS:,}.",
            "",
            f"a was chosen on the training part alone, and is {entry['a']:g}:",
            "",
            table(constants),
            "",
        ]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="a model folder, with counts")
    parser.add_argument("--train", type=Path, required=True, help="STS-B's training part, to choose a on")
    parser.add_argument("--dev", type=Path, required=True, help="STS-B's development part")
    parser.add_argument("--raw", type=Path, required=True, help="text with a paragraph per line, gzipped")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser


if __name__ == "__main__":
    main()
