"""`wordvec map`: words on a plane, similar ones near each other: a picture, a page to search, files for other tools."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from wordvec.cli.map_output import chosen_words, title_of
from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import read_words
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.visualization.output_kinds import MapFormat

__all__ = ["app"]

WORDS = {"png": 400, "svg": 400, "pdf": 400, "html": 20_000, "parquet": 20_000, "projector": 20_000}
MAX_PICTURE_WORDS = 5_000  # more cannot be read, even on a wall
MAX_WORDS = 100_000  # as many as a browser moves smoothly
LABEL_SIZE = 9
SEED = 1
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
    from wordvec.cli.map_output import Drawing, check_packages, save_map
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
    check_packages(kind, method or "tsne")
    labels = [*(label or []), *(read_words(label_file) if label_file else [])]
    vectors = load(model, limit=limit, **asdict(decoding))
    num_words = words or WORDS["png" if near else kind]
    chosen = chosen_words(vectors, num_words, near or [], only or [], labels)
    if len(chosen) < 2:
        raise ConfigError(f"a map needs at least two words, got only {chosen[0]!r}")
    drawing = Drawing(
        title=title_of(Path(model).name, min(num_words, len(chosen)), near or [], only or []),
        method=method or "tsne",
        seed=SEED if seed is None else seed,
        labels=labels,
        label_size=label_size or LABEL_SIZE,
    )
    save_map(vectors, chosen, drawing, output, kind)


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
