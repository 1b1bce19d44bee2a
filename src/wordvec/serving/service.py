"""Service: what all routes share: the models of the moment, threads, the batcher, and how answers are sent."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from starlette.requests import Request
from starlette.responses import Response

from wordvec.config import usable_cores
from wordvec.errors import UnknownWordError
from wordvec.serving.batching import Batcher
from wordvec.serving.corpus_sentences import Sentences
from wordvec.serving.maps import Maps
from wordvec.serving.models import Models, ServedModel
from wordvec.serving.observing import Metrics
from wordvec.serving.problems import Problem, encoded, has_long_list, problem_of
from wordvec.serving.texts import Texts
from wordvec.vectors.expressions import ExpressionError, UnknownTermError, known_spelling
from wordvec.vectors.prepared_search import PreparedSearch
from wordvec.vocabulary.spelling import UnknownWordMessage, unknown_word_message

__all__ = ["Service", "answers_with", "etag_of", "is_known_to_client", "service_of", "spelled"]

Result = TypeVar("Result")

MIN_COMPRESSED = 1024  # bytes
GZIP_LEVEL = 4
NEAR_WORDS = 3
MAX_THREADS = 8


class Service:
    """What answers need; one for each process.

    Args:
        models: to begin with; a reload replaces them.
        sentences: of the corpus, if there is one.
        texts: what encodes and searches texts.
        maps: of the models.
        draws_maps: whether a map may be drawn while serving.
        agreement: how far the neighbors of the default model's words agree between seeds, as far as that is known.
    """

    def __init__(
        self,
        models: Models,
        *,
        sentences: Sentences | None = None,
        texts: Texts | None = None,
        maps: Maps | None = None,
        draws_maps: bool = True,
        agreement: Mapping[str, float] | None = None,
    ):
        self.models = models
        self.sentences, self.texts, self.maps = sentences, texts or Texts(), maps or Maps()
        self.draws_maps, self._agreement = draws_maps, agreement or {}
        self.metrics = Metrics([])  # the server's takes its place
        self.batcher = Batcher(self._count_search)
        self._threads = _new_threads()

    def stability_of(self, model: ServedModel, word: str) -> float | None:
        """How far the neighbors of a word agree between seeds; None where that is not known."""
        return self._agreement.get(word) if model is self.models.default else None

    def restart_threads(self) -> None:
        """Begin with new threads, in a process that was forked: a child has none of its parent's."""
        self.batcher = Batcher(self._count_search)
        self._threads = _new_threads()

    def _count_search(self, num_queries: int) -> None:
        self.metrics.add("wordvec_searches_total", 1)
        self.metrics.add("wordvec_searched_queries_total", num_queries)

    async def compute(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run a function in a thread, so that others are answered meanwhile."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, function, *arguments)

    async def search_of(self, model: ServedModel) -> PreparedSearch:
        """What finds the neighbors of a model; waits, without a thread, until it is made."""
        return (
            await asyncio.wrap_future(model.making_search) if not model.making_search.done() else model.search
        )

    def close(self) -> None:
        """End the threads."""
        self.batcher.close()
        self.maps.close()
        if self.sentences is not None:
            self.sentences.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def explained(
        self, problem: Exception, model: ServedModel, asked: dict[str, Any] | None = None
    ) -> Problem:
        """The problem of an error, with the near spellings of an unknown word, and the parameter that has it."""
        if isinstance(problem, UnknownWordError):
            return await self.compute(_unknown_word, problem, model, asked or {})
        if isinstance(problem, ExpressionError):
            return Problem(
                400,
                "malformed_expression",
                str(problem),
                parameter="q",
                got=(asked or {}).get("q"),
                column=problem.column,
            )
        return problem_of(problem)

    async def sent(self, request: Request, document: Any, *, etag: str | None = None) -> Response:
        """An answer, compressed if the client takes that and it is not small."""
        takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
        body = await self.compute(encoded, document) if has_long_list(document) else encoded(document)
        headers = {"Vary": "Accept-Encoding", "Cache-Control": "no-cache"}
        if etag is not None:
            headers["ETag"] = etag
        if takes_gzip and len(body) >= MIN_COMPRESSED:
            body = await self.compute(gzip.compress, body, GZIP_LEVEL)
            headers["Content-Encoding"] = "gzip"
        return Response(body, headers=headers, media_type="application/json")


def _new_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(min(MAX_THREADS, usable_cores() + 1), thread_name_prefix="wordvec-answers")


def service_of(request: Request) -> Service:
    """The service of the process that got this request."""
    return cast("Service", request.app.state.service)


def answers_with(form: Any) -> dict[str, Any]:
    """What a route says of its answers: their form is for the OpenAPI document, and not checked while serving."""
    return {"response_model": None, "responses": {200: {"model": form}}}


def etag_of(request: Request, models: Sequence[ServedModel]) -> str:
    """A mark of the answer to this URL by these models: the same as long as the answer is."""
    about = [model.fingerprint for model in models]
    content = f"{about} {request.url.path} {request.scope['query_string']!r}"
    return f'W/"{hashlib.blake2b(content.encode(), digest_size=12).hexdigest()}"'


def is_known_to_client(request: Request, etag: str) -> bool:
    """Whether the client says that it has this answer already."""
    listed = request.headers.get("if-none-match")
    return listed is not None and etag in [one.strip() for one in listed.split(",")]


def spelled(model: ServedModel, words: Sequence[str]) -> list[str]:
    """Words as the model has them: as they are, composed (NFC), or joined as phrases; others stay as they are."""
    return [known_spelling(model.vectors, word) or word for word in words]


def _unknown_word(problem: UnknownWordError, model: ServedModel, asked: dict[str, Any]) -> Problem:
    """Runs in a thread, as near spellings take milliseconds."""
    about = problem.args[0]
    if not isinstance(about, UnknownWordMessage):
        return problem_of(problem)
    ids = model.spellings.like(about.word, NEAR_WORDS).ids
    near = [model.vectors.words[one] for one in ids]
    message = unknown_word_message(about.word, len(model.vectors), near)
    column = problem.column if isinstance(problem, UnknownTermError) else None
    parameter = "q" if column is not None else _parameter_with(about.word, asked)
    return Problem(
        404, "unknown_word", message, parameter=parameter, got=about.word, near=near, column=column
    )


def _parameter_with(word: str, asked: Any) -> str | None:
    """The name of the parameter that has a word, in any of its forms."""
    from unicodedata import normalize

    def has(value: Any) -> bool:
        if isinstance(value, str):
            return value == word or normalize("NFC", value) == normalize("NFC", word)
        if isinstance(value, dict):
            return any(map(has, value.values()))
        return isinstance(value, list) and any(map(has, value))

    return next((name for name, value in asked.items() if has(value)), None)
