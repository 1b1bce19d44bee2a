"""The house: count what makes a package easy to find one's way in, and find words that strangers do not know.

python -m tests.house            # or: make counts
python -m tests.house --words    # every forbidden word, with its place
"""

from __future__ import annotations

import argparse
import ast
import copy
import functools
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NamedTuple

__all__ = ["COUNTS", "LIMITS", "Count", "forbidden_words", "main"]

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "wordvec"

LIMITS = {
    # 180 when the rooms were laid out; training in batches brought eleven, the family of models, subwords and phrases
    # some fifteen; ranks, tuning and text encoders three rooms; the server a room of some fifteen, and what it asks of
    # the rooms below; hybrid search one; the full softmax a second one for its pairs, as the first grew too long
    "source files": 272,
    "lines of the longest file": 600,
    "files from wordvec.train to the kernel": 5,
    "places that name an engine, outside engines/": 2,
    "imports that go up": 1,
    "basenames of unrelated files": 0,
    "functions over 80 lines": 0,
    "functions that stand twice": 0,
}
MAX_FUNCTION_LINES = 80

# Files of functions that emit a tile: their length is that of the code that they write.
EMITTED_TILES = re.compile(r"kernels/\S*tile\w*\.py:")

RELATED = {  # files of one name, and why a reader expects that
    frozenset({"vectors/analogy.py", "cli/analogy.py"}): "the verb beside what it asks",
    frozenset({"evaluation/stability.py", "cli/stability.py"}): "the verb beside what it computes",
    frozenset({"phrases/phrases.py", "cli/phrases.py"}): "the verb beside what it finds",
    frozenset(
        {"vocabulary/subwords.py", "kernels/cpu/subwords.py"}
    ): "which rows make a word, and how they train",
    frozenset({"tuning/tune.py", "cli/tune.py"}): "the verb beside the public function",
    frozenset({"pipeline/train.py", "cli/train.py"}): "the verb beside the public function",
    frozenset({"pipeline/resume.py", "cli/resume.py"}): "the verb beside the public function",
    frozenset(
        {"pipeline/resume.py", "cli/resume.py", "recipes/resume.py"}
    ): "the verb beside the public functions",
    frozenset({"kernels/cpu/windows.py", "kernels/torch/windows.py"}): "one idea for two engines",
    frozenset({"engines/numba/engine.py", "engines/torch/engine.py"}): "each engine's own",
    frozenset({"engines/numba/spec.py", "engines/torch/spec.py"}): "each engine's own",
    frozenset(
        {"engines/engine.py", "engines/numba/engine.py", "engines/torch/engine.py"}
    ): "the protocol and its engines",
    frozenset(
        {"engines/engine.py", "engines/numba/spec.py", "engines/torch/spec.py"}
    ): "the specification and its engines",
}

ENGINE_STRINGS = {"numba", "torch"}
ENGINE_IDENTIFIERS = re.compile(
    r"(Numba|Torch)(Engine|Worker|Spec)|(NUMBA|TORCH)_(KNOWS|ENGINE|SPEC|BYTES)|_?(numba|torch)_(engine|spec)"
)
TAKES_PACKAGES = {"imported", "find_spec", "import_module", "Package", "version"}  # calls that name a package


class Count(NamedTuple):
    """One figure, and what it is made of."""

    figure: int
    details: list[str]


def files() -> list[Path]:
    """The source files."""
    return sorted(SOURCE.rglob("*.py"))


def inside(file: Path) -> str:
    """The path of a source file in the package."""
    return file.relative_to(SOURCE).as_posix()


