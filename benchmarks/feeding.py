"""Feeding: words a second and memory of reading the same texts as lines, as tables, and from memory.

    python -m benchmarks.feeding enwiki100m.az.txt.gz --copies 10 --rounds 1 --only texts.jsonl texts.csv texts.parquet
    python -m benchmarks.feeding enwiki100m.az.txt.gz --write benchmarks/results

Reading is all that comes before training: the texts are read, tokenized, counted and written as word ids. The kinds
take turns, each in a process of its own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from benchmarks.machine import describe_machine, describe_source, describe_versions, file_digest
from benchmarks.measure import measure
from benchmarks.page import circumstances, table

WORDS_PER_TEXT = 100
TEXTS_AT_A_TIME = 50_000
FILES = ("texts.txt", "texts.txt.gz", "texts.parquet", "texts.csv", "texts.jsonl", "texts.jsonl.gz")
IN_MEMORY = ("pyarrow Table", "pandas DataFrame", "Hugging Face Dataset", "lists of words")


def main() -> None:
    """Write the texts in each format; read each so often, in turn; write figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.feeding", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--threads", type=int, default=describe_machine()["cores"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--job", nargs=2, metavar=("KIND", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        print(json.dumps(_job(options.job[0], Path(options.job[1]), options.threads)))
        return
    kinds = options.only or [*FILES, *IN_MEMORY]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_files(options.corpus, options.copies, folder, [kind for kind in kinds if kind in FILES])
        if set(kinds) & set(IN_MEMORY) and "texts.parquet" not in kinds:
            _write_files(options.corpus, options.copies, folder, ["texts.parquet"])
        sizes = {file.name: file.stat().st_size for file in folder.iterdir()}
        runs: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
        for round_number in range(options.rounds):
            for kind in (
                kinds if round_number % 2 == 0 else reversed(kinds)
            ):  # whichever slows down, slows all
                log = folder / "log"
                command = [sys.executable, "-m", "benchmarks.feeding", str(options.corpus)]
                command += ["--threads", str(options.threads), "--job", kind, str(folder)]
                measured = measure(command, log)
                found = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
                runs[kind].append(found | measured._asdict())
                print(kind, runs[kind][-1], file=sys.stderr)
    result = {
        "machine": describe_machine(),
        "versions": describe_versions("datasets", "pandas"),
        "source": describe_source(),
        "corpus": {
            "name": options.corpus.name,
            "copies": options.copies,
            "sha256": file_digest(options.corpus),
            "words_per_text": WORDS_PER_TEXT,
        },
        "threads": options.threads,
        "rounds": options.rounds,
        "file_bytes": sizes,
        "runs": runs,
    }
    page = _page(result)
    if options.write:
        stem = "feeding" if options.copies == 1 else f"feeding-{options.copies}-copies"
        (options.write / f"{stem}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        (options.write / f"{stem}.md").write_text(page, encoding="utf-8")
    print(page)


def _job(kind: str, folder: Path, threads: int) -> dict[str, Any]:
    from wordvec.corpus.sources import parse_source
    from wordvec.vocabulary.encoding import encode_corpus

    column = None if kind.startswith("texts.txt") or kind == "lists of words" else "text"
    source = parse_source(_source(kind, folder), column)
    with tempfile.TemporaryDirectory() as encoded:
        began, cpu_began = time.perf_counter(), time.process_time()
        vocabulary, corpus = encode_corpus(source, folder=Path(encoded), threads=threads)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    return {
        "seconds": seconds,
        "reading_cpu_seconds": cpu_seconds,
        "words": corpus.num_words,
        "texts": corpus.num_texts,
        "vocabulary": len(vocabulary),
    }


def _source(kind: str, folder: Path) -> Any:
    if kind in FILES:
        return folder / kind
    table = pq.read_table(folder / "texts.parquet")
    if kind == "pyarrow Table":
        return table
    if kind == "pandas DataFrame":
        return table.to_pandas()
    if kind == "Hugging Face Dataset":
        import datasets

        return datasets.Dataset(table)
    return [text.split() for text in table["text"].to_pylist()]


def _texts(corpus: Path, copies: int) -> Iterator[pa.Table]:
    """The corpus, cut after each so many words."""
    for _ in range(copies):
        with gzip.open(corpus, "rt", encoding="utf-8") as file:
            words = file.read().split()
        starts = range(0, len(words), WORDS_PER_TEXT)
        for first in range(0, len(starts), TEXTS_AT_A_TIME):
            some = starts[first : first + TEXTS_AT_A_TIME]
            texts = [" ".join(words[start : start + WORDS_PER_TEXT]) for start in some]
            yield pa.table({"id": pa.array(range(first, first + len(texts))), "text": texts})


def _write_files(corpus: Path, copies: int, folder: Path, kinds: list[str]) -> None:
    for kind in kinds:
        _WRITERS[kind.removesuffix(".gz")](folder / kind, _texts(corpus, copies))


def _write_parquet(path: Path, tables: Iterator[pa.Table]) -> None:
    with pq.ParquetWriter(path, pa.schema({"id": pa.int64(), "text": pa.string()})) as writer:
        for table in tables:
            writer.write_table(table)


def _write_csv(path: Path, tables: Iterator[pa.Table]) -> None:
    with pyarrow.csv.CSVWriter(path, pa.schema({"id": pa.int64(), "text": pa.string()})) as writer:
        for table in tables:
            writer.write_table(table)


def _write_lines(path: Path, tables: Iterator[pa.Table], line: Callable[[dict[str, Any]], str]) -> None:
    opened = gzip.open(path, "wt", 6) if path.suffix == ".gz" else path.open("w", encoding="utf-8")  # noqa: SIM115
    with opened as file:
        for table in tables:
            file.writelines(line(row) + "\n" for row in table.to_pylist())


_WRITERS: dict[str, Callable[[Path, Iterator[pa.Table]], None]] = {
    "texts.txt": lambda path, tables: _write_lines(path, tables, lambda row: str(row["text"])),
    "texts.jsonl": lambda path, tables: _write_lines(path, tables, json.dumps),
    "texts.csv": _write_csv,
    "texts.parquet": _write_parquet,
}


def _page(result: dict[str, Any]) -> str:
    corpus, copies = result["corpus"], result["corpus"]["copies"]
    title = f"# Reading {corpus['name']}" + (f", {copies} times" if copies > 1 else "")
    digest = f"- sha256 of the corpus {corpus['sha256'][:12]}; {WORDS_PER_TEXT} words a text"
    threads = f"- {result['threads']} threads; {result['rounds']} rounds"
    head = [title, "", "Written by `python -m benchmarks.feeding`; do not edit.", ""]
    rows = [["median (range)", "MB on disk", "million words/s", "CPU seconds", "peak memory, MB"]]
    for kind, runs in result["runs"].items():
        size = result["file_bytes"].get(kind)
        rows.append(
            [
                kind,
                f"{size / 1e6:,.0f}" if size else "in memory",
                _spread([run["words"] / run["seconds"] / 1e6 for run in runs]),
                _spread([run["reading_cpu_seconds"] for run in runs]),
                f"{statistics.median(run['peak_memory_bytes'] for run in runs) / 1e6:,.0f}",
            ]
        )
    foot = (
        "Words: those in the vocabulary. Words/s and CPU seconds are of reading alone: the texts are read, tokenized, "
        "counted, and written as word ids. Peak memory is that of the whole process, with the data, where they are in "
        "memory."
    )
    return "\n".join([*head, *circumstances(result), digest, threads, "", table(rows), "", foot, ""])


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
