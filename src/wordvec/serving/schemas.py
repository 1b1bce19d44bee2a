"""Schemas: what requests may say, with its limits, and what answers look like; the OpenAPI document is made of these.

Answers are not checked against them while serving (tests do): `answers.py` makes the documents.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

__all__ = [
    "MAX_TERMS",
    "AnalogyQuery",
    "Body",
    "CompareQuery",
    "EmbeddingsBody",
    "EncodeBody",
    "ExpressionQuery",
    "MapBody",
    "ModelQuery",
    "NeighborsBody",
    "NeighborsQuery",
    "OddQuery",
    "PairsBody",
    "Query",
    "SearchBody",
    "SentencesQuery",
    "SimilarityQuery",
    "VectorsBody",
    "VocabularyQuery",
    "WordQuery",
    "WordsQuery",
]

MAX_WORD = 1000  # characters
MAX_K, MAX_WORDS, MAX_QUERIES, MAX_TEXTS = 1000, 1000, 1000, 1000
MAX_TEXT = 100_000  # characters
MAX_TERMS = 10_000  # of all queries of a request together
MAX_ROWS = 2**31 - 1
MAX_DIM = 100_000

Word = Annotated[str, Field(min_length=1, max_length=MAX_WORD, examples=["king"])]
# fail_fast: of a million wrong items, one error says enough, and a million would keep the server busy for seconds.
Words = Annotated[list[Word], Field(fail_fast=True, min_length=1, max_length=MAX_WORDS)]
SomeWords = Annotated[list[Word], Field(fail_fast=True)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
Texts = Annotated[list[Text], Field(fail_fast=True, min_length=1, max_length=MAX_TEXTS)]
K = Annotated[int, Field(ge=1, le=MAX_K, description="how many to find")]
Limit = Annotated[int | None, Field(ge=1, le=MAX_ROWS, description="search only the N most frequent words")]
Model = Annotated[
    str | None, Field(max_length=200, description="name of the model; the first one by default")
]


class Query(BaseModel):
    """Parameters of a URL; others than these are refused."""

    model_config = ConfigDict(extra="forbid")
    model: Model = None


class Body(Query):
    """A JSON body; other keys than these are refused."""


class ModelQuery(Query):
    """Nothing but the model."""


class NeighborsQuery(Query):
    """Words that are asked about together."""

    word: SomeWords = Field(default=[], max_length=MAX_WORDS, description="words to be near to")
    negative: SomeWords = Field(default=[], max_length=MAX_WORDS, description="words to be away from")
    k: K = 10
    search_limit: Limit = None


class WeightedWord(BaseModel):
    """A word and its weight."""

    model_config = ConfigDict(extra="forbid")
    word: Word
    weight: Annotated[FiniteFloat, Field(ge=-1e6, le=1e6)]


Number = Annotated[FiniteFloat, Field(ge=-1e30, le=1e30)]
Vector = Annotated[list[Number], Field(fail_fast=True, min_length=1, max_length=MAX_DIM)]
Term = Word | WeightedWord | Vector
Terms = Annotated[list[Term], Field(fail_fast=True)]


class OneQuery(BaseModel):
    """Words, vectors and weighted words that are asked about together."""

    model_config = ConfigDict(extra="forbid")
    positive: Terms = Field(default=[], max_length=MAX_WORDS)
    negative: Terms = Field(default=[], max_length=MAX_WORDS)


class NeighborsBody(Body):
    """Many questions at once."""

    queries: Annotated[list[OneQuery], Field(fail_fast=True)] = Field(min_length=1, max_length=MAX_QUERIES)
    k: K = 10
    search_limit: Limit = None


class ExpressionQuery(Query):
    """A sum of words."""

    q: str = Field(min_length=1, max_length=4096, examples=["king - man + woman"])
    k: K = 10
    search_limit: Limit = None


class AnalogyQuery(Query):
    """a is to b as c is to what?"""

    a: Word
    b: Word
    c: Word
    method: Literal["add", "mul"] = "add"
    k: K = 10
    search_limit: Limit = None


class SimilarityQuery(Query):
    """Two words."""

    a: Word
    b: Word


Pair = Annotated[list[Word], Field(fail_fast=True, min_length=2, max_length=2)]


class PairsBody(Body):
    """Pairs of words."""

    pairs: Annotated[list[Pair], Field(fail_fast=True)] = Field(min_length=1, max_length=MAX_QUERIES)


class OddQuery(Query):
    """Words, one of which fits least."""

    word: Words


class VocabularyQuery(Query):
    """The beginning of words, or a misspelled word."""

    prefix: str | None = Field(default=None, max_length=MAX_WORD, description="the first characters of words")
    near: Word | None = Field(default=None, description="a word, to find others that are spelled like it")
    k: K = 10


class WordQuery(Query):
    """One word."""

    word: Word


class WordsQuery(Query):
    """Words."""

    word: Words


class VectorsBody(Body):
    """Words."""

    words: Words


class CompareQuery(Query):
    """A word in two models."""

    word: Word
    other: str = Field(max_length=200, description="name of the other model")
    k: K = 10


class SentencesQuery(Query):
    """A word, or two that stand in one sentence."""

    word: Word
    other: Word | None = None
    k: K = 10
    offset: int = Field(default=0, ge=0, le=MAX_ROWS, description="sentences to leave out at the beginning")


class MapBody(Body):
    """How to draw a map."""

    words: int = Field(default=20_000, ge=2, le=100_000, description="the N most frequent words")
    method: Literal["tsne", "umap", "pca"] = "tsne"


class EncodeBody(Body):
    """Texts."""

    texts: Texts


class SearchBody(Body):
    """What to look for among the texts."""

    query: Text
    k: K = 10


class EmbeddingsBody(BaseModel):
    """What clients of OpenAI's embeddings post; parameters that they add are taken and mean nothing here."""

    model_config = ConfigDict(extra="ignore")
    input: Annotated[Text, Field(min_length=1)] | Texts
    model: Model = None
    encoding_format: Literal["float", "base64"] = "float"


