"""Maps that are served: read from a file, or drawn in the background when somebody asks for one, and kept."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any, Literal, NamedTuple

from wordvec.answers import map_answer
from wordvec.errors import FormatError, WordvecError
from wordvec.packages import imported
from wordvec.serving.jobs import Job, Report
from wordvec.serving.problems import Problem
from wordvec.storage.atomic import replacing_file
from wordvec.text import say
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.top_k import top_k
from wordvec.vectors.word_vectors import WordVectors
from wordvec.visualization.map_files import Atlas, read_atlas, write_atlas
from wordvec.visualization.projection import Method, check_method_installed, num_neighbors
from wordvec.visualization.word_map import WordMap, frequent_words, group_names, lay_out

__all__ = ["MapState", "Maps", "draw_map"]

SEED = 1
MAX_WORDS = 100_000  # as many as a browser moves smoothly
MIN_WORDS = 2
SHARE_OF_NEIGHBORS = 0.1  # of the work, about


class MapState(NamedTuple):
    """A map, or how far it is."""

    name: Literal["ready", "drawing", "none"]
    map: Atlas | None = None
    progress: float = 0.0  # in [0, 1]
    message: str = ""

    @property
    def answer(self) -> dict[str, Any]:
        """The state as plain data."""
        return map_answer(self.name, self.map, progress=self.progress, message=self.message)


class Maps:
    """The maps of all models, by a key that changes with the model; one is drawn at a time.

    Args:
        folder: where maps are kept, one for each key; see `cache_folder`. None keeps them in memory alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._lock = Lock()
        self._maps: dict[str, Atlas] = {}
        self._looked_for: set[str] = set()  # keys whose file was looked for
        self._job: Job[None] | None = None
        self._drawn_key = ""  # of the map that is drawn, or was the last one

    def load(self, key: str, file: Path) -> None:
        """Take a map from a file that `wordvec map` has written, as `.parquet`.

        Raises:
            FormatError: it is something else.
            OSError: it cannot be read.
        """
        self._maps[key] = read_atlas(file)

    def state(self, key: str) -> MapState:
        """The map of a model, or how far it is; while a new one is being drawn, the old one is not shown."""
        job = self._job
        if job is not None and self._drawn_key == key:
            if job.state.name == "running":
                percent = f"{job.state.progress:.0%}"
                return MapState(
                    "drawing", None, job.state.progress, f"the map is being drawn, {percent} are done"
                )
            if job.state.name == "failed":
                return MapState("none", message=f"the map could not be drawn: {job.state.message}")
        found = self._kept(key)
        return MapState("none") if found is None else MapState("ready", found)

    def begin(
        self, key: str, vectors: WordVectors, *, words: int = 20_000, method: Method = "tsne"
    ) -> MapState:
        """Begin to draw the map of a model; one that is being drawn already goes on.

        Raises:
            Problem: 503, another model's map is being drawn; 400, there are too few or too many words.
            MissingPackageError: a package is not installed.
        """
        if not MIN_WORDS <= words <= MAX_WORDS:
            raise Problem(
                400,
                "misused",
                f"a map shows {MIN_WORDS} to {MAX_WORDS:,} words, got {words:,}",
                parameter="words",
                got=words,
                allowed=f"{MIN_WORDS} to {MAX_WORDS}",
            )
        if len(vectors) < MIN_WORDS:
            raise Problem(400, "misused", "a map needs at least two words, and this model has one")
        imported("sklearn", "a map")
        check_method_installed(method)
        with self._lock:
            if self._job is not None and self._job.state.name == "running":
                if self._drawn_key == key:
                    return self.state(key)
                raise Problem(
                    503,
                    "busy",
                    "the map of another model is being drawn; ask again when it is done",
                    headers={"Retry-After": "10"},
                )
            self._drawn_key = key
            self._job = Job("the map", lambda report: self._draw(key, vectors, words, method, report))
            self._job.start()
        return self.state(key)

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the map that is being drawn is done, or for some time."""
        if self._job is not None:
            self._job.wait(seconds)

    def close(self) -> None:
        """End what is going on."""
        if self._job is not None:
            self._job.stop()

    def _draw(self, key: str, vectors: WordVectors, words: int, method: Method, report: Report) -> None:
        found, drawn = draw_map(vectors, words, method, report)
        self._maps[key] = found
        if self._folder is None:
            return
        path = self._file(self._folder, key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with replacing_file(path) as file:
                write_atlas(drawn, file, method)
        except (OSError, WordvecError) as problem:
            say(f"warning: the map is not kept: {problem}")

    def _kept(self, key: str) -> Atlas | None:
        """The map in memory, or from its file, which is looked for once."""
        if key not in self._maps and key not in self._looked_for and self._folder is not None:
            self._looked_for.add(key)
            try:
                self._maps[key] = read_atlas(self._file(self._folder, key))
            except FileNotFoundError:
                pass
            except (OSError, FormatError) as problem:
                say(f"warning: the map that was kept cannot be read: {problem}")
        return self._maps.get(key)

    @staticmethod
    def _file(folder: Path, key: str) -> Path:
        return folder / f"map-{key}.parquet"


def draw_map(vectors: WordVectors, num_words: int, method: Method, report: Report) -> tuple[Atlas, WordMap]:
    """Draw the map of the most frequent words: what is shown, and what is kept.

    Raises:
        MissingPackageError: a package is not installed.
    """
    words = list(frequent_words(vectors.words, vectors.counts, num_words))
    unit_vectors = unit_rows(vectors.lookup(words))
    itself = [[row] for row in range(len(words))]
    near = top_k(unit_vectors, unit_vectors, num_neighbors(len(words)), exclude=itself)
    report(SHARE_OF_NEIGHBORS)
    drawn = lay_out(
        words,
        unit_vectors,
        near.ids,
        near.scores,
        method=method,
        seed=SEED,
        on_progress=lambda share: report(SHARE_OF_NEIGHBORS + (1 - SHARE_OF_NEIGHBORS) * share),
    )
    return Atlas(words, drawn.points, drawn.groups, group_names(words, drawn.groups), method), drawn
