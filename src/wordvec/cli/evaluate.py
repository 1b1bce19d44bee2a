"""`wordvec evaluate`: scores of vectors in tests of word meaning, and which of two models is better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from wordvec.answers import METHOD_NAMES, evaluation_answer
from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import JsonFlag, print_columns, print_json, say
from wordvec.errors import ConfigError
from wordvec.evaluation.kinds import MAX_WORDS, SCORES

if TYPE_CHECKING:  # not needed for --help
    from wordvec.evaluation.scores import Estimate, Judged, ModelScore
    from wordvec.vectors.analogy import Method

__all__ = ["app", "score_cells"]

METHODS: dict[str, tuple[Method, ...]] = {"add": ("add",), "mul": ("mul",), "both": ("add", "mul")}

app = App(
    name="evaluate",
    help_epilogue="""Examples:
  wordvec evaluate model.wv questions-words.txt wordsim353.tsv
  wordvec evaluate model.wv pairs.csv --against glove.6B.100d.txt --json""",
)


@app.default
@unfolded
def evaluate(
    model: str,
    /,
    *tests: str,
    against: str | None = None,
    method: Literal["add", "mul", "both"] = "both",
    search_limit: Annotated[int, Parameter(validator=Number(gte=1))] = MAX_WORDS,
    sections: Annotated[bool, Parameter(negative=())] = False,
    limit: int | None = None,
    json: JsonFlag = False,
    decoding: DecodingFlags = STRICT,
) -> None:
    """Print the scores of vectors in tests, with 95 % intervals and the number of questions whose words have vectors.

    Args:
        model: model folder, or a file of vectors in a known format
        tests: files of analogies (word2vec's format), of pairs of words or of sentences with a similarity (TSV, CSV),
            of words with their category, of sets with outliers, or of sessions, whose last item is asked for (after a
            first line: # next item); or folders of BATS relations, or of topics with outliers
        against: another model to compare with, in a paired test on the questions that both can answer
        method: of answering analogies: add for 3CosAdd, mul for 3CosMul, or both
        search_limit: use only the N most frequent words in analogies
        sections: also print each section of the analogies
        limit: load only the N most frequent words of each model; all others are unknown
        json: print one JSON document
        decoding: encoding of the words in files of word2vec and GloVe
    """
    from wordvec.evaluation.scores import judge
    from wordvec.evaluation.word_tests import read_test
    from wordvec.formats.load import load

    if not tests:
        raise ConfigError(
            "name at least one file or folder of tests; word2vec's questions-words.txt is the usual one"
        )
    asked = [read_test(path) for path in tests]
    models = [load(path, limit=limit, **asdict(decoding)) for path in (model, against) if path is not None]
    judged = [
        judge(test, models, search_limit=search_limit, method=one)
        for test in asked
        for one in (METHODS[method] if test.kind == "analogies" else (None,))
    ]
    if json:
        names = [model] if against is None else [model, against]
        print_json(evaluation_answer(names, judged, search_limit=search_limit))
        return
    shown = [Path(path).name for path in (model, against) if path is not None]
    rows = [row for one in judged for row in _rows(one, shown, with_sections=sections)]
    print_columns([("test", "score of", "model", "score", "95 % interval", "asked", "of"), *rows])
    without_score = [
        f"{one.name}: no score of {name}: {score.reason}"
        for one in judged
        for name, score in zip(shown, one.scores, strict=True)
        if score.value is None
    ]
    for line in dict.fromkeys(without_score):  # once for both methods
        say(line)
    of_unknown = [
        f"{one.name}: {name} makes vectors of n-grams for {score.unknown_words:,} words that are not in its vocabulary"
        for one in judged
        for name, score in zip(shown, one.scores, strict=True)
        if score.unknown_words
    ]
    of_method = [
        f"{one.name}: {name} answers {score.note}"
        for one in judged
        for name, score in zip(shown, one.scores, strict=True)
        if score.note
    ]
    for line in of_unknown + of_method:
        say(line)
    if any(test.kind == "analogies" for test in asked):
        among = min(search_limit, max(map(len, models)))
        say(f"analogies use the {among:,} most frequent words of the model")


def score_cells(score: ModelScore | Estimate) -> tuple[str, str]:
    """A score and its interval, as a table shows them."""
    between = "" if score.low is None or score.high is None else f"{score.low:.3f} to {score.high:.3f}"
    return "none" if score.value is None else f"{score.value:.3f}", between


def _rows(judged: Judged, models: Sequence[str], *, with_sections: bool) -> Iterator[tuple[str, ...]]:
    what = SCORES[judged.kind] if judged.method is None else METHOD_NAMES[judged.method]
    for model, score in zip(models, judged.scores, strict=True):
        counts = f"{score.asked:,}", f"{judged.of:,}"
        yield judged.name, what, model, *score_cells(score), *counts
        for name, estimate in score.further.items():
            yield judged.name, name, model, *score_cells(estimate), *counts
        for section, tally in score.sections.items() if with_sections else ():
            share = f"{tally.right / tally.asked:.3f}" if tally.asked else "none"
            yield section or "(no section)", what, model, share, "", f"{tally.asked:,}", f"{tally.of:,}"
    if judged.difference is not None:
        by, low, high, p = judged.difference
        shared, of = f"{judged.shared:,}", f"{judged.of:,}"
        sure = f"p {p:.3f}" if p >= 0.001 else "p < 0.001"
        yield (
            judged.name,
            f"{what}, {sure}",
            "difference",
            f"{by:+.3f}",
            f"{low:+.3f} to {high:+.3f}",
            shared,
            of,
        )
