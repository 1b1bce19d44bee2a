"""`wordvec map`: a picture of words, where near means alike."""

from __future__ import annotations

from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from wordvec.cli.output import say
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

WORDS = 400
MOST_WORDS = 5_000  # more cannot be read, even on a wall
NAMES = {"tsne": "t-SNE", "pca": "PCA"}
CAPTIONS = {
    "tsne": "t-SNE: near words are alike, far apart says little. Colours: groups of alike vectors (k-means).",
    "pca": "PCA: the two directions in which the vectors differ most. Colours: groups of alike vectors (k-means).",
}

app = App(
    name="map",
    help_epilogue="""Examples:
  wordvec map model.wv --output map.png
  wordvec map model.wv --near chip ocean --words 80 --output near.svg""",
)


@app.default
def map_words(
    model: str,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("map.png"),
    method: Literal["tsne", "pca"] = "tsne",
    words: Annotated[int | None, Parameter(validator=Number(gte=2, lte=MOST_WORDS))] = None,
    near: Annotated[list[str] | None, Parameter(consume_multiple=1, negative=())] = None,
    only: Annotated[list[str] | None, Parameter(consume_multiple=1, negative=())] = None,
    label_size: Annotated[int, Parameter(validator=Number(gte=1, lte=72))] = 9,
    seed: Annotated[int, Parameter(validator=Number(gte=0))] = 1,
) -> None:
    """Draw words on a plane, alike ones near each other, and save the picture.

    Args:
        model: model folder, or a file of vectors in a known format
        output: the picture, a file that ends in .png, .svg or .pdf
        method: tsne keeps neighbours together; pca keeps the large shape
        words: how many words, the most frequent ones unless --near is given (default: 400)
        near: draw these words and those nearest to them
        only: draw these words and no others
        label_size: height of the letters in typographic points
        seed: start of the random draws of t-SNE and of the colours
    """
    from wordvec.formats.atomic import replacing_file
    from wordvec.formats.detect import load
    from wordvec.visualization.groups import group
    from wordvec.visualization.packages import imported
    from wordvec.visualization.picture import draw_map
    from wordvec.visualization.picture_files import check_picture_target, picture_format
    from wordvec.visualization.projection import project

    if only and (near or words):
        raise ConfigError(f"--only draws its own words: leave out --{'near' if near else 'words'} or --only")
    check_picture_target(output)
    for package in ("sklearn", "matplotlib"):  # before a large model is read for nothing
        imported(package)
    vectors = load(model)
    chosen = _choose(vectors, words or WORDS, near or [], only or [])
    rows = vectors.ids(chosen)
    if len(rows) < 2:
        raise ConfigError(f"a map needs at least two words, got only {chosen[0]!r}")
    say(f"{NAMES[method]} of {len(rows):,} words ...")
    unit_vectors = vectors.unit_matrix[rows]
    points = project(unit_vectors, method, seed)
    with replacing_file(output) as file:
        num_labels = draw_map(
            points,
            chosen,
            file,
            file_format=picture_format(output),
            title=_title(Path(model).name, len(rows), near or [], only or []),
            caption=CAPTIONS[method],
            groups=group(unit_vectors, seed),
            label_size=label_size,
        )
    unlabelled = (
        f", {len(rows) - num_labels:,} of them as dots for want of room" if num_labels < len(rows) else ""
    )
    say(f"saved {output}: {len(rows):,} words{unlabelled}")


def _choose(vectors: WordVectors, num_words: int, near: list[str], only: list[str]) -> list[str]:
    """The words to draw, each once, the most important ones first."""
    if only:
        return list(dict.fromkeys(only))
    if near:
        ranked = [[word, *(found.word for found in vectors.most_similar(word, k=num_words))] for word in near]
        in_turn = (word for word in chain.from_iterable(zip_longest(*ranked)) if word is not None)
        return list(dict.fromkeys(in_turn))[: max(num_words, len(near))]
    if vectors.counts is None:
        return vectors.words[:num_words]  # by habit, the most frequent first
    most_frequent = (-vectors.counts).argsort(kind="stable")[:num_words]
    return [vectors.words[row] for row in most_frequent]


def _title(model: str, num_words: int, near: list[str], only: list[str]) -> str:
    if only:
        return f"{num_words:,} words of {model}"
    if near:
        return f"The words of {model} nearest to {', '.join(near)}"
    return f"The {num_words:,} most frequent words of {model}"
