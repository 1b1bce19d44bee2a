"""MCP: the questions of the server as tools for agents, over standard input and output, by the official Python SDK.

Each tool asks a route of the same application, in this process: its answers, limits and errors are those of the API.
"""

from __future__ import annotations

import json
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError

from wordvec.serving import schemas
from wordvec.serving.application import make_app
from wordvec.serving.models import load_models
from wordvec.serving.problems import problem_of_validation
from wordvec.serving.server import Options, check_options, make_service, prepare
from wordvec.serving.service import Service
from wordvec.text import one_line
from wordvec.version import __version__

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from starlette.types import ASGIApp

__all__ = ["mcp_server", "serve_mcp"]

INSTRUCTIONS = (
    "Word vectors trained on text: which words are used alike, and how alike. Similarities are cosines, from -1 to 1. "
    "Words are spelled as in the model, in most models in lower case; an error about an unknown word names near "
    "spellings, and find_words completes and corrects words. Start with list_models where several models may be served."
)


class _Tool(NamedTuple):
    """A tool, and the route that answers it."""

    name: str
    path: str
    asked: type[BaseModel]  # its arguments
    answer: type[BaseModel]
    description: str
    method: str = "GET"


class _Nothing(BaseModel):
    """No arguments."""

    model_config = {"extra": "forbid"}


TOOLS = (
    _Tool(
        "list_models",
        "/v1/models",
        _Nothing,
        schemas.ModelsAnswer,
        "List the models, the default first: how many words each has, and what it can answer.",
    ),
    _Tool(
        "nearest_words",
        "/v1/neighbors",
        schemas.NeighborsQuery,
        schemas.SimilarAnswer,
        "Find the words that are used most like a word, or like several words together (word), and unlike others "
        "(negative).",
    ),
    _Tool(
        "evaluate_expression",
        "/v1/expression",
        schemas.ExpressionQuery,
        schemas.ExpressionAnswer,
        "Find the words nearest to a sum of words, such as king - man + woman, or 0.5*paris + tokyo. Words with "
        'spaces or operators in them stand in double quotes: "new york" - 2*"c++".',
    ),
    _Tool(
        "solve_analogy",
        "/v1/analogy",
        schemas.AnalogyQuery,
        schemas.AnalogyAnswer,
        "Find the words that are to c as b is to a: for a man, b king and c woman, the answer is queen.",
    ),
    _Tool(
        "compare_words",
        "/v1/similarity",
        schemas.SimilarityQuery,
        schemas.SimilarityAnswer,
        "Compute how alike two words are used, as a cosine from -1 to 1.",
    ),
    _Tool(
        "find_odd_one_out",
        "/v1/odd",
        schemas.OddQuery,
        schemas.OddAnswer,
        "Find the word of a list that fits least with the others.",
    ),
    _Tool(
        "find_words",
        "/v1/vocabulary",
        schemas.VocabularyQuery,
        schemas.VocabularyAnswer,
        "Find words of the model by spelling: those that begin with prefix, the most frequent first, or those that are "
        "spelled like near. Give one of the two.",
    ),
    _Tool(
        "describe_word",
        "/v1/word",
        schemas.WordQuery,
        schemas.WordAnswer,
        "Say what is known of a word: its rank by frequency, how often it occurs, its pieces in models with subwords.",
    ),
    _Tool(
        "get_vectors",
        "/v1/vectors",
        schemas.WordsQuery,
        schemas.VectorsAnswer,
        "Get the vectors of words, for computations of your own; long: some hundred numbers a word.",
    ),
    _Tool(
        "compare_models",
        "/v1/compare",
        schemas.CompareQuery,
        schemas.CompareAnswer,
        "Compare what two models say of a word, such as models of two years: the neighbors in each, which are shared, "
        "gained and lost.",
    ),
)
SENTENCES = _Tool(
    "find_sentences",
    "/v1/sentences",
    schemas.SentencesQuery,
    schemas.SentencesAnswer,
    "Quote sentences of the text with a word, or with two words (word, other), those first in which they stand "
    "nearest together: evidence for why two words are neighbors. Spans are the characters of text where they stand.",
)
SEARCH = _Tool(
    "search_texts",
    "/v1/documents/search",
    schemas.SearchBody,
    schemas.SearchAnswer,
    "Find the texts of the server's collection that are nearest in meaning to a query of a few words or sentences.",
    "POST",
)


