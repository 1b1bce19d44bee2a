"""Routes about texts: their vectors, and those of a file that are nearest to a query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from wordvec.errors import WordvecError
from wordvec.serving import schemas
from wordvec.serving.models import ServedModel
from wordvec.serving.service import Service, answers_with, service_of
from wordvec.serving.texts import embeddings_of, encoding_of

__all__ = ["router"]

Answer = dict[str, Any]

router = APIRouter(prefix="/v1", tags=["texts"])


async def _reply(
    request: Request, model: ServedModel, asked: BaseModel, make: Callable[[], Answer]
) -> Response:
    """Send what `make` answers, in a thread."""
    service = service_of(request)
    model.check_unchanged()
    try:
        document = await service.compute(make)
    except WordvecError as problem:
        raise await service.explained(problem, model, asked.model_dump()) from problem
    return await service.sent(request, document)


def _asked_model(request: Request, name: str | None) -> tuple[Service, ServedModel]:
    service = service_of(request)
    return service, service.models.named(name)


@router.post("/documents/encode", summary="Vectors of texts", **answers_with(schemas.EncodeAnswer))
async def encode(request: Request, asked: schemas.EncodeBody) -> Response:
    """Vectors of length 1, whose products say how alike texts are; zeros for a text without a known word."""
    service, model = _asked_model(request, asked.model)
    return await _reply(
        request, model, asked, lambda: encoding_of(service.texts.encoder_of(model), asked.texts)
    )


@router.post("/documents/search", summary="Texts by meaning", **answers_with(schemas.SearchAnswer))
async def search(request: Request, asked: schemas.SearchBody) -> Response:
    """The texts of the file that are nearest to a query."""
    service, model = _asked_model(request, asked.model)
    return await _reply(request, model, asked, lambda: service.texts.search(asked.query, asked.k))


@router.post("/embeddings", summary="Vectors in OpenAI's form", **answers_with(schemas.EmbeddingsAnswer))
async def embeddings(request: Request, asked: schemas.EmbeddingsBody) -> Response:
    """The vectors of texts in the form that common clients post and read."""
    service = service_of(request)
    name = None if asked.model is not None and asked.model == service.texts.name else asked.model
    model = service.models.named(name)
    texts = [asked.input] if isinstance(asked.input, str) else asked.input

    def make() -> Answer:
        encoder = service.texts.encoder_of(model)
        return embeddings_of(encoder, asked.model or model.name, texts, asked.encoding_format)

    return await _reply(request, model, asked, make)
