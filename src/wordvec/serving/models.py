"""Models that are served: loaded and mapped, made ready in the background, and replaced by newer ones while serving.

A request takes the `Models` of the moment once and answers from it alone: a reload puts a new one in its place.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from wordvec.errors import ConfigError
from wordvec.formats.detect import detect
from wordvec.formats.load import load, located
from wordvec.serving.problems import Problem
from wordvec.storage.format_table import FORMATS, VECTORS
from wordvec.text import name_list
from wordvec.vectors.prepared_search import PreparedSearch
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.completion import PrefixIndex, SpellingIndex

__all__ = ["Models", "ServedModel", "load_models", "names_of"]

Result = TypeVar("Result")


class _Stamp(NamedTuple):
    """What says whether a file is still the one that was read."""

    device: int
    inode: int
    size: int
    changed_ns: int

    @classmethod
    def of(cls, file: Path) -> _Stamp | None:
        """The stamp of a file; None if it is not there."""
        try:
            status = file.stat()
        except OSError:
            return None
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _stamps_of(path: Path) -> dict[str, _Stamp | None]:
    """The stamps of a file, or of all files in a folder."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError:
        files = [path]
    return {file.name: _Stamp.of(file) for file in files}


class ServedModel:
    """A model with its name, and what answers need beside its vectors, made in the background.

    Args:
        name: what requests call it.
        path: where it was loaded from.
        vectors: the model.
        stamps: of its files when they were read.
        mapped: the file that is mapped, or None if the vectors are in memory.
    """

    def __init__(
        self,
        name: str,
        path: str,
        vectors: WordVectors,
        stamps: Mapping[str, _Stamp | None] | None = None,
        mapped: Path | None = None,
    ):
        self.name, self.path, self.vectors = name, path, vectors
        self.stamps = dict(stamps or {})
        self._file = mapped
        self._stamp = None if mapped is None else self.stamps.get(mapped.name)
        self.making_search: Future[PreparedSearch] = Future()
        self._prefixes: Future[PrefixIndex] = Future()
        self._spellings: Future[SpellingIndex] = Future()
        about = (path, len(vectors), vectors.dim, self.stamps, vectors.words[:100], vectors.rows[0].tobytes())
        self.fingerprint = hashlib.blake2b(repr(about).encode("utf-8", "replace"), digest_size=8).hexdigest()

    def prepare(self) -> None:
        """Make what searches and completion need, most urgent first; whoever asks meanwhile waits for it."""
        words = self.vectors.words
        _make(self.making_search, lambda: PreparedSearch(self.vectors))
        _make(self._prefixes, lambda: PrefixIndex(words))
        _make(self._spellings, lambda: SpellingIndex(words))

    def answer_not_ready(self) -> None:
        """Answer at once that this is not ready, as another process makes what is needed."""
        problem = Problem(
            503,
            "not_ready",
            "the model is being made ready; ask again in a second",
            headers={"Retry-After": "1"},
        )
        for future in (self.making_search, self._prefixes, self._spellings):
            future.set_exception(problem)

    def check_prepared(self) -> None:
        """Raise what went wrong in `prepare`, if something did."""
        for future in (self.making_search, self._prefixes, self._spellings):
            future.result()

    @property
    def is_ready(self) -> bool:
        """Whether nothing has to be waited for."""
        return all(
            future.done() and future.exception() is None
            for future in (self.making_search, self._prefixes, self._spellings)
        )

    @property
    def search(self) -> PreparedSearch:
        """What finds neighbors; waits until it is made."""
        return self.making_search.result()

    @property
    def prefixes(self) -> PrefixIndex:
        """What completes words; waits until it is made."""
        return self._prefixes.result()

    @property
    def spellings(self) -> SpellingIndex:
        """What finds near spellings; waits until it is made."""
        return self._spellings.result()

    def check_unchanged(self) -> None:
        """Check that nobody has written into the mapped file: its numbers would be wrong, or half of them.

        A file or folder that was replaced as a whole, as wordvec's own saves do, is still there for us.

        Raises:
            Problem: 503, as the file was changed in place.
        """
        if self._file is None or self._stamp is None:
            return
        now = _Stamp.of(self._file)
        if (
            now is None
            or now == self._stamp
            or (now.device, now.inode) != (self._stamp.device, self._stamp.inode)
        ):
            return
        raise Problem(
            503,
            "model_changed",
            f"the file of model {self.name!r} was overwritten while it was served, so its vectors may be wrong; "
            "save to a new file and rename it, then reload (SIGHUP) or restart the server",
        )