@functools.cache
def tree_of(file: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(file.read_text(encoding="utf-8"))


def source_files() -> Count:
    """Files of the package, and how many there are in each room."""
    rooms: dict[str, int] = defaultdict(int)
    for file in files():
        rooms[inside(file).split("/")[0] if "/" in inside(file) else "."] += 1
    return Count(len(files()), [f"{room}: {number}" for room, number in sorted(rooms.items())])


def longest_file() -> Count:
    """Lines of the longest file; and all files over the limit."""
    lengths = {inside(file): len(file.read_text(encoding="utf-8").splitlines()) for file in files()}
    limit = LIMITS["lines of the longest file"]
    return Count(
        max(lengths.values()), [f"{name}: {lines}" for name, lines in lengths.items() if lines > limit]
    )


def files_to_the_kernel() -> Count:
    """Files with a frame on the stack when `wordvec.train` calls the kernel that moves vectors, and the kernel's own.

    The stack of a worker's thread stands on the stack of the frame that started the thread.
    """
    import wordvec

    chains: dict[tuple[str, ...], set[str]] = {}
    started_by: dict[threading.Thread, list[str]] = {}
    start = threading.Thread.start

    def start_and_note(thread: threading.Thread) -> None:
        started_by[thread] = _files_on_stack(sys._getframe(1)) + started_by.get(
            threading.current_thread(), []
        )
        start(thread)

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(str(SOURCE)):
            return
        for kernel in _kernels_named_in(frame):
            stack = _files_on_stack(frame) + started_by.get(threading.current_thread(), [])
            own = inside(Path(kernel.py_func.__code__.co_filename))
            chain = tuple(dict.fromkeys(reversed([own, *stack])))
            chains.setdefault(chain, set()).add(kernel.py_func.__name__)

    texts = [["red", "green", "blue", "gray"]] * 60
    settings: dict[str, Any] = {
        "dim": 4,
        "epochs": 1,
        "threads": 1,
        "subsample": 0,
        "engine": "numba",
        "progress": False,
    }
    wordvec.train(texts, **settings)  # compiles, so that compiling is not on the stacks
    threading.Thread.start = start_and_note  # type: ignore[method-assign]
    threading.setprofile(look)
    sys.setprofile(look)
    try:
        wordvec.train(texts, **settings)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
        threading.Thread.start = start  # type: ignore[method-assign]
    longest = max(chains, key=len, default=())
    return Count(len(longest), [" → ".join(longest) + f" ({', '.join(sorted(chains.get(longest, ())))})"])


def _files_on_stack(frame: FrameType | None) -> list[str]:
    """The package's files on a stack, the innermost first."""
    found = []
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(SOURCE):
            found.append(inside(path))
        frame = frame.f_back
    return found


def _kernels_named_in(frame: FrameType) -> Iterator[Any]:
    """Compiled functions that take the matrices, among those that the code of a frame can name."""
    names, known = frame.f_code.co_names, frame.f_globals
    values = [known[name] for name in names if name in known]
    values += [vars(one).get(name) for one in values if isinstance(one, ModuleType) for name in names]
    values += [frame.f_locals[name] for name in frame.f_code.co_freevars if name in frame.f_locals]
    values += getattr(frame.f_locals.get("self"), "__dict__", {}).values()
    for value in values:
        function = getattr(value, "py_func", None)
        if function is not None and hasattr(value, "overloads"):
            parameters = function.__code__.co_varnames[: function.__code__.co_argcount]
            if {"input_vectors", "output_vectors", "matrices", "model"} & set(parameters):
                yield value


def places_that_name_engines() -> Count:
    """Statements that hold the name of an engine, in files outside engines/.

    Names of packages, of a way to begin vectors ("torch"), and the settings of recipes are none of them.
    """
    places: dict[str, str] = {}
    for file in files():
        if inside(file).startswith(("engines/", "kernels/")) or inside(file) == "packages.py":
            continue
        for statement, node in _with_statements(tree_of(file)):
            name = _engine_in(node)
            if name and not (inside(file).startswith("recipes/") and isinstance(statement, ast.Assign)):
                places.setdefault(f"{inside(file)}:{statement.lineno}", name)
    return Count(len(places), [f"{place}: {name}" for place, name in places.items()])


def _with_statements(tree: ast.AST) -> Iterator[tuple[ast.stmt, ast.AST]]:
    """Each node but docstrings and names of packages or ways to begin, with the innermost statement that it is in."""

    def visit(node: ast.AST, statement: ast.stmt | None) -> Iterator[tuple[ast.stmt, ast.AST]]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        if isinstance(node, ast.Call) and _called(node) in TAKES_PACKAGES:
            return
        text = ast.unparse(node) if isinstance(node, (ast.Compare, ast.Subscript)) else ""
        if text.startswith("initialization") or ("'xavier'" in text and text.startswith("Literal")):
            return
        if isinstance(node, ast.stmt):
            statement = node
        if statement is not None:
            yield statement, node
        for child in ast.iter_child_nodes(node):
            yield from visit(child, statement)

    yield from visit(tree, None)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _engine_in(node: ast.AST) -> str | None:
    """The name of an engine that a node is, if it is one."""
    if isinstance(node, ast.Constant):
        return repr(node.value) if isinstance(node.value, str) and node.value in ENGINE_STRINGS else None
    names = [getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "name", None)]
    if isinstance(node, ast.ImportFrom) and re.match(r"wordvec\.engines\.(numba|torch)", node.module or ""):
        return node.module
    return next(
        (name for name in names if isinstance(name, str) and ENGINE_IDENTIFIERS.fullmatch(name)), None
    )


