"""Routes about words: neighbors, expressions, analogies, similarities, odd one out, vocabulary, vectors, comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter
from fastapi import Query as InQuery
from starlette.requests import Request
from starlette.responses import Response

from wordvec.answers import (
    analogy_answer,
    expression_answer,
    odd_answer,
    similar_answer,
    vectors_answer,
    vocabulary_answer,
    word_answer,
    word_comparison_answer,
)
from wordvec.errors import UnknownWordError, WordvecError
from wordvec.serving import schemas
from wordvec.serving.models import ServedModel
from wordvec.serving.problems import Problem
from wordvec.serving.service import Service, answers_with, etag_of, is_known_to_client, service_of, spelled
from wordvec.vectors.directions import Direction
from wordvec.vectors.expressions import Term, terms_of
from wordvec.vectors.top_k import Neighbor

__all__ = ["router"]

Answer = dict[str, Any]
Result = TypeVar("Result")

# What is looked up in the event loop, as a thread would take longer: words, and characters.
MAX_SHORT, MAX_SHORT_EXPRESSION, MAX_SHORT_PREFIX = 10, 200, 8

router = APIRouter(prefix="/v1", tags=["words"])


class _Question:
    """A request to one model, or to two, and what its answers share."""

    def __init__(self, request: Request, asked: schemas.Query, *others: str):
        self.request, self.asked = request, asked
        self.service: Service = service_of(request)
        models = self.service.models  # of this moment, for the whole answer
        self.model: ServedModel = models.named(asked.model)
        self.others = [models.named(name, "other") for name in others]

    async def looked_up(self, make: Callable[[], Result], *, is_long: bool) -> Result:
        """Look words up, of long questions in a thread."""
        self.model.check_unchanged()
        return await self.service.compute(make) if is_long else make()

    async def nearest(self, directions: Sequence[Direction], k: int) -> list[list[Neighbor]]:
        """Search along with others."""
        limit: int | None = getattr(self.asked, "search_limit", None)
        return await self.service.batcher.nearest(self.model, directions, k=k, search_limit=limit)

    async def computed(self, make: Callable[[ServedModel], Answer], *, is_long: bool = True) -> Answer:
        """Make the answer, in a thread unless it is a matter of microseconds."""
        self.model.check_unchanged()
        if is_long or not self.model.is_ready:
            return await self.service.compute(make, self.model)
        return make(self.model)


async def _reply(question: _Question, make: Callable[[], Any]) -> Response:
    """Send what `make` answers; or that the client has it already; or why there is none."""
    request, service = question.request, question.service
    etag = None
    if request.method == "GET":
        etag = etag_of(request, [question.model, *question.others])
        if is_known_to_client(request, etag):
            return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "no-cache"})
    try:
        document = await make()
        question.model.check_unchanged()
    except WordvecError as problem:
        raise await service.explained(problem, question.model, question.asked.model_dump()) from problem
    return await service.sent(request, document, etag=etag)


@router.get("/neighbors", summary="The words nearest to some words", **answers_with(schemas.SimilarAnswer))
async def neighbors(request: Request, asked: Annotated[schemas.NeighborsQuery, InQuery()]) -> Response:
    """The words nearest to a word, or to several together, and away from others."""
    if not asked.word and not asked.negative:
        raise Problem(400, "missing_parameter", "word is missing: name at least one", parameter="word")
    question = _Question(request, asked)

    async def make() -> Answer:
        model = question.model
        search = await question.service.search_of(model)

        def looked_up() -> tuple[list[str], list[str], Direction]:
            positive, negative = spelled(model, asked.word), spelled(model, asked.negative)
            return positive, negative, search.direction(positive, negative)

        is_long = len(asked.word) + len(asked.negative) > MAX_SHORT
        positive, negative, direction = await question.looked_up(looked_up, is_long=is_long)
        (found,) = await question.nearest([direction], asked.k)
        return similar_answer(positive, found, negative)

    return await _reply(question, make)


@router.post("/neighbors", summary="Many questions at once", **answers_with(schemas.SimilarAnswers))
async def many_neighbors(request: Request, asked: schemas.NeighborsBody) -> Response:
    """The words nearest to each of many queries: words, vectors, and words with weights."""
    num_terms = sum(len(one.positive) + len(one.negative) for one in asked.queries)
    if num_terms > schemas.MAX_TERMS:
        raise Problem(
            400,
            "too_many",
            f"all queries together have at most {schemas.MAX_TERMS:,} words and vectors, got {num_terms:,}; ask for "
            "less at once",
            parameter="queries",
            got=num_terms,
            allowed=f"at most {schemas.MAX_TERMS}",
        )
    question = _Question(request, asked)
    model = question.model

    def terms(given: Sequence[Any]) -> list[Any]:
        return [
            spelled(model, [one])[0]
            if isinstance(one, str)
            else (spelled(model, [one.word])[0], one.weight)
            if isinstance(one, schemas.WeightedWord)
            else [float(number) for number in one]
            for one in given
        ]

    async def make() -> Answer:
        search = await question.service.search_of(model)

        def looked_up() -> list[Direction]:
            return [
                search.direction(terms(one.positive), _negative(terms(one.negative))) for one in asked.queries
            ]

        directions = await question.looked_up(looked_up, is_long=True)
        found = await question.nearest(directions, asked.k)
        shown = [one.model_dump() for one in asked.queries]
        return {
            "answers": [
                similar_answer(one["positive"], near, one["negative"])
                for one, near in zip(shown, found, strict=True)
            ]
        }

    return await _reply(question, make)


def _negative(terms: Sequence[Any]) -> list[Any]:
    """Terms to subtract: the library takes weights below 0 there, as gensim does."""
    return [(one[0], -abs(one[1])) if isinstance(one, tuple) else one for one in terms]


@router.get("/expression", summary="Sums of words", **answers_with(schemas.ExpressionAnswer))
async def expression(request: Request, asked: Annotated[schemas.ExpressionQuery, InQuery()]) -> Response:
    """The words nearest to a sum, such as `king - man + woman` or `0.5*paris + tokyo`."""
    question = _Question(request, asked)

    async def make() -> Answer:
        search = await question.service.search_of(question.model)

        def looked_up() -> tuple[list[Term], Direction]:
            terms = terms_of(question.model.vectors, asked.q)
            largest = max(abs(term.weight) for term in terms) or 1.0  # so that none is lost in float32
            return terms, search.direction([(term.word, term.weight / largest) for term in terms])

        is_long = len(asked.q) > MAX_SHORT_EXPRESSION
        terms, direction = await question.looked_up(looked_up, is_long=is_long)
        (found,) = await question.nearest([direction], asked.k)
        return expression_answer(asked.q, [(term.word, term.weight) for term in terms], found)

    return await _reply(question, make)


@router.get("/analogy", summary="a is to b as c is to what?", **answers_with(schemas.AnalogyAnswer))
async def analogy(request: Request, asked: Annotated[schemas.AnalogyQuery, InQuery()]) -> Response:
    """The words that are to c as b is to a."""
    question = _Question(request, asked)

    async def make() -> Answer:
        a, b, c = spelled(question.model, [asked.a, asked.b, asked.c])
        if asked.method == "add":
            search = await question.service.search_of(question.model)
            direction = await question.looked_up(lambda: search.direction([b, c], [a]), is_long=False)
            (found,) = await question.nearest([direction], asked.k)
            return analogy_answer(a, b, c, found)

        def by_products(model: ServedModel) -> Answer:
            near = model.vectors.analogy(a, b, c, asked.k, method="mul", search_limit=asked.search_limit)
            return analogy_answer(a, b, c, near)

        return await question.computed(by_products)

    return await _reply(question, make)


@router.get("/similarity", summary="The cosine of two words", **answers_with(schemas.SimilarityAnswer))
async def similarity(request: Request, asked: Annotated[schemas.SimilarityQuery, InQuery()]) -> Response:
    """How alike two words are, from -1 to 1."""
    question = _Question(request, asked)

    def made(model: ServedModel) -> Answer:
        a, b = spelled(model, [asked.a, asked.b])
        return {"a": a, "b": b, "similarity": model.search.cosines([(a, b)])[0]}

    return await _reply(question, lambda: question.computed(made, is_long=False))


@router.post("/similarity", summary="Cosines of pairs of words", **answers_with(schemas.SimilaritiesAnswer))
async def similarities(request: Request, asked: schemas.PairsBody) -> Response:
    """How alike the words of each pair are."""
    question = _Question(request, asked)

    def made(model: ServedModel) -> Answer:
        pairs = [(spelled(model, pair)[0], spelled(model, pair)[1]) for pair in asked.pairs]
        return {"similarities": model.search.cosines(pairs)}

    return await _reply(question, lambda: question.computed(made))


@router.get("/odd", summary="The word that fits least", **answers_with(schemas.OddAnswer))
async def odd(request: Request, asked: Annotated[schemas.OddQuery, InQuery()]) -> Response:
    """The word that is farthest from the mean direction of all."""
    question = _Question(request, asked)

    def made(model: ServedModel) -> Answer:
        words = spelled(model, asked.word)
        return odd_answer(words, model.search.centrality(words))

    is_long = len(asked.word) > MAX_SHORT
    return await _reply(question, lambda: question.computed(made, is_long=is_long))


@router.get("/vocabulary", summary="Words by their spelling", **answers_with(schemas.VocabularyAnswer))
async def vocabulary(request: Request, asked: Annotated[schemas.VocabularyQuery, InQuery()]) -> Response:
    """The most frequent words with a prefix, or the words that are spelled like one."""
    if (asked.prefix is None) == (asked.near is None):
        got = "neither" if asked.prefix is None else "both"
        raise Problem(
            400,
            "misused",
            f"give either prefix or near, got {got}",
            parameter="prefix",
            allowed="prefix or near",
        )
    question = _Question(request, asked)

    def made(model: ServedModel) -> Answer:
        if asked.near is not None:
            found = model.spellings.like(asked.near, asked.k)
            return vocabulary_answer(asked.near, model.vectors, found.ids, found.total)
        prefix = asked.prefix or ""
        found = model.prefixes.starting_with(prefix, asked.k)
        return vocabulary_answer(prefix, model.vectors, found.ids, found.total)

    is_long = asked.near is not None or len(asked.prefix or "") > MAX_SHORT_PREFIX
    return await _reply(question, lambda: question.computed(made, is_long=is_long))


@router.get("/word", summary="What the model knows of a word", **answers_with(schemas.WordAnswer))
async def word(request: Request, asked: Annotated[schemas.WordQuery, InQuery()]) -> Response:
    """Rank, frequency and n-grams of a word."""
    question = _Question(request, asked)

    def made(model: ServedModel) -> Answer:
        (name,) = spelled(model, [asked.word])
        if not model.vectors.vocabulary.has_vector(name):
            model.vectors.vocabulary.id_of(name)  # raises
        stability = question.service.stability_of(model, name)
        return word_answer(model.vectors, name, stability=stability)

    return await _reply(question, lambda: question.computed(made, is_long=False))


@router.get("/vectors", summary="Vectors of words", **answers_with(schemas.VectorsAnswer))
async def vectors(request: Request, asked: Annotated[schemas.WordsQuery, InQuery()]) -> Response:
    """The vectors as training made them."""
    question = _Question(request, asked)
    return await _reply(question, lambda: question.computed(lambda model: _vectors_of(model, asked.word)))


@router.post("/vectors", summary="Vectors of many words", **answers_with(schemas.VectorsAnswer))
async def many_vectors(request: Request, asked: schemas.VectorsBody) -> Response:
    """The vectors as training made them."""
    question = _Question(request, asked)
    return await _reply(question, lambda: question.computed(lambda model: _vectors_of(model, asked.words)))


def _vectors_of(model: ServedModel, words: Sequence[str]) -> Answer:
    names = spelled(model, words)
    return vectors_answer(names, model.vectors.lookup(names))


@router.get("/compare", summary="A word in two models", **answers_with(schemas.CompareAnswer))
async def compare(request: Request, asked: Annotated[schemas.CompareQuery, InQuery()]) -> Response:
    """The neighbors of a word in two models, and what changed."""
    question = _Question(request, asked, asked.other)
    models = [question.model, *question.others]

    async def make() -> Answer:
        found = []
        for model in models:
            try:
                search = await question.service.search_of(model)
                model.check_unchanged()
                directions = [search.direction(spelled(model, [asked.word]))]
            except UnknownWordError as problem:
                raise await question.service.explained(problem, model, asked.model_dump()) from problem
            found += await question.service.batcher.nearest(model, directions, k=asked.k)
        names = [model.name for model in models]
        return word_comparison_answer(asked.word, names, *found)

    return await _reply(question, make)
