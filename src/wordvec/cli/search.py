"""`wordvec search`: the texts of a file that are nearest to a query, by meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from wordvec.answers import search_answer
from wordvec.cli.options import unfolded
from wordvec.cli.output import JsonFlag, print_json, print_rows, read_numbered, read_words, say
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    import numpy as np
    from numpy.typing import NDArray

    from wordvec.vectors.text_encoder import TextEncoder

__all__ = ["app"]

Floats: TypeAlias = "NDArray[np.float32]"

SHOWN = 200  # characters of a text, in lines

app = App(
    name="search",
    help_epilogue="""Examples:
  wordvec search notes.txt --encoder encoder --query trains --k 5
  wordvec search notes.txt --encoder model.wv --output notes.html""",
)


@app.default
@unfolded
def search(
    texts: str,
    /,
    *,
    encoder: Annotated[str, Parameter(name=["--encoder", "-e"])],
    query: Annotated[list[str] | None, Parameter(name=["--query", "-q"], negative=())] = None,
    queries: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    output: Annotated[str | None, Parameter(name=["--output", "-o"])] = None,
    k: Annotated[int, Parameter(name=["--k", "-k"])] = 10,
    hybrid: Annotated[bool, Parameter(negative=())] = False,
    tokenizer: Literal["whitespace", "words", "alphanumeric", "punctuation"] | None = None,
    json: JsonFlag = False,
) -> None:
    """Print the texts of a file that are nearest to a query, with their cosines and lines; or write a page to search.

    Args:
        texts: a file with a text per line, or - for standard input
        encoder: folder of wordvec encoder; or a model, of which an encoder is made now
        query: what to look for; several are answered one after the other
        queries: a file with a query per line
        output: an HTML page that searches the texts as one types, offline, instead of printing
        k: number of texts for each query
        hybrid: rank texts by the words that they share with the query, too (BM25)
        tokenizer: how to split texts into words (default: as the encoder says)
        json: print one JSON document
    """
    if texts == queries == "-":
        raise ConfigError("texts and --queries cannot both be standard input: give a file for one of them")
    if not (query or queries or output):
        raise ConfigError("name a query with --query, a file of them with --queries, or a page with --output")
    if output is not None and (query or queries or json):
        raise ConfigError(
            "--output writes a page that asks for the query: leave out --query, --queries and --json"
        )
    if output is not None and hybrid:
        raise ConfigError("--output writes a page that searches by meaning alone: leave out --hybrid")
    asked = [*(query or ()), *(read_words(queries) if queries is not None else ())]
    listed = read_numbered(texts)
    if not listed:
        raise ConfigError(
            f"{'standard input' if texts == '-' else texts} has no text in it; give a text per line"
        )
    found = _encoder(encoder, tokenizer)
    if output is not None:
        from wordvec.formats.encoder_folder import write_search_page

        write_search_page(
            found, list(listed.values()), output, title="Search" if texts == "-" else Path(texts).name
        )
        say(f"wrote {output}: {len(listed):,} texts")
        return
    _print(found, listed, asked, k, is_hybrid=hybrid, as_json=json)


def _print(
    encoder: TextEncoder,
    texts: Mapping[int, str],
    asked: Sequence[str],
    k: int,
    *,
    is_hybrid: bool,
    as_json: bool,
) -> None:
    from wordvec.text import one_line, shortened

    lines, queries = list(texts), encoder.encode(list(asked))
    find = _nearest_and_sharing if is_hybrid else _nearest
    answers = []
    for query, text, near in zip(
        queries, asked, find(encoder, list(texts.values()), asked, queries, k), strict=True
    ):
        if not query.any():
            say(f"no word of this query is known: {shortened(text)}")
        answers.append([(lines[row], cosine, texts[lines[row]]) for row, cosine in near])
    if as_json:
        documents = [search_answer(*pair) for pair in zip(asked, answers, strict=True)]
        print_json(documents[0] if len(asked) == 1 else documents)
        return
    for text, answer in zip(asked, answers, strict=True):
        before = () if len(asked) == 1 else (shortened(text, SHOWN),)
        print_rows(
            (*before, f"{cosine:.4f}", str(line), shortened(one_line(found), SHOWN))
            for line, cosine, found in answer
        )


def _nearest(
    encoder: TextEncoder, texts: Sequence[str], _: Sequence[str], queries: Floats, k: int
) -> list[list[tuple[int, float]]]:
    """The rows of the texts nearest to each query, and their cosines."""
    from wordvec.vectors.top_k import top_k
    from wordvec.vocabulary.vocabulary import NO_ID

    best = top_k(encoder.encode(texts), queries, k)
    return [
        [(row, cosine) for row, cosine in zip(ids, cosines, strict=True) if row != NO_ID]
        if query.any()
        else []
        for query, ids, cosines in zip(queries, best.ids.tolist(), best.scores.tolist(), strict=True)
    ]


def _nearest_and_sharing(
    encoder: TextEncoder, texts: Sequence[str], asked: Sequence[str], queries: Floats, k: int
) -> list[list[tuple[int, float]]]:
    """The same, ranked by shared words, too."""
    from wordvec.vectors.hybrid_search import HybridSearch

    found = HybridSearch(encoder, texts)
    return [
        [(row, float(found.vectors[row] @ query)) for row in rows]
        for query, rows in zip(queries, found.search(asked, k), strict=True)
    ]


def _encoder(path: str, tokenizer: str | None) -> TextEncoder:
    """The encoder of a folder; or of a model, made now."""
    from wordvec.formats.encoder_folder import load_encoder
    from wordvec.formats.load import load
    from wordvec.storage.format_table import ENCODER
    from wordvec.vectors.documents import SMOOTHING
    from wordvec.vectors.text_encoder import TextEncoder

    if Path(path).name == ENCODER or (Path(path) / ENCODER).exists():
        return load_encoder(path, tokenizer=tokenizer)
    vectors = load(path)
    smoothing = None if vectors.counts is None else SMOOTHING
    made = TextEncoder.of(vectors, smoothing=smoothing, tokenizer=tokenizer)
    if made.tokenizer is None:
        raise ConfigError(
            f"{path} does not say how its text was cut into words: name a --tokenizer, such as words"
        )
    return made
