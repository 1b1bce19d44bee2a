"""`wordvec similar`: the nearest words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from wordvec.answers import ngrams_answer, similar_answer
from wordvec.cli.options import STRICT, DecodingFlags, unfolded
from wordvec.cli.output import JsonFlag, print_columns, print_json, print_rows, query_words, read_words, say
from wordvec.errors import ConfigError, UnknownWordError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.vectors.top_k import Neighbor
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

QUERIES_PER_CALL = 10_000

app = App(
    name="similar",
    help_epilogue="""Examples:
  wordvec similar model.wv king queen --negative man --k 5 --json
  wordvec similar model.wv --queries words.txt --approximate""",
)


@app.default
@unfolded
def similar(
    model: str,
    /,
    *words: str,
    negative: Annotated[list[str] | None, Parameter(consume_multiple=1, negative=())] = None,
    queries: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    k: Annotated[int, Parameter(name=["--k", "-k"])] = 10,
    search_limit: int | None = None,
    limit: int | None = None,
    approximate: Annotated[bool, Parameter(negative=())] = False,
    skip_unknown: Annotated[bool, Parameter(negative=())] = False,
    ngrams: Annotated[bool, Parameter(negative=())] = False,
    json: JsonFlag = False,
    decoding: DecodingFlags = STRICT,
) -> None:
    """Print the words nearest to a word, or to several words together, with their cosines.

    Args:
        model: model folder, or a file of vectors in a known format
        words: find the neighbors of these words together; those that were one phrase in training are one word: new
            york; after --, a word may begin with a dash
        negative: words to stay away from
        queries: a file with one word per line, or - for standard input: answer each separately, in lines of
            query, word and cosine
        k: number of neighbors
        search_limit: search only the N most frequent words
        limit: load only the N most frequent words; all others are unknown
        approximate: search faster, not quite exactly, and print the share of the true neighbors that are found
            (needs usearch; for many --queries)
        skip_unknown: leave out queries that are not in the vocabulary and have no vector, and print how many
        ngrams: print the nearest pieces of words instead, character n-grams, in which < and > are a word's ends
            (for one word, in models with subwords)
        json: print one JSON document
        decoding: encoding of the words in files of word2vec and GloVe
    """
    from wordvec.formats.load import load

    if ngrams:
        others = negative or queries is not None or search_limit is not None or approximate or skip_unknown
        if len(words) != 1 or others:
            raise ConfigError(
                "--ngrams answers one word: of other options, it goes with --k, --limit and --json"
            )
        near = load(model, limit=limit, **asdict(decoding)).nearest_ngrams(words[0], k)
        if json:
            print_json(ngrams_answer(words[0], near))
        else:
            print_columns((ngram.word, f"{ngram.similarity:.4f}") for ngram in near)
        return
    if queries is None:
        if approximate:
            raise ConfigError(
                "--approximate needs --queries: building its index takes longer than one search"
            )
        if skip_unknown:
            raise ConfigError("--skip-unknown needs --queries: a single query must be known")
        if not words and not negative:
            raise ConfigError("name at least one word, or a file of them with --queries")
        vectors = load(model, limit=limit, **asdict(decoding))
        positive = query_words(vectors, words)
        negative = query_words(vectors, negative or ())
        found = vectors.most_similar(positive, negative, k=k, search_limit=search_limit)
        if json:
            print_json(similar_answer(positive, found, negative))
        else:
            print_columns((neighbor.word, f"{neighbor.similarity:.4f}") for neighbor in found)
        return
    if words or negative:
        raise ConfigError("--queries answers only the words of its file: leave out the other words")
    vectors = load(model, limit=limit, **asdict(decoding))
    listed = [query_words(vectors, [line])[0] for line in read_words(queries)]
    asked = _known(vectors, listed, skip_unknown=skip_unknown)
    answers = _answers(vectors, asked, k, search_limit, approximate=approximate)
    if json:
        print_json([similar_answer([query], found) for query, found in zip(asked, answers, strict=True)])
        return
    print_rows(
        (query, neighbor.word, f"{neighbor.similarity:.4f}")
        for query, found in zip(asked, answers, strict=True)
        for neighbor in found
    )


def _known(vectors: WordVectors, queries: Sequence[str], *, skip_unknown: bool) -> list[str]:
    """The queries that can be answered, before the first answer is printed."""
    known = [word for word in queries if vectors.vocabulary.has_vector(word)]
    num_unknown = len(queries) - len(known)
    if not num_unknown:
        return known
    how_many = f"{num_unknown:,} of the {len(queries):,} queries are not in the vocabulary"
    if not skip_unknown:
        try:
            vectors.lookup(queries)
        except UnknownWordError as first:
            raise UnknownWordError(f"{first}; {how_many}: --skip-unknown leaves them out") from None
    say(f"{how_many}, and left out")
    return known


def _answers(
    vectors: WordVectors, asked: Sequence[str], k: int, search_limit: int | None, *, approximate: bool
) -> Iterator[list[Neighbor]]:
    if approximate:
        from wordvec.vectors.approximate import ApproximateSearch

        say("building the index ...")
        search = ApproximateSearch(vectors, search_limit=search_limit)
        say(
            f"approximate: finds {search.recall:.1%} of the true {search.k} nearest ({search.num_tried:,} words tried)"
        )
    else:
        search = None
    for start in range(0, len(asked), QUERIES_PER_CALL):
        some = asked[start : start + QUERIES_PER_CALL]
        if search is None:
            yield from vectors.neighbors(some, k=k, search_limit=search_limit)
        else:
            yield from search.neighbors(some, k=k)
