"""`wordvec predict`: the words, or items, most likely beside others."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from wordvec.answers import prediction_answer
from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import JsonFlag, print_columns, print_json, print_rows, query_words, read_words
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

app = App(
    name="predict",
    help_epilogue="""Examples:
  wordvec predict model.wv glass red drink
  wordvec predict shop.wv --contexts sessions.txt --exclude-context --k 5 --json""",
)


@app.default
@unfolded
def predict(
    model: str,
    /,
    *words: str,
    contexts: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    exclude: Annotated[list[str] | None, Parameter(consume_multiple=1, negative=())] = None,
    exclude_context: Annotated[bool, Parameter(negative=())] = False,
    skip_unknown: Annotated[bool, Parameter(negative=())] = False,
    k: Annotated[int, Parameter(name=["--k", "-k"])] = 10,
    search_limit: int | None = None,
    json: JsonFlag = False,
    decoding: DecodingFlags = STRICT,
) -> None:
    """Print the words most likely beside some words, by the output vectors, as the model was trained to predict them.

    Args:
        model: model folder; or another file that holds output vectors
        words: the context: words, or the items of a session; after --, a word may begin with a dash
        contexts: a file with a context per line, words with spaces between, or - for standard input: answer each
            separately, in lines of context, word and score
        exclude: words that must not be predicted
        exclude_context: do not predict the context's own words
        skip_unknown: leave out words that have no vector
        k: number of words to predict
        search_limit: predict only the N most frequent words
        json: print one JSON document
        decoding: encoding of the words in files of word2vec and GloVe
    """
    from wordvec.formats.load import load

    if bool(words) == (contexts is not None):
        raise ConfigError("name the words of one context, or a file of contexts with --contexts; not both")
    vectors = load(model, **asdict(decoding))
    asked = [query_words(vectors, words)] if contexts is None else _read(vectors, contexts)
    answers = vectors.predictions(
        asked,
        k,
        exclude=query_words(vectors, exclude or ()),
        exclude_context=exclude_context,
        skip_unknown=skip_unknown,
        search_limit=search_limit,
    )
    documents = [prediction_answer(*pair) for pair in zip(asked, answers, strict=True)]
    if json:
        print_json(documents[0] if contexts is None else documents)
    elif contexts is None:
        print_columns((found.word, f"{found.score:.6f}") for found in answers[0])
    else:
        print_rows(
            (" ".join(context), found.word, f"{found.score:.6f}")
            for context, answer in zip(asked, answers, strict=True)
            for found in answer
        )


def _read(vectors: WordVectors, path: str) -> list[list[str]]:
    """The contexts of a file; phrases of the model's text are joined, without a line about each."""
    lines = [line.split() for line in read_words(path)]
    return lines if vectors.phrases is None else [list(vectors.phrases.join(line)) for line in lines]
