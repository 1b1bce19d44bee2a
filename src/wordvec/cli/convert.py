"""`wordvec convert`: from one file format to another, with fewer words, dimensions or bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import read_words, say
from wordvec.formats.detect import format_of
from wordvec.storage.format_table import FORMATS, FormatName

if TYPE_CHECKING:  # not needed for --help
    from wordvec.evaluation.word_tests import WordTest
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

app = App(
    name="convert",
    help_epilogue="""Examples:
  wordvec convert model.wv vectors.bin
  wordvec convert cc.de.300.bin.gz german.wv
  wordvec convert model.wv small.wv --only words.txt --dim 64 --precision int8 --evaluate pairs.tsv
  wordvec convert glove.6B.100d.txt encoder --format sentence-transformers --limit 50000""",
)


@app.default
@unfolded
def convert(
    source: Annotated[str, Parameter(name="INPUT")],
    target: Annotated[str, Parameter(name="OUTPUT")],
    /,
    *,
    format: FormatName | None = None,  # noqa: A002
    limit: int | None = None,
    only: str | None = None,
    without: str | None = None,
    dim: int | None = None,
    precision: Literal["float32", "float16", "int8", "bit"] = "float32",
    evaluate: Annotated[list[str] | None, Parameter(consume_multiple=1, negative=())] = None,
    decoding: DecodingFlags = STRICT,
) -> None:
    """Read vectors in any known format and write them in another; or fewer of them, and print what that costs.

    Args:
        source: model folder, or a file of vectors; its content tells its format
        target: a file that ends in .bin, .txt, .vec, .safetensors, .npz, .parquet or .onnx; or a model folder
        format: the format to write (default: the one that OUTPUT's ending names)
        limit: load only the N most frequent words
        only: a file of the words to keep, one per line, or - for standard input
        without: a file of words to leave out, one per line
        dim: keep this many dimensions, the first principal components; without output vectors
        precision: of the numbers of a model folder: float16, int8 (a quarter of float32), or bit (a thirtieth);
            without output vectors
        evaluate: tests as for wordvec evaluate: print the scores before and after
        decoding: encoding of the words in files of word2vec and GloVe
    """
    from wordvec.formats.load import load
    from wordvec.formats.save import check_target, save
    from wordvec.vectors.shrinking import shrink

    check_target(target, format, precision)
    tests = _tests(evaluate or ())
    kept = None if only is None else read_words(only)
    left = [] if without is None else read_words(without)
    whole = load(source, limit=None if tests else limit, **asdict(decoding))
    vectors = whole
    if tests and limit is not None:
        kept = (
            whole.words[:limit]
            if kept is None
            else [word for word in kept if word in set(whole.words[:limit])]
        )
    if kept is not None or left or dim is not None:
        vectors = shrink(whole, only=kept, without=left, dim=dim)
    save(vectors, target, format, precision)
    say(f"wrote {target}: {len(vectors):,} words, {vectors.dim:,} dimensions")
    left_out = _left_out(vectors, format_of(Path(target), format))
    if left_out:
        say(f"this format cannot hold, so left out: {', '.join(left_out)}")
    if whole.output_matrix is not None and (dim is not None or precision != "float32"):
        say("left out: output vectors, without which wordvec predict cannot answer")
    if dim is not None or precision != "float32" or tests:
        after = load(target) if precision != "float32" else vectors
        _print_costs(whole, after, tests)


def _tests(paths: Sequence[str]) -> list[WordTest]:
    """Read the tests before any work."""
    if not paths:
        return []
    from wordvec.evaluation.word_tests import read_test

    return [read_test(path) for path in paths]


def _print_costs(before: WordVectors, after: WordVectors, tests: Sequence[WordTest]) -> None:
    """What smaller vectors lose: neighbors, and the scores of tests."""
    from wordvec.evaluation.kinds import MAX_WORDS, SCORES
    from wordvec.evaluation.scores import judge
    from wordvec.vectors.shrinking import neighbors_kept

    say(f"of the ten nearest words, {neighbors_kept(before, after):.1%} stay the same")
    for test in tests:
        judged = judge(test, [after, before], search_limit=MAX_WORDS)
        now, then = (
            "none" if score.value is None else f"{score.value:.3f} ({score.asked:,} asked)"
            for score in judged.scores
        )
        change = ""
        if judged.difference is not None:
            by, low, high, _ = judged.difference
            change = f"; on the same {judged.shared:,}: {by:+.3f} ({low:+.3f} to {high:+.3f})"
        say(f"{judged.name}, {SCORES[judged.kind]}: {then} before, {now} after{change}")


def _left_out(vectors: WordVectors, format_name: str) -> list[str]:
    """What the vectors have and the format cannot hold."""
    from wordvec.vocabulary.subwords import SubwordVocabulary

    holds = FORMATS[format_name].holds
    parts = {
        "counts": vectors.counts is not None,
        "output vectors": vectors.output_matrix is not None,
        "subwords": isinstance(vectors.vocabulary, SubwordVocabulary),
        "position weights": vectors.position_weights is not None,
        "settings": vectors.config is not None,
    }
    names = {"subwords": "subwords (unknown words have no vector there)"}
    return [names.get(name, name) for name, is_there in parts.items() if is_there and name not in holds]