def imports_that_go_up() -> Count:
    """What import-linter is told to overlook, the public names of the package excepted."""
    toml = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = toml.split("ignore_imports = [")[1].split("\n]")[0]
    found = re.findall(r'"(.+? -> .+?)"', ignored)
    ups = [one for one in found if not one.startswith("wordvec -> ")]
    return Count(len(ups), ups)


def basenames_of_unrelated_files() -> Count:
    """Basenames that two files or more have, but for related ones."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for file in files():
        if file.name not in ("__init__.py", "__main__.py"):
            by_name[file.name].append(inside(file))
    repeated = [paths for paths in by_name.values() if len(paths) > 1 and frozenset(paths) not in RELATED]
    return Count(len(repeated), [" | ".join(paths) for paths in repeated])


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef, bool]]:
    """Each function, with its file, and whether it stands at the top level."""
    for file in files():
        tree = tree_of(file)
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield file, node, node in tree.body


def long_functions() -> Count:
    """Functions of more than 80 lines, the docstring not counted, but for those that emit tiles."""
    found = []
    for file, node, _ in functions():
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if ast.get_docstring(node) is not None:
            lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
        where = f"{inside(file)}:{node.name}"
        if lines > MAX_FUNCTION_LINES and not EMITTED_TILES.search(where):
            found.append(f"{where}: {lines} lines")
    return Count(len(found), found)


def functions_that_stand_twice() -> Count:
    """Functions with the same body in two files or more: names of arguments and variables do not matter."""
    same: dict[str, list[str]] = defaultdict(list)
    for file, node, is_top in functions():
        if is_top and (shape := _shape(node)):
            same[shape].append(f"{inside(file)}:{node.name}")
    found = [" | ".join(places) for places in same.values() if len({one.split(":")[0] for one in places}) > 1]
    return Count(len(found), found)


MIN_NODES = 25  # a body of fewer says too little to be one thing said twice


def _shape(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """The body without its docstring, in which local names are numbered; None for a short one."""
    body = copy.deepcopy(function.body)
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    nodes = [node for statement in body for node in ast.walk(statement)]
    if len(nodes) < MIN_NODES:
        return None
    arguments = [one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)]
    stored = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    numbers = {name: f"local{number}" for number, name in enumerate(dict.fromkeys(arguments + stored))}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in numbers:
            node.id = numbers[node.id]
    return "\n".join(ast.dump(statement) for statement in body)


FORMAT_PROTOCOL = {"read", "write"}  # what each format offers
SHARED_NAMES = {"main", "page", "table", "run"}  # what a module's one entry is called


def names_in_several_files() -> Count:
    """Functions at the top level, private ones too, whose name and number of arguments two files or more define.

    A verb of the command line is called as the function that it calls, and a room's `build` as another room's: both
    are left out, as are kernels with their twins in PyTorch, and what each format offers.
    """
    homes: dict[tuple[str, int], list[str]] = defaultdict(list)
    for file, node, is_top in functions():
        if is_top and node.name not in SHARED_NAMES and not inside(file).startswith("cli/"):
            homes[node.name, len(node.args.args) + len(node.args.kwonlyargs)].append(inside(file))
    found = []
    for (name, _), paths in homes.items():
        is_twin = all(path.startswith("kernels/") for path in paths) or all(
            path.startswith("engines/") for path in paths
        )
        is_twin = is_twin or (name in FORMAT_PROTOCOL and all(path.startswith("formats/") for path in paths))
        if len(set(paths)) > 1 and not is_twin:
            found.append(f"{name}: {' | '.join(paths)}")
    return Count(len(found), found)


COUNTS: dict[str, Callable[[], Count]] = {
    "source files": source_files,
    "lines of the longest file": longest_file,
    "files from wordvec.train to the kernel": files_to_the_kernel,
    "places that name an engine, outside engines/": places_that_name_engines,
    "imports that go up": imports_that_go_up,
    "basenames of unrelated files": basenames_of_unrelated_files,
    "functions over 80 lines": long_functions,
    "functions that stand twice": functions_that_stand_twice,
    "names of functions in several files": names_in_several_files,
}

BRITISH = re.compile(
    r"neighbour|recognis|colour|\bgrey|behaviour|honour|favour|labell(ed|ing)|modell(ed|ing)|cancell(ed|ing)|artefact|"
    r"licence|\bcentre[sd]?\b|analys(e|ed|ing)\b|"
    r"(token|normal|initial|optim|organ|summar|minim|maxim|quant|vector|serial|regular|general|special|factor|real|"
    r"custom|visual|emphas|categor|penal|synchron|parallel|random|local|util)is(e|ed|es|er|ers|ing|ation|ations)\b",
    re.IGNORECASE,
)
PHRASES = re.compile(
    r"\brefuse_|\bmost_(?!similar|common)|\bFEWEST_|\bLONGEST_|\bleast_(?!squares)|"
    r"\bso it is\b|(?<!there )\bis no (?!longer|more\b|less\b|better\b|worse\b)|\bit is none\b|\bwhatever\b|"
    r"(?<!\bnot )\bso many\b|\bone's own\b|\bwhat is \w+ is\b|has not the memory|do not know this problem|"
    r"of no more use|\b(is|are) told\b(?! apart)|told in words|\bgone on with\b|\bby habit\b",
    re.IGNORECASE,
)
PRIVATE_WORDS = re.compile(
    r"\bbyte_(tile|rows|scan)\b|\bShortlister\b|\breach_floors\b|\bis_hopeless\b|\bCrew\b|\bBEGINNING\b|\bNOBODY\b|"
    r"\bhand_over\b|\bnoise_weights\b|\bmost_words\b|\bset_similarity\b|\bNUMBA_KNOWS\b"
)
KINDS = {"British spelling": BRITISH, "phrase": PHRASES, "private word": PRIVATE_WORDS}
ALLOWED_LINES = (  # parts of lines that may stay, each with the reason
    "was `most_words` (`--most-words`)",  # the CHANGELOG says what was called how
    "it was `set_similarity`",
    "aria-labelledby",  # HTML spells it so
    "asyncio.CancelledError",  # and Python
)
TEXT_SUFFIXES = {".py", ".md", ".js", ".css", ".html", ".toml"}


class Hit(NamedTuple):
    """A forbidden word."""

    area: str
    kind: str
    where: str
    found: str
    line: str


@functools.cache
def forbidden_words() -> list[Hit]:
    """Each forbidden word in the package, the pages, and the names of files and tests."""
    areas: dict[str, Iterable[Path]] = {
        "src": sorted(SOURCE.rglob("*")),
        "docs": sorted((ROOT / "docs").rglob("*")),
        "README": [ROOT / "README.md"],
        "CONTRIBUTING": [ROOT / "CONTRIBUTING.md"],
        "CHANGELOG": [ROOT / "CHANGELOG.md"],
    }
    hits = []
    for area, paths in areas.items():
        for path in paths:
            if path.suffix in TEXT_SUFFIXES and path.is_file():
                lines = path.read_text(encoding="utf-8").splitlines()
                named = [(0, path.name), *enumerate(lines, 1)]
                hits += _hits(area, path.relative_to(ROOT).as_posix(), named)
    for path in sorted((ROOT / "tests").rglob("*.py")):
        names = [(0, path.name)]
        names += [
            (node.lineno, node.name)
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]
        spaced = [(number, name.replace("_", " ")) for number, name in names]
        hits += _hits("names of tests", path.relative_to(ROOT).as_posix(), spaced)
    return hits


def _hits(area: str, where: str, lines: Iterable[tuple[int, str]]) -> Iterator[Hit]:
    for number, line in lines:
        if any(part in line for part in ALLOWED_LINES):
            continue
        for kind, pattern in KINDS.items():
            for match in pattern.finditer(line):
                yield Hit(area, kind, f"{where}:{number}", match.group(), line.strip())


def main() -> None:
    """Print each count with its limit and its details, and how often forbidden words stand where."""
    parser = argparse.ArgumentParser(prog="tests.house", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--words", action="store_true", help="print every forbidden word with its place")
    options = parser.parse_args()
    hits = forbidden_words()
    if options.words:
        for hit in hits:
            print(f"{hit.where}: {hit.found!r} ({hit.kind}): {hit.line[:160]}")
    else:
        for name, count in COUNTS.items():
            figure, details = count()
            limit = LIMITS.get(name)
            sign = "    " if limit is None else "ok  " if figure <= limit else "OVER"
            print(f"{sign} {name}: {figure}" + (f" (limit {limit})" if limit is not None else ""))
            for detail in details:
                print(f"       {detail}")
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for hit in hits:
        totals[hit.area, hit.kind] += 1
    print(f"forbidden words: {len(hits)}")
    for (area, kind), number in totals.items():
        print(f"       {area}, {kind}: {number}")


if __name__ == "__main__":
    main()