class Neighbor(BaseModel):
    """A word and its cosine."""

    word: str
    similarity: float


class Error(BaseModel):
    """What is wrong."""

    code: str = Field(description="a word for programs")
    message: str = Field(description="one line for people")
    parameter: str | None
    got: str | None
    allowed: str | None
    near: list[str] = Field(description="known words that may have been meant")
    column: int | None = Field(default=None, description="where in an expression, from 0")


class ErrorAnswer(BaseModel):
    """Every error has this form."""

    error: Error


class SimilarAnswer(BaseModel):
    """Neighbors of some words together."""

    query: list[Any]
    negative: list[Any] | None = None
    neighbors: list[Neighbor]


class SimilarAnswers(BaseModel):
    """Neighbors, for each query."""

    answers: list[SimilarAnswer]


class WeightedTerm(BaseModel):
    """A word of an expression."""

    word: str
    weight: float


class ExpressionAnswer(BaseModel):
    """Neighbors of a sum."""

    expression: str
    terms: list[WeightedTerm]
    neighbors: list[Neighbor]


class AnalogyAnswer(BaseModel):
    """Answers to an analogy; scores of "mul" are not cosines."""

    query: dict[str, str]
    neighbors: list[Neighbor]


class SimilarityAnswer(BaseModel):
    """The cosine of two words."""

    a: str
    b: str
    similarity: float


class SimilaritiesAnswer(BaseModel):
    """Cosines, for each pair."""

    similarities: list[float]


class OddAnswer(BaseModel):
    """The word that fits least."""

    words: list[str]
    odd: str
    similarities: list[Neighbor]


class RankedWord(BaseModel):
    """A word, its rank from 1, and its count where that is known."""

    word: str
    rank: int
    count: int | None


class VocabularyAnswer(BaseModel):
    """Words that match, and how many there are."""

    query: str
    words: list[RankedWord]
    total: int


class WordAnswer(BaseModel):
    """What the model knows of a word."""

    word: str
    rank: int | None
    count: int | None
    occurrences_per_million: float | None
    stability: float | None
    in_vocabulary: bool
    ngrams: list[str] | None


class WordVector(BaseModel):
    """A word and its vector."""

    word: str
    vector: list[float]


class VectorsAnswer(BaseModel):
    """Vectors of words."""

    dim: int
    vectors: list[WordVector]


class CompareAnswer(BaseModel):
    """Neighbors in two models."""

    word: str
    models: list[str]
    neighbors: list[list[Neighbor]]
    shared: list[str]
    gained: list[str]
    lost: list[str]
    overlap: float


class ModelAnswer(BaseModel):
    """What is known of a model."""

    name: str
    words: int
    dim: int
    counts: bool
    subwords: bool
    output_vectors: bool
    sentences: bool
    encoder: bool
    map: Literal["ready", "drawing", "none"]
    first_words: list[str]


class ModelsAnswer(BaseModel):
    """The models that are served."""

    default: str
    models: list[ModelAnswer]


class Sentence(BaseModel):
    """A sentence, where it is, and which characters are the words."""

    text: str
    file: str = Field(description="name of the file, without its folders")
    line: int = Field(description="from 1")
    spans: list[list[int]] = Field(description="first character and the one after the last, in code points")


class SentencesAnswer(BaseModel):
    """Sentences with a word."""

    word: str
    other: str | None
    total: int
    sentences: list[Sentence]


class MapAnswer(BaseModel):
    """A map, or how far it is."""

    state: Literal["ready", "drawing", "none"]
    method: str | None = None
    words: list[str] | None = None
    x: list[float] | None = None
    y: list[float] | None = None
    groups: list[int] | None = None
    group_names: list[str] | None = None
    progress: float | None = None
    message: str | None = None


class EncodeAnswer(BaseModel):
    """Vectors of texts."""

    dim: int
    vectors: list[list[float]]


class FoundText(BaseModel):
    """A text, its line, and its cosine."""

    line: int
    similarity: float
    text: str


class SearchAnswer(BaseModel):
    """Texts nearest to a query."""

    query: str
    texts: list[FoundText]


class Embedding(BaseModel):
    """A vector, as numbers or as base64 of float32."""

    object: str
    index: int
    embedding: list[float] | str


class EmbeddingsAnswer(BaseModel):
    """Vectors in OpenAI's form."""

    object: str
    data: list[Embedding]
    model: str
    usage: dict[str, int]


class StatusAnswer(BaseModel):
    """How the server is."""

    status: str
