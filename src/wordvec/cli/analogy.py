"""`wordvec analogy`: the words that are to C as B is to A."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from cyclopts import App, Parameter

from wordvec.answers import analogy_answer
from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import JsonFlag, print_columns, print_json, query_words

__all__ = ["app"]

app = App(
    name="analogy",
    help_epilogue="""Examples:
  wordvec analogy model.wv man king woman
  wordvec analogy model.wv france paris italy --k 5 --method mul --json""",
)


@app.default
@unfolded
def analogy(
    model: str,
    a: str,
    b: str,
    c: str,
    /,
    *,
    k: Annotated[int, Parameter(name=["--k", "-k"])] = 1,
    method: Literal["add", "mul"] = "add",
    search_limit: int | None = None,
    limit: int | None = None,
    json: JsonFlag = False,
    decoding: DecodingFlags = STRICT,
) -> None:
    """Print the words that are to C as B is to A, with their cosines.

    Args:
        model: model folder, or a file of vectors in a known format
        a: first word of the example pair, such as man
        b: second word of the example pair, such as king
        c: first word of the pair to complete, such as woman
        k: number of answers
        method: add for 3CosAdd, or mul for 3CosMul, whose scores are not cosines
        search_limit: search only the N most frequent words
        limit: load only the N most frequent words; all others are unknown
        json: print one JSON document
        decoding: encoding of the words in files of word2vec and GloVe
    """
    from wordvec.formats.load import load

    vectors = load(model, limit=limit, **asdict(decoding))
    a, b, c = (query_words(vectors, [word])[0] for word in (a, b, c))
    answers = vectors.analogy(a, b, c, k=k, method=method, search_limit=search_limit)
    if json:
        print_json(analogy_answer(a, b, c, answers))
    else:
        print_columns((answer.word, f"{answer.similarity:.4f}") for answer in answers)
