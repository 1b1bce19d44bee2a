"""Routes about the server itself: its models, whether it is well and ready, and the files of its page."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as InQuery
from starlette.requests import Request
from starlette.responses import Response

from wordvec.answers import models_answer
from wordvec.serving import schemas
from wordvec.serving.problems import Problem
from wordvec.serving.service import service_of

__all__ = ["router"]

PAGE = Path(__file__).parent / "page"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

router = APIRouter()


class NoQuery(schemas.BaseModel):
    """No parameters."""


@router.get(
    "/v1/models", response_model=None, responses={200: {"model": schemas.ModelsAnswer}}, tags=["server"]
)
async def models(request: Request) -> Response:
    """The models that are served, the default first."""
    service = service_of(request)
    listed = [
        (
            model.name,
            model.vectors,
            {
                "sentences": service.sentences is not None,
                "encoder": service.texts.has_encoder(model),
                "map": service.maps.state(model.fingerprint).name,
            },
        )
        for model in service.models.by_name.values()
    ]
    return await service.sent(request, models_answer(listed))


@router.get("/health", response_model=None, responses={200: {"model": schemas.StatusAnswer}}, tags=["server"])
async def health(request: Request) -> Response:
    """Whether the server answers at all."""
    return await service_of(request).sent(request, {"status": "ok"})


@router.get("/ready", response_model=None, responses={200: {"model": schemas.StatusAnswer}}, tags=["server"])
async def ready(request: Request) -> Response:
    """Whether all models answer without waiting."""
    service = service_of(request)
    if not service.models.is_ready:
        raise Problem(
            503,
            "not_ready",
            "the models are being made ready; ask again in a second",
            headers={"Retry-After": "1"},
        )
    return await service.sent(request, {"status": "ready"})


@router.get("/", include_in_schema=False)
async def explorer(request: Request) -> Response:
    """The explorer."""
    return _file("index.html")


@router.get("/page/{name}", include_in_schema=False)
async def page_file(name: str) -> Response:
    """A file of the explorer."""
    return _file(name)


def _file(name: str) -> Response:
    files = {file.name: file for file in PAGE.iterdir() if file.suffix in KINDS}
    if name not in files:
        raise Problem(404, "unknown_path", f"the page has no file {name!r}", got=name)
    return Response(files[name].read_bytes(), media_type=KINDS[files[name].suffix])