def _make(future: Future[Result], function: Callable[[], Result]) -> None:
    """Call a function, for all who wait for what it returns, or raises."""
    try:
        future.set_result(function())
    except BaseException as problem:
        future.set_exception(problem)


class Models(NamedTuple):
    """All models of a moment, by name; the first is the default."""

    by_name: Mapping[str, ServedModel]

    @property
    def default(self) -> ServedModel:
        """The model of requests that name none."""
        return next(iter(self.by_name.values()))

    @property
    def is_ready(self) -> bool:
        """Whether all can answer at once."""
        return all(model.is_ready for model in self.by_name.values())

    def named(self, name: str | None, parameter: str = "model") -> ServedModel:
        """A model by its name, or the default.

        Raises:
            Problem: 404, there is none of that name.
        """
        if name is None:
            return self.default
        found = self.by_name.get(name)
        if found is None:
            names = name_list(list(self.by_name))
            raise Problem(
                404,
                "unknown_model",
                f"no model is called {name!r}; this server has {names}",
                parameter=parameter,
                got=name,
                allowed=names,
            )
        return found


def load_models(paths: Sequence[str], limit: int | None = None) -> Models:
    """Load models, mapped where their format can be, a few at a time; `prepare` of each is still to be called.

    Args:
        paths: of models, at least one.
        limit: load only the N most frequent words of each.

    Raises:
        FormatError: a model cannot be read.
        ConfigError: there is none, or limit is not valid.
    """
    if not paths:
        raise ConfigError("name at least one model to serve, such as model.wv")
    return _loaded_all(paths, limit, {})


def reloaded(paths: Sequence[str], limit: int | None, before: Models) -> Models:
    """Load the models that have changed on disk; others, whose files have the same stamps, stay as they are.

    Raises:
        FormatError: a model cannot be read.
    """
    kept = {
        model.name: model
        for model in before.by_name.values()
        if model.stamps and model.stamps == _stamps_of(located(model.path))
    }
    return _loaded_all(paths, limit, kept)


def _loaded_all(paths: Sequence[str], limit: int | None, kept: Mapping[str, ServedModel]) -> Models:
    def one(pair: tuple[str, str]) -> ServedModel:
        return kept[pair[0]] if pair[0] in kept else _loaded(*pair, limit)

    with ThreadPoolExecutor(min(len(paths), 2)) as threads:
        loaded = list(threads.map(one, zip(names_of(paths), paths, strict=True)))
    return Models({model.name: model for model in loaded})


def names_of(paths: Sequence[str]) -> list[str]:
    """The names of models: those of their files without suffix; of equal ones, the second has -2 after it.

    >>> names_of(["old/news.wv", "new/news.wv", "hf://me/wiki"])
    ['news', 'news-2', 'wiki']
    """
    names: list[str] = []
    for path in paths:
        stem = Path(path.rstrip("/\\")).stem or "model"
        name, number = stem, 1
        while name in names:
            number += 1
            name = f"{stem}-{number}"
        names.append(name)
    return names


def _loaded(name: str, path: str, limit: int | None) -> ServedModel:
    """Load one model; again, if its file was replaced meanwhile."""
    while True:
        target = located(path)
        before = _stamps_of(target)
        is_mapped = os.path.lexists(target) and FORMATS[detect(target)].can_be_mapped
        try:
            vectors = load(target, limit=limit, mmap=is_mapped)
        except ConfigError:  # a model folder of lower precision, which becomes float32 when it is read
            if not is_mapped or (limit is not None and limit < 1):
                raise
            is_mapped, vectors = False, load(target, limit=limit)
        if before == _stamps_of(target):
            file = target / VECTORS if target.is_dir() else target
            return ServedModel(name, path, vectors, before, file if is_mapped else None)
