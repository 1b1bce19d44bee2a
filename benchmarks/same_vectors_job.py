"""Same vectors, the job: run one `wordvec` command in this process, then print digests of the models that it left.

    PYTHONPATH=CHECKOUT/src:. python -m benchmarks.same_vectors_job '{"checkout": ..., "argv": [...], "models": [...]}'

The job uses only what stays the same between versions: the command line, `wordvec.load`, and what a model offers.
"""

from __future__ import annotations

import hashlib
import json
import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import wordvec

__all__ = ["digests_of", "main"]

POLL_SECONDS = 0.001
NUM_QUERIES = 5


def main() -> None:
    """Run the command, if there is one, and print the digests of all models as the last line."""
    job = json.loads(sys.argv[1])
    source = Path(job["checkout"], "src").resolve()
    assert Path(wordvec.__file__).resolve().is_relative_to(source), f"{wordvec.__file__} is not in {source}"
    if job["interrupt_when"]:
        threading.Thread(target=_interrupt_when, args=(Path(job["interrupt_when"]),), daemon=True).start()
    if job["argv"]:
        _run(job["argv"])
    print(json.dumps([_digests_at(path) for path in job["models"]]))


def digests_of(vectors: Any) -> dict[str, str]:
    """SHA-256 of each part of a model: matrices, words, counts, the losses of its epochs, and answers."""
    epochs = [record for record in vectors.training or () if record["event"] == "epoch"]
    losses = [[record.get("epoch_loss"), record.get("validation_loss")] for record in epochs]
    known = vectors.words[:NUM_QUERIES]
    answers = [[tuple(neighbor) for neighbor in vectors.most_similar(word, k=5)] for word in known]
    parts = {
        "input": _array_bytes(vectors.matrix),
        "output": _array_bytes(vectors.output_matrix),
        "words": "\n".join(vectors.words).encode(),
        "counts": _array_bytes(vectors.counts),
        "losses": json.dumps(losses).encode(),
        "answers": repr(answers).encode(),
    }
    return {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}


def _digests_at(path: str) -> dict[str, str]:
    try:
        return digests_of(wordvec.load(path))
    except wordvec.WordvecError as problem:
        return {"failed": str(problem)}


def _array_bytes(array: Any) -> bytes:
    """Shape, type and content of an array, or nothing for None."""
    return b"" if array is None else f"{array.shape} {array.dtype} ".encode() + bytes(array.tobytes())


def _run(argv: list[str]) -> None:
    """Run `wordvec argv...` as its command would.

    Raises:
        SystemExit: the command failed.
    """
    sys.argv = ["wordvec", *argv]
    try:
        runpy.run_module("wordvec", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            raise


def _interrupt_when(sign: Path) -> None:
    """Send SIGTERM to this process as soon as a file is there."""
    while not sign.exists():
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
