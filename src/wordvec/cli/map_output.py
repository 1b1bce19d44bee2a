"""What the verb `map` draws: the words on a map, and the picture, page or files it is written to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wordvec.cli.output import say
from wordvec.cli.saving import after_saving
from wordvec.errors import MissingPackageError

if TYPE_CHECKING:
    from wordvec.recipes.recipe import Recipe
    from wordvec.vectors.word_vectors import WordVectors
    from wordvec.visualization.output_kinds import MapFormat, PictureFormat
    from wordvec.visualization.projection import Method
    from wordvec.visualization.word_map import WordMap

__all__ = [
    "Drawing",
    "check_map_beside",
    "check_packages",
    "chosen_words",
    "draw_map_beside",
    "save_map",
    "title_of",
]

NEIGHBORS_SHOWN = 10
METHOD_NAMES = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
CAPTIONS = {
    "tsne": "t-SNE: near words are alike, far apart says little.",
    "umap": "UMAP: near words are alike, far apart says little.",
    "pca": "PCA: the two directions in which the vectors differ most.",
}
COLORS = "Colors: groups of alike vectors (k-means)."


def chosen_words(
    vectors: WordVectors, num_words: int, near: Sequence[str], only: Sequence[str], listed: Sequence[str]
) -> list[str]:
    """Choose the words to draw, each once, the most important ones first; those listed are among them.

    Raises:
        UnknownWordError: a word that was asked for by name is not in the model.
    """
    chosen = list(dict.fromkeys([*_ranked(vectors, num_words, near, only), *listed]))
    vectors.ids(chosen)
    return chosen


def _ranked(vectors: WordVectors, num_words: int, near: Sequence[str], only: Sequence[str]) -> Sequence[str]:
    if only:
        return only
    if near:
        ranked = [[word, *(found.word for found in vectors.most_similar(word, k=num_words))] for word in near]
        in_turn = (word for word in chain.from_iterable(zip_longest(*ranked)) if word is not None)
        return list(dict.fromkeys(in_turn))[: max(num_words, len(near))]
    if vectors.counts is None:
        return vectors.words[:num_words]  # by convention, most frequent first
    most_frequent = (-vectors.counts).argsort(kind="stable")[:num_words]
    return [vectors.words[row] for row in most_frequent]


def title_of(model: str, num_words: int, near: Sequence[str], only: Sequence[str]) -> str:
    """Say in one line what a map shows.

    >>> title_of("model.wv", 400, near=["chip"], only=[])
    'The words of model.wv nearest to chip'
    """
    if only:
        return f"{num_words:,} words of {model}"
    if near:
        return f"The words of {model} nearest to {', '.join(near)}"
    return f"The {num_words:,} most frequent words of {model}"


def check_map_beside(output: Path, recipe: Recipe) -> None:
    """Check, before the training, that a map can be written beside the model.

    Raises:
        FormatError: something else is in its place, or nothing can be written there.
    """
    from wordvec.formats.save import check_writable
    from wordvec.visualization.output_kinds import check_map_target

    if recipe.map_words:
        check_map_target(_map_of(output))
        check_writable(_map_of(output))


def draw_map_beside(output: Path, recipe: Recipe) -> None:
    """Draw the t-SNE picture that the published system ends with, if it has one; a failure is a warning."""
    from wordvec.cli.map import map_words

    if not recipe.map_words:
        return
    with after_saving(output):
        try:
            map_words(str(output), output=_map_of(output), words=recipe.map_words)
        except MissingPackageError as missing:
            say(f"no picture of the words: {missing}")


def _map_of(output: Path) -> Path:
    """The place of the map beside a model.

    >>> _map_of(Path("models/ptb.wv")).name
    'ptb.wv.png'
    """
    return output.with_name(output.name + ".png")


class Drawing(NamedTuple):
    """How a map looks."""

    title: str
    method: Method
    seed: int
    labels: Sequence[str]  # words that always have their label on a page
    label_size: int  # of a picture's letters, in typographic points

    @property
    def caption(self) -> str:
        """What a reader should know about the method."""
        return f"{CAPTIONS[self.method]} {COLORS}"


def check_packages(kind: MapFormat, method: Method) -> None:
    """Check that the packages of a map are installed, before a large model is read in vain.

    Raises:
        MissingPackageError: one is not; the message says how to install it.
    """
    from wordvec.packages import imported
    from wordvec.visualization.projection import check_method_installed

    if kind == "projector":
        return
    imported("sklearn", "a map")
    if kind in ("png", "svg", "pdf"):
        imported("matplotlib", "a map")
    check_method_installed(method)


def save_map(
    vectors: WordVectors, words: Sequence[str], drawing: Drawing, output: Path, kind: MapFormat
) -> None:
    """Write a map of words."""
    if kind == "projector":
        _save_projector(vectors, words, output)
        return
    say(f"{METHOD_NAMES[drawing.method]} of {len(words):,} words ...")
    word_map = _word_map(vectors, words, drawing)
    if kind == "html":
        _save_page(word_map, drawing, output)
    elif kind == "parquet":
        _save_atlas(word_map, output)
    else:
        _save_picture(word_map, drawing, output, kind)


def _word_map(vectors: WordVectors, words: Sequence[str], drawing: Drawing) -> WordMap:
    from wordvec.vectors.top_k import top_k
    from wordvec.visualization.projection import num_neighbors, project
    from wordvec.visualization.word_map import WordMap, group

    rows = vectors.ids(words)
    unit_vectors = vectors.unit_matrix[rows]
    itself = [[row] for row in range(len(words))]
    near = top_k(unit_vectors, unit_vectors, num_neighbors(len(words)), exclude=itself)
    return WordMap(
        words=words,
        points=project(unit_vectors, near.ids, near.scores, drawing.method, drawing.seed),
        groups=group(unit_vectors, drawing.seed),
        neighbors=near.ids[:, :NEIGHBORS_SHOWN],
        cosines=near.scores[:, :NEIGHBORS_SHOWN],
        counts=None if vectors.counts is None else vectors.counts[rows],
    )


def _save_picture(word_map: WordMap, drawing: Drawing, output: Path, file_format: PictureFormat) -> None:
    from wordvec.storage.atomic import replacing_file
    from wordvec.visualization.map_picture import draw_map
    from wordvec.visualization.projection import evened

    num_words = len(word_map.words)
    with replacing_file(output) as file:
        num_labels = draw_map(
            evened(word_map.points, drawing.method),
            word_map.words,
            file,
            file_format=file_format,
            title=drawing.title,
            caption=drawing.caption,
            groups=word_map.groups,
            label_size=drawing.label_size,
        )
    num_dots = num_words - num_labels
    unlabeled = f", {num_dots:,} of them as dots for want of room" if num_dots else ""
    say(f"saved {output}: {num_words:,} words{unlabeled}")


def _save_page(word_map: WordMap, drawing: Drawing, output: Path) -> None:
    from wordvec.storage.atomic import replacing_file
    from wordvec.visualization.map_page import write_map_page

    with replacing_file(output) as file:
        write_map_page(
            word_map, file, title=drawing.title, caption=CAPTIONS[drawing.method], labels=drawing.labels
        )
    say(f"saved {output}: {len(word_map.words):,} words; open it in a browser")


def _save_atlas(word_map: WordMap, output: Path) -> None:
    from wordvec.storage.atomic import replacing_file
    from wordvec.visualization.map_files import write_atlas

    with replacing_file(output) as file:
        write_atlas(word_map, file)
    say(
        f"saved {output}: {len(word_map.words):,} words; show it with: "
        f"embedding-atlas {output} --text text --x x --y y --neighbors neighbors"
    )


def _save_projector(vectors: WordVectors, words: Sequence[str], output: Path) -> None:
    from wordvec.storage.atomic import replacing_folder
    from wordvec.storage.format_table import PROJECTOR
    from wordvec.visualization.map_files import METADATA, TENSORS, write_projector

    rows = vectors.ids(words)
    with replacing_folder(output, PROJECTOR) as folder:
        counts = None if vectors.counts is None else vectors.counts[rows]
        write_projector(words, vectors.matrix[rows], folder, counts=counts)
    say(
        f"saved {output}: {len(words):,} words; show it with: tensorboard --logdir {output}, at "
        f"http://localhost:6006/#projector; or load {TENSORS} and {METADATA} at https://projector.tensorflow.org"
    )
