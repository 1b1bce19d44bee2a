"""`wordvec map`: words on a plane, similar ones near each other: a picture, a page to search, files for other tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from cyclopts import App, Parameter
from cyclopts.validators import Number

from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import query_words, read_words, say
from wordvec.cli.saving import after_saving
from wordvec.errors import ConfigError, MissingPackageError

if TYPE_CHECKING:  # not needed for --help
    import numpy as np
    from numpy.typing import NDArray

    from wordvec.recipes.recipe import Recipe
    from wordvec.vectors.word_vectors import WordVectors
    from wordvec.visualization.output_kinds import MapFormat, PictureFormat
    from wordvec.visualization.projection import Method
    from wordvec.visualization.word_map import WordMap

__all__ = ["app", "check_map_beside", "draw_map_beside"]

WORDS = {"png": 400, "svg": 400, "pdf": 400, "html": 20_000, "parquet": 20_000, "projector": 20_000}
MAX_PICTURE_WORDS = 5_000  # more cannot be read, even on a wall
MAX_WORDS = 100_000  # as many as a browser moves smoothly
LABEL_SIZE = 9
SEED = 1
METHOD_NAMES = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
CAPTIONS = {
    "tsne": "t-SNE: near words are alike, far apart says little.",
    "umap": "UMAP: near words are alike, far apart says little.",
    "pca": "PCA: the two directions in which the vectors differ most.",
}
COLORS = "Colors: groups of alike vectors (k-means)."
Words = Annotated[list[str] | None, Parameter(consume_multiple=1, negative=())]

app = App(
    name="map",
    help_epilogue="""Examples:
  wordvec map model.wv --output map.html --words 10000 --label chip ocean
  wordvec map model.wv --near chip ocean --words 80 --output near.svg""",
)


@app.default
@unfolded
def map_words(
    model: str,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("map.png"),
    method: Literal["tsne", "umap", "pca"] | None = None,
    words: Annotated[int | None, Parameter(validator=Number(gte=2, lte=MAX_WORDS))] = None,
    near: Words = None,
    only: Words = None,
    label: Words = None,
    label_file: Path | None = None,
    label_size: Annotated[int | None, Parameter(validator=Number(gte=1, lte=72))] = None,
    seed: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    limit: int | None = None,
    decoding: DecodingFlags = STRICT,
) -> None:
    """Lay words out on a plane, similar words near each other, and save the map.

    Args:
        model: model folder, or a file of vectors in a known format
        output: picture (.png, .svg, .pdf), page (.html), embedding-atlas (.parquet), TensorFlow projector (.projector)
        method: tsne (the default) keeps neighbors together, as does umap; pca keeps the large shape
        words: number of words, the most frequent ones unless --near (default: 400 in pictures and with --near, else
            20,000)
        near: draw these words and those nearest to them
        only: draw these words and no others
        label: words that the page always shows with their label
        label_file: file of such words, one a line
        label_size: font size of a picture's labels, in points (default: 9)
        seed: start of the random draws of t-SNE, of UMAP and of the colors (default: 1)
        limit: load only the N most frequent words; all others are unknown
        decoding: encoding of the words in files of word2vec and GloVe
    """
    from wordvec.formats.load import load
    from wordvec.formats.save import check_writable
    from wordvec.visualization.output_kinds import check_map_target, map_format

    kind = map_format(output)
    if only and (near or words):
        raise ConfigError(f"--only draws its own words: leave out --{'near' if near else 'words'} or --only")
    given = {
        "method": method,
        "seed": seed,
        "label": label,
        "label-file": label_file,
        "label-size": label_size,
    }
    _check_flags(kind, [flag for flag, value in given.items() if value is not None], words)
    check_map_target(output)
    check_writable(output)
    _check_packages(kind, method or "tsne")
    labels = [*(label or []), *(read_words(label_file) if label_file else [])]
    vectors = load(model, limit=limit, **asdict(decoding))
    near, only, labels = (
        [query_words(vectors, [word])[0] for word in one or []] for one in (near, only, labels)
    )
    num_words = words or WORDS["png" if near else kind]
    chosen = _chosen_words(vectors, num_words, near, only, labels)
    if len(chosen) < 2:
        raise ConfigError(f"a map needs at least two words, got only {chosen[0]!r}")
    drawing = _Drawing(
        title=_title_of(Path(model).name, min(num_words, len(chosen)), near, only),
        method=method or "tsne",
        seed=SEED if seed is None else seed,
        labels=labels,
        label_size=label_size or LABEL_SIZE,
    )
    _save_map(vectors, chosen, drawing, output, kind)


def _check_flags(kind: MapFormat, given: list[str], words: int | None) -> None:
    """Check that this kind of map can honor the flags."""
    is_picture = kind in ("png", "svg", "pdf")
    meant_for = {
        "method": (kind != "projector", "every map but the projector's, which lays words out itself"),
        "seed": (kind != "projector", "every map but the projector's, which lays words out itself"),
        "label": (kind == "html", "a page (.html)"),
        "label-file": (kind == "html", "a page (.html)"),
        "label-size": (is_picture, "a picture (.png, .svg, .pdf)"),
    }
    for flag in given:
        can, where = meant_for[flag]
        if not can:
            raise ConfigError(f"--{flag} is for {where}: leave it out, or choose another ending than .{kind}")
    if is_picture and words is not None and words > MAX_PICTURE_WORDS:
        raise ConfigError(
            f"a picture shows at most {MAX_PICTURE_WORDS:,} words, as more cannot be read; got {words:,}: "
            "a page (--output map.html) takes 100,000"
        )


def _chosen_words(
    vectors: WordVectors, num_words: int, near: Sequence[str], only: Sequence[str], listed: Sequence[str]
) -> list[str]:
    """Choose the words to draw, each once, the most important ones first; those listed are among them.

    Raises:
        UnknownWordError: a word that was asked for by name has no vector.
    """
    chosen = list(dict.fromkeys([*_ranked(vectors, num_words, near, only), *listed]))
    vectors.lookup([word for word in chosen if word not in vectors])
    return chosen


def _ranked(vectors: WordVectors, num_words: int, near: Sequence[str], only: Sequence[str]) -> Sequence[str]:
    if only:
        return only
    if near:
        ranked = [[word, *(found.word for found in vectors.most_similar(word, k=num_words))] for word in near]
        in_turn = (word for word in chain.from_iterable(zip_longest(*ranked)) if word is not None)
        return list(dict.fromkeys(in_turn))[: max(num_words, len(near))]
    from wordvec.visualization.word_map import frequent_words

    return frequent_words(vectors.words, vectors.counts, num_words)


def _title_of(model: str, num_words: int, near: Sequence[str], only: Sequence[str]) -> str:
    """Say in one line what a map shows.

    >>> _title_of("model.wv", 400, near=["chip"], only=[])
    'The words of model.wv nearest to chip'
    """
    if only:
        return f"{num_words:,} words of {model}"
    if near:
        return f"The words of {model} nearest to {', '.join(near)}"
    return f"The {num_words:,} most frequent words of {model}"


class _Drawing(NamedTuple):
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


def _check_packages(kind: MapFormat, method: Method) -> None:
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


def _save_map(
    vectors: WordVectors, words: Sequence[str], drawing: _Drawing, output: Path, kind: MapFormat
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
        _save_atlas(word_map, output, drawing.method)
    else:
        _save_picture(word_map, drawing, output, kind)


def _word_map(vectors: WordVectors, words: Sequence[str], drawing: _Drawing) -> WordMap:
    from wordvec.vectors.directions import unit_rows
    from wordvec.vectors.top_k import top_k
    from wordvec.visualization.projection import num_neighbors
    from wordvec.visualization.word_map import lay_out

    unit_vectors = unit_rows(vectors.lookup(words))
    itself = [[row] for row in range(len(words))]
    near = top_k(unit_vectors, unit_vectors, num_neighbors(len(words)), exclude=itself)
    counts = _counts_of(vectors, words)
    return lay_out(
        words, unit_vectors, near.ids, near.scores, method=drawing.method, seed=drawing.seed, counts=counts
    )


def _counts_of(vectors: WordVectors, words: Sequence[str]) -> NDArray[np.int64] | None:
    """How often each word occurs in the corpus, (n,), if that is known; 0 for words that have no id."""
    import numpy as np

    if vectors.counts is None:
        return None
    ids = vectors.vocabulary.find_ids(words)
    return np.where(ids >= 0, vectors.counts[ids], 0)


def _save_picture(word_map: WordMap, drawing: _Drawing, output: Path, file_format: PictureFormat) -> None:
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


def _save_page(word_map: WordMap, drawing: _Drawing, output: Path) -> None:
    from wordvec.storage.atomic import replacing_file
    from wordvec.visualization.map_page import write_map_page

    with replacing_file(output) as file:
        write_map_page(
            word_map, file, title=drawing.title, caption=CAPTIONS[drawing.method], labels=drawing.labels
        )
    say(f"saved {output}: {len(word_map.words):,} words; open it in a browser")


def _save_atlas(word_map: WordMap, output: Path, method: Method) -> None:
    from wordvec.storage.atomic import replacing_file
    from wordvec.visualization.map_files import write_atlas

    with replacing_file(output) as file:
        write_atlas(word_map, file, method)
    say(
        f"saved {output}: {len(word_map.words):,} words; show it with: "
        f"embedding-atlas {output} --text text --x x --y y --neighbors neighbors"
    )


def _save_projector(vectors: WordVectors, words: Sequence[str], output: Path) -> None:
    from wordvec.storage.atomic import replacing_folder
    from wordvec.storage.format_table import PROJECTOR
    from wordvec.visualization.map_files import METADATA, TENSORS, write_projector

    with replacing_folder(output, PROJECTOR) as folder:
        write_projector(words, vectors.lookup(words), folder, counts=_counts_of(vectors, words))
    say(
        f"saved {output}: {len(words):,} words; show it with: tensorboard --logdir {output}, at "
        f"http://localhost:6006/#projector; or load {TENSORS} and {METADATA} at https://projector.tensorflow.org"
    )


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
