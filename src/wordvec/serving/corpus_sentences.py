"""Sentences that are served: the index of a corpus, built in the background, kept, and rebuilt when a file changes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wordvec.corpus.byte_stream import STANDARD_INPUT, is_url
from wordvec.corpus.sources import FileSource, parse_source
from wordvec.corpus.tokenizers import TOKENIZERS, tokenized
from wordvec.errors import ConfigError, FormatError, ResourceError
from wordvec.serving.jobs import Job, JobState, Report
from wordvec.serving.problems import Problem
from wordvec.serving.sentence_index import FoundSentences, SentenceIndex, build_index
from wordvec.text import say, size
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["Sentences", "cache_folder", "tokenizer_of"]

VERSION = 1  # of the index: another one is built anew
DEFAULT_TOKENIZER = "words"
COMPARED_WORDS = 10_000
PRIVATE = 0o700  # the cache has texts of its owner


class Sentences:
    """The sentences of a corpus.

    The index is in the user's cache (XDG_CACHE_HOME, or ~/.cache), under a name made of the files' paths and the
    tokenizer. It has a copy of the text, so that answers stay right while a file changes; a changed file is noticed at
    `begin`, and its sentences are those of before until the new index is complete.

    Args:
        files: text files, folders or patterns, as `wordvec train` takes them; compressed ones, too.
        tokenizer: a built-in one by name.
        column: of tables, that is the text.
        folder: where the index is kept; None for the user's cache.

    Raises:
        ConfigError: a file can be read only once, or there is no such tokenizer.
        CorpusError: a file does not exist.
    """

    def __init__(
        self,
        files: Sequence[str],
        *,
        tokenizer: str = DEFAULT_TOKENIZER,
        column: str | None = None,
        folder: Path | None = None,
    ) -> None:
        if STANDARD_INPUT in files:
            raise ConfigError(
                "--corpus takes files, got -: standard input can be read only once; name a file"
            )
        if tokenizer not in TOKENIZERS:
            raise ConfigError(f"tokenizer must be {', '.join(map(repr, TOKENIZERS))}, got {tokenizer!r}")
        self._given, self._tokenizer, self._column = tuple(files), tokenizer, column
        self._source().files  # noqa: B018  (so that a file that is missing is reported at once)
        about = json.dumps([VERSION, tokenizer, column, *map(_lasting, self._given)])
        name = hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        self.path = (folder or cache_folder()) / f"sentences-{name}.index"
        self._index: SentenceIndex | None = None
        self._job: Job[None] = Job("the index of sentences", self._make)

    @property
    def state(self) -> JobState:
        """How far the index is; `done` once there is one that answers."""
        state = self._job.state
        return JobState("done", 1.0) if self._index is not None else state

    def begin(self) -> None:
        """Open the index in the background, or build it where there is none or the text has changed."""
        self._job.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it is there, or for some time."""
        self._job.wait(seconds)

    def renew(self) -> bool:
        """Look whether the text has changed, wait until its index is there, and say whether it is another one."""
        before = self._index
        self.begin()
        self.wait()
        return self._index is not before

    def close(self) -> None:
        """End what is going on."""
        self._job.stop()

    def find(self, word: str, other: str | None = None, k: int = 10, offset: int = 0) -> FoundSentences:
        """Find sentences with a word, or with two; see `SentenceIndex.find`.

        Raises:
            Problem: 503, the index is not there yet, or could not be built; the message says why.
        """
        index, state = self._index, self._job.state
        if index is not None:
            return index.find(word, other, k=k, offset=offset)
        if state.name == "failed":
            raise Problem(503, "no_sentences", f"the index of sentences could not be built: {state.message}")
        raise Problem(
            503,
            "not_ready",
            f"the index of sentences is being built, {state.progress:.0%} are done; ask again in a few seconds",
            headers={"Retry-After": "3"},
        )

    def _source(self) -> FileSource:
        source = parse_source(list(self._given), column=self._column)
        if not isinstance(source, FileSource):
            raise ConfigError(f"--corpus takes files, got {type(source).__name__}")
        return source

    def _make(self, report: Report) -> None:
        source = self._source()
        facts = {"version": VERSION, "files": _states(source)}
        if self._index is not None and self._index.facts == facts:
            return
        index = _opened(self.path, facts)
        if index is None:
            _make_private(self.path.parent)
            say(f"indexing the sentences of {source.description} ...")
            build_index(source, self._tokenizer, self.path, facts, report)
            index = _opened(self.path, facts)
            if index is None:
                raise ResourceError(f"{self.path} was written by another process meanwhile; start again")
            say(f"indexed {size(index.text_bytes)} of text in {self.path} ({size(index.size_bytes)})")
        self._index = index


def tokenizer_of(vectors: WordVectors) -> str:
    """The built-in tokenizer of a model's training, if it is known; or "words", if that finds its words as well.

    "words" finds them in texts with capitals and punctuation, too. The most frequent words decide.

    >>> tokenizer_of(WordVectors(["Oak,", "elm"], [[1.0], [2.0]], config={"tokenizer": "whitespace"}))
    'whitespace'
    >>> tokenizer_of(WordVectors(["oak", "new_york"], [[1.0], [2.0]], config={"tokenizer": "whitespace"}))
    'words'
    """
    named = (vectors.config or {}).get("tokenizer")
    if named not in TOKENIZERS:
        return DEFAULT_TOKENIZER
    delimiter = "_" if vectors.phrases is None else vectors.phrases.settings.delimiter
    words = vectors.words[:COMPARED_WORDS]
    is_found = [
        delimiter.join(tokens) == word for tokens, word in zip(tokenized(words, "words"), words, strict=True)
    ]
    return DEFAULT_TOKENIZER if all(is_found) else str(named)


def cache_folder() -> Path:
    """Where indexes and maps are kept: the user's cache (XDG_CACHE_HOME, or ~/.cache).

    Raises:
        ResourceError: the user has no home.
    """
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        return (Path(named) if named else Path.home() / ".cache") / "wordvec"
    except RuntimeError as problem:
        raise ResourceError("there is no home for a cache; set XDG_CACHE_HOME to a folder") from problem


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except OSError as problem:
        raise ResourceError(
            f"{folder} cannot be made: {problem.strerror}; set XDG_CACHE_HOME to a folder that can be written"
        ) from problem


def _opened(path: Path, facts: dict[str, Any]) -> SentenceIndex | None:
    """The index at a path, if it is of these files as they are now."""
    try:
        index = SentenceIndex(path)
    except (FormatError, OSError):
        return None
    return index if index.facts == facts else None


def _states(source: FileSource) -> list[list[Any]]:
    """What changes when somebody writes to a file: of each its name, its size and when it was modified."""
    states: list[list[Any]] = []
    for file, num_bytes in zip(source.files, source.file_sizes, strict=True):
        changed = None if is_url(file) else os.stat(file).st_mtime_ns  # noqa: PTH116
        states.append([_lasting(file), num_bytes, changed])
    return states


def _lasting(file: str) -> str:
    return file if is_url(file) else os.path.realpath(file)
