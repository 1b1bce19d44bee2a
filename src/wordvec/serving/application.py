"""The application: routes, guards and the error form, put together."""

from __future__ import annotations

from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from wordvec.serving import job_routes, schemas, service_routes, text_routes, word_routes
from wordvec.serving.problems import CODES, Problem, answer_of, problem_of, problem_of_validation
from wordvec.serving.service import Service
from wordvec.version import __version__

__all__ = ["make_app", "route_paths"]

ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.ErrorAnswer, "description": text}
    for status, text in {
        400: "A parameter is missing or misused",
        401: "The token is missing or wrong",
        404: "The word, the model or the path is unknown",
        405: "The path takes other methods",
        413: "The body is too large",
        414: "The query is too long",
        415: "The body is not JSON",
        421: "The Host header names another server",
        501: "A package is not installed",
        503: "Busy, or not ready yet",
    }.items()
}

ROUTERS = [module.router for module in (word_routes, job_routes, text_routes, service_routes)]


class _Application(FastAPI):
    """FastAPI, whose OpenAPI document leaves out the status that we never answer."""

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            for methods in document["paths"].values():
                for operation in methods.values():
                    operation["responses"].pop("422", None)
            for name in ("HTTPValidationError", "ValidationError"):
                document["components"]["schemas"].pop(name, None)
        return self.openapi_schema or {}


def make_app(service: Service) -> FastAPI:
    """Put the application together."""
    app = _Application(
        title="wordvec",
        version=__version__,
        description="Questions to word vectors.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        responses=ERRORS,
    )
    app.state.service = service
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_problem)
    return app


def route_paths() -> list[str]:
    """The paths of all routes, as they are declared.

    >>> "/v1/neighbors" in route_paths()
    True
    """
    return [getattr(route, "path", "") for router in ROUTERS for route in router.routes]


async def _answer_problem(_request: Request, problem: Exception) -> Response:
    return answer_of(problem_of(problem))


async def _answer_validation(_request: Request, problem: Exception) -> Response:
    return answer_of(problem_of_validation(cast("RequestValidationError", problem).errors()))


async def _answer_http(request: Request, error: Exception) -> Response:
    problem = cast("HTTPException", error)
    status = problem.status_code
    path = request.url.path
    allowed = (problem.headers or {}).get("Allow")
    message = {
        404: f"there is nothing at {path}; /api lists what there is",
        405: f"{request.method} is not for {path}",
    }.get(status, str(problem.detail))
    code = CODES.get(status, "refused")
    return answer_of(
        Problem(
            status,
            code,
            message,
            got=path if status == 404 else None,
            allowed=allowed,
            headers=problem.headers,
        )
    )