def serve_mcp(options: Options) -> None:
    """Answer on standard input and output until the client closes them.

    Raises:
        ConfigError: an option is not valid.
        FormatError: a model cannot be read.
    """
    import anyio
    from mcp.server.stdio import stdio_server

    check_options(options)
    models = load_models(options.models, options.limit)
    service = make_service(options, models)
    Thread(target=prepare, args=(models, service.sentences), daemon=True).start()
    server = mcp_server(service)

    async def run() -> None:
        async with stdio_server() as (received, sent):
            await server.run(received, sent, server.create_initialization_options())

    try:
        anyio.run(run)
    finally:
        service.close()


def mcp_server(service: Service) -> Server[Any]:
    """The server of the SDK, with a tool for each question that this service can answer."""
    import mcp_types as types
    from mcp.server.lowlevel import Server

    app = make_app(service)
    further = [(SENTENCES, service.sentences is not None), (SEARCH, service.texts.has_texts)]
    tools = {tool.name: tool for tool in (*TOOLS, *(tool for tool, can in further if can))}
    is_safe = types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    listed = [
        types.Tool(
            name=tool.name,
            description=tool.description,
            input_schema=_schema(tool.asked),
            output_schema=_schema(tool.answer),
            annotations=is_safe,
        )
        for tool in tools.values()
    ]

    async def list_tools(_context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=listed)

    async def call_tool(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name not in tools:
            text = f"there is no tool {params.name!r}; there are {', '.join(tools)}"
            return types.CallToolResult(content=[types.TextContent(text=one_line(text))], is_error=True)
        is_error, document = await _answered(app, tools[params.name], params.arguments or {})
        if is_error:
            return types.CallToolResult(content=[types.TextContent(text=document)], is_error=True)
        text = json.dumps(document, ensure_ascii=False)
        return types.CallToolResult(content=[types.TextContent(text=text)], structured_content=document)

    return Server(
        "wordvec",
        version=__version__,
        title="Word vectors",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _schema(form: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a form, without the titles that pydantic adds."""

    def untitled(value: Any) -> Any:
        if isinstance(value, list):
            return [untitled(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {
            name: {key: untitled(one) for key, one in inner.items()}
            if name in ("properties", "$defs")
            else untitled(inner)
            for name, inner in value.items()
            if name != "title"
        }

    schema: dict[str, Any] = untitled(form.model_json_schema())
    schema.pop("description", None)
    return schema


async def _answered(app: ASGIApp, tool: _Tool, arguments: dict[str, Any]) -> tuple[bool, Any]:
    """Whether it is an error, and the document, or the message in one line."""
    try:
        asked = tool.asked.model_validate(arguments)
    except ValidationError as problem:
        return True, problem_of_validation([dict(error) for error in problem.errors()]).message
    given = asked.model_dump(exclude_none=True)
    if tool.method == "GET":
        status, body = await _requested(app, "GET", tool.path, query=urlencode(given, doseq=True))
    else:
        status, body = await _requested(app, "POST", tool.path, content=json.dumps(given).encode())
    document = json.loads(body)
    return (False, document) if status < 400 else (True, one_line(document["error"]["message"]))


async def _requested(
    app: ASGIApp, method: str, path: str, *, query: str = "", content: bytes = b""
) -> tuple[int, bytes]:
    """Ask the application in this process: the status and the body of its answer."""
    status, body = 0, []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)
        body.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }
    await app(scope, receive, send)
    return status, b"".join(body)
