"""Routes whose answers are made in the background: the sentences of a corpus, and the map."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

from fastapi import APIRouter
from fastapi import Query as InQuery
from starlette.requests import Request
from starlette.responses import Response

from wordvec.answers import sentences_answer
from wordvec.errors import WordvecError
from wordvec.serving import schemas
from wordvec.serving.problems import Problem, problem_of
from wordvec.serving.service import Service, answers_with, service_of

__all__ = ["router"]

Result = TypeVar("Result")

router = APIRouter(prefix="/v1", tags=["corpus and map"])


async def _computed(service: Service, function: Callable[[], Result]) -> Result:
    """What a function returns in a thread; what the library raises is a problem that has an answer."""
    try:
        return await service.compute(function)
    except WordvecError as problem:
        raise problem_of(problem) from problem


@router.get("/sentences", summary="Sentences with a word", **answers_with(schemas.SentencesAnswer))
async def sentences(request: Request, asked: Annotated[schemas.SentencesQuery, InQuery()]) -> Response:
    """Sentences of the corpus with a word, or with two words, those first in which they are nearest."""
    service = service_of(request)
    service.models.named(asked.model)
    if service.sentences is None:
        raise Problem(
            404, "no_sentences", "this server has no corpus to quote from; start it with --corpus FILE"
        )
    find = partial(service.sentences.find, asked.word, asked.other, asked.k, asked.offset)
    found = await _computed(service, find)
    return await service.sent(
        request, sentences_answer(asked.word, asked.other, found.total, found.sentences)
    )


@router.get("/map", summary="The map, or how far it is", **answers_with(schemas.MapAnswer))
async def map_of_words(request: Request, asked: Annotated[schemas.ModelQuery, InQuery()]) -> Response:
    """Words on a plane, similar ones near each other."""
    service = service_of(request)
    model = service.models.named(asked.model)
    state = await service.compute(service.maps.state, model.fingerprint)
    return await service.sent(request, await service.compute(lambda: state.answer))


@router.post("/map", summary="Draw the map", **answers_with(schemas.MapAnswer))
async def draw_map(request: Request, asked: schemas.MapBody) -> Response:
    """Begin to draw the map of the most frequent words; GET says how far it is."""
    service = service_of(request)
    model = service.models.named(asked.model)
    if not service.draws_maps:
        raise Problem(
            400,
            "no_drawing",
            "this server has several workers, and none of them draws maps; draw one with wordvec map and serve it "
            "with --map FILE, or serve with one worker",
        )
    model.check_unchanged()
    begin = partial(service.maps.begin, model.fingerprint, model.vectors)
    state = await _computed(service, partial(begin, words=asked.words, method=asked.method))
    return await service.sent(request, await service.compute(lambda: state.answer))
