"""`wordvec analogy`: A is to B as C is to what?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from cyclopts import App, Parameter

from wordvec.cli.options import STRICT, DecodingFlags
from wordvec.cli.output import JsonFlag, print_columns, print_json

__all__ = ["app"]

app = App(
    name="analogy",
    help_epilogue="""Examples:
  wordvec analogy model.wv man king woman
  wordvec analogy model.wv france paris italy --k 5 --method mul --json""",
)


@app.default
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
        a: as man
        b: is to king
        c: so is woman to the answer
        k: how many answers
        method: add for 3CosAdd, mul for 3CosMul, whose scores are no cosines
        search_limit: search only the N most frequent words
        limit: load only the N most frequent words; all others are unknown
        json: print one JSON document
        decoding: how words in files of word2vec and GloVe are encoded
    """
    from wordvec.formats.load import load

    answers = load(model, limit=limit, **asdict(decoding)).analogy(
        a, b, c, k=k, method=method, search_limit=search_limit
    )
    if json:
        print_json({"query": {"a": a, "b": b, "c": c}, "neighbors": [answer._asdict() for answer in answers]})
    else:
        print_columns((answer.word, f"{answer.similarity:.4f}") for answer in answers)
