"""Routes about the server itself: its models, whether it is well and ready, what it counted, and its pages."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from wordvec.answers import models_answer
from wordvec.serving import schemas
from wordvec.serving.problems import Problem
from wordvec.serving.service import Service, answers_with, is_known_to_client, service_of
from wordvec.visualization import map_page

__all__ = ["page_files", "router"]

FOLDER = Path(__file__).parent / "page"
FOLDER_OF_MAPS = Path(map_page.__file__).parent / "page"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
MIN_COMPRESSED = 1024  # bytes

router = APIRouter()


def _known_of(service: Service, model: Any) -> dict[str, Any]:
    """What can be asked of a model besides its words."""
    return {
        "sentences": service.sentences is not None,
        "encoder": service.texts.has_encoder(model),
        "map": service.maps.state(model.fingerprint).name,
    }


@router.get("/v1/models", summary="The models", tags=["server"], **answers_with(schemas.ModelsAnswer))
async def models(request: Request) -> Response:
    """The models that are served, the default first."""
    service = service_of(request)
    served = service.models.by_name.values()
    listed = [(model.name, model.vectors, _known_of(service, model)) for model in served]
    return await service.sent(request, models_answer(listed))


@router.get("/health", summary="Is it alive?", tags=["server"], **answers_with(schemas.StatusAnswer))
async def health(request: Request) -> Response:
    """Whether the server answers at all."""
    return await service_of(request).sent(request, {"status": "ok"})


@router.get("/ready", summary="Is it ready?", tags=["server"], **answers_with(schemas.StatusAnswer))
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


@router.get(
    "/metrics",
    summary="What Prometheus reads",
    tags=["server"],
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Counts and times of requests and searches, in Prometheus' text form."""
    service = service_of(request)
    text = service.metrics.text(
        wordvec_ready=float(service.models.is_ready),
        wordvec_models=len(service.models.by_name),
        wordvec_words=sum(len(model.vectors) for model in service.models.by_name.values()),
    )
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


class PageFile(NamedTuple):
    """A file of the page."""

    content: bytes
    compressed: bytes | None  # by gzip, where that is smaller
    kind: str  # Content-Type
    etag: str


@cache
def page_files() -> dict[str, PageFile]:
    """All files of the page, by their names.

    >>> page_files()["index.html"].kind
    'text/html; charset=utf-8'
    """
    shared = (FOLDER_OF_MAPS / f"{name}.js" for name in map_page.MODULES)
    own = (file for file in sorted(FOLDER.iterdir()) if file.suffix in KINDS)
    return {file.name: _read(file) for file in (*own, *shared)}


def _read(file: Path) -> PageFile:
    content = file.read_bytes()
    compressed = gzip.compress(content, mtime=0) if len(content) >= MIN_COMPRESSED else content
    mark = hashlib.blake2b(content, digest_size=12).hexdigest()
    is_smaller = len(compressed) < len(content)
    return PageFile(content, compressed if is_smaller else None, KINDS[file.suffix], f'W/"{mark}"')


@router.get("/", include_in_schema=False)
async def explorer(request: Request) -> Response:
    """The explorer."""
    return _page_file(request, "index.html")


@router.get("/api", include_in_schema=False)
async def api_page(request: Request) -> Response:
    """The page that shows the OpenAPI document."""
    return _page_file(request, "reference.html")


@router.get("/page/{name}", include_in_schema=False)
async def page_file(request: Request, name: str) -> Response:
    """A file of the explorer."""
    return _page_file(request, name)


def _page_file(request: Request, name: str) -> Response:
    """A file of the page, and no other file: names are looked up, not opened.

    Raises:
        Problem: 404, the page has no such file.
    """
    found = page_files().get(name)
    if found is None:
        raise Problem(404, "unknown_path", f"the page has no file {name!r}", got=name)
    headers = {"ETag": found.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if is_known_to_client(request, found.etag):
        return Response(status_code=304, headers=headers)
    if found.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            found.compressed, headers={**headers, "Content-Encoding": "gzip"}, media_type=found.kind
        )
    return Response(found.content, headers=headers, media_type=found.kind)
