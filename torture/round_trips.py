"""Round trips: vectors that were read are saved in every format, read again, and printed as the shell prints them."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from wordvec import WordVectors, load
from wordvec.cli.app import run
from wordvec.errors import WordvecError

__all__ = ["is_clear", "wrong_with_printing", "wrong_with_saving"]

ENDINGS = {  # of the formats that wordvec writes and reads
    "native": ".wv",
    "word2vec-text": ".vec",
    "word2vec-binary": ".bin",
    "glove": ".glove.txt",
    "safetensors": ".safetensors",
    "numpy": ".npz",
    "parquet": ".parquet",
}
# The others may refuse a word: one with a space in it, or, NumPy's, one with NUL at its end.
WITH_ANY_WORD = ("native", "safetensors", "parquet")


def is_clear(message: str) -> bool:
    """Whether a message may be shown to a user: one line, not too long, that is no traceback."""
    return 10 < len(message) < 3000 and "\n" not in message and "Traceback" not in message


def wrong_with_saving(
    vectors: WordVectors, folder: Path, formats: tuple[str, ...] = tuple(ENDINGS)
) -> str | None:
    """What is wrong with the files that vectors are saved to, if anything is."""
    for name in formats:
        path = folder / f"again{ENDINGS[name]}"
        try:
            vectors.save(path, format=name)
        except WordvecError as problem:
            if name in WITH_ANY_WORD or not is_clear(str(problem)):
                return f"cannot be saved as {name}: {problem}"[:300]
            continue
        wrong = _wrong_with_file(vectors, path)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        if wrong is not None:
            return f"saved as {name}, {wrong}"[:300]
    return None


def _wrong_with_file(vectors: WordVectors, path: Path) -> str | None:
    try:
        again = load(path)
    except WordvecError as problem:
        return f"it cannot be read again: {problem}"
    if again.words != vectors.words:
        return "it has other words when it is read again"
    if again.matrix.tobytes() != vectors.matrix.tobytes():
        return "it has other numbers when it is read again"
    return None


def wrong_with_printing(vectors: WordVectors, path: Path) -> str | None:
    """What is wrong with what the shell prints of the file that vectors were read from, if anything is."""
    word, has_direction = vectors.words[-1], bool(vectors.matrix[-1].any())
    document, wrong = _printed("info", str(path), "--json")
    if wrong is None and document.get("words") != len(vectors):
        wrong = "another number of words"
    if wrong is not None:
        return f"info --json: {wrong}"[:300]
    if len(vectors) > 1 and has_direction and not word.startswith("-"):
        document, wrong = _printed("similar", str(path), word, "--k", "3", "--json")
        return None if wrong is None else f"similar --json: {wrong}"[:300]
    return None


def _printed(*arguments: str) -> tuple[dict[str, object], str | None]:
    """The JSON document that a command prints, or what is wrong with it."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(arguments)
    if status:
        return {}, f"exit status {status}: {err.getvalue()}"
    if any(not is_clear(line) for line in err.getvalue().splitlines()):
        return {}, f"no clear talk: {err.getvalue()!r}"
    try:
        document = json.loads(out.getvalue(), parse_constant=_fail_on_constant)
    except ValueError as problem:
        return {}, f"no JSON: {problem}: {out.getvalue()[:80]!r}"
    return document, None


def _fail_on_constant(name: str) -> None:
    raise ValueError(f"{name} is not in JSON")
