"""`wordvec compare`: which words changed most between two models, and whether by more than chance."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from wordvec.answers import comparison_answer
from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import JsonFlag, print_columns, print_json, say
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.evaluation.change import Change, Changes

__all__ = ["app"]

app = App(
    name="compare",
    help_epilogue="""Examples:
  wordvec compare 1990s.wv 2010s.wv --again 1990s-seed2.wv
  wordvec compare news.wv law.wv --k 100 --output changes.html""",
)


@app.default
@unfolded
def compare(
    first: str,
    second: str,
    /,
    *,
    again: Annotated[list[str] | None, Parameter(consume_multiple=1, negative=())] = None,
    k: Annotated[int, Parameter(name=["--k", "-k"])] = 20,
    search_limit: Annotated[int, Parameter(validator=Number(gte=2))] = 20_000,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    limit: int | None = None,
    json: JsonFlag = False,
    decoding: DecodingFlags = STRICT,
) -> None:
    """Print the words that changed most, with their nearest neighbors in both models.

    The frequent words that both models share rotate one space into the other (orthogonal Procrustes); a word's change
    is 1 - cosine of its two vectors.

    Args:
        first: model folder, or a file of vectors in a known format
        second: another model: of another text, time or seed
        again: further runs on the text of FIRST, with other seeds: words move between these by chance, and the words
            that changed most beyond that come first
        k: number of words
        search_limit: compare only the N most frequent shared words, as FIRST orders them
        output: also save the table as a page; the name must end in .html
        limit: load only the N most frequent words of each model
        json: print one JSON document
        decoding: encoding of the words in files of word2vec and GloVe
    """
    from wordvec.evaluation.change import changes_between
    from wordvec.formats.load import load

    if output is not None:
        _check_page(output)
    models = [load(path, limit=limit, **asdict(decoding)) for path in (first, second, *(again or []))]
    found = changes_between(models[0], models[1], models[2:], k=k, search_limit=search_limit)
    heads = ("word", "change", "chance", f"near in {Path(first).name}", f"near in {Path(second).name}")
    rows = [_row(change) for change in found.changes]
    note = _summary(found)
    if output is not None:  # first, as the reader of stdout may stop early
        _save(output, heads, rows, f"{Path(first).name} and {Path(second).name}", note)
    if json:
        print_json(comparison_answer(found))
    else:
        print_columns([heads, *rows])
    say(note)
    if found.shared < models[0].dim:
        say(
            f"the models share fewer words than they have dimensions ({models[0].dim}): so few words can fit any two "
            "spaces to each other, so these changes mean little"
        )


def _check_page(output: Path) -> None:
    from wordvec.formats.save import check_writable
    from wordvec.visualization.output_kinds import check_plot_target

    if output.suffix != ".html":
        raise ConfigError(f"--output must end in .html, got {output}")
    check_plot_target(output)
    check_writable(output)


def _save(output: Path, heads: tuple[str, ...], rows: list[tuple[str, ...]], names: str, note: str) -> None:
    from wordvec.storage.atomic import replacing_file
    from wordvec.visualization.plain_pages import write_change_page

    with replacing_file(output) as file:
        write_change_page(heads, rows, file, title=f"Words that changed: {names}", note=note)
    say(f"saved {output}")


def _row(change: Change) -> tuple[str, ...]:
    floor = "" if change.floor is None else f"{change.floor:.3f}"
    before, after = (", ".join(near for near, _ in words) for words in (change.before, change.after))
    return change.word, f"{change.distance:.3f}", floor, before, after


def _summary(found: Changes) -> str:
    if found.beyond_chance is None or found.median_floor is None:
        return (
            f"{found.shared:,} words compared, median change {found.median:.3f}; how much of it is chance is unknown: "
            "name other runs on the text of the first model with --again"
        )
    return (
        f"{found.shared:,} words compared, median change {found.median:.3f}; {found.beyond_chance:,} changed by more "
        f"than chance (column chance: 95 % of words of that frequency stay below it between seeds, which would leave "
        f"{found.shared // 20:,})"
    )
