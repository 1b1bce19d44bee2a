"""A small model for the explorer's tests, and the server that has it, started as users start it.

Its words are groups that people know, and some that would harm a careless page. A changed model stands beside it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import numpy as np

from wordvec import WordVectors

GROUPS = {
    "royalty": "king queen prince princess",
    "people": "man woman boy girl",
    "meals": "breakfast lunch dinner supper",
    "colors": "red green blue yellow",
    "cities": "paris london rome berlin",
    "countries": "france england italy germany",
}
HOSTILE = {
    "image": "<img/src=x/onerror=document.title='broken'>",
    "script": "</script><script>document.title='broken'</script>",
    "turned around": "\u202ekrow",
    "bell": "\x07bell",
    "formula": "=1+1",
    "quotes": '"quoted"',
    "joined": "well-known",
}
VISIBLE = {  # what is read instead of what cannot be seen
    **HOSTILE,
    "turned around": "\\u202ekrow",
    "bell": "\\u0007bell",
}
NUM_OTHERS, DIM = 240, 16
PATIENCE = 60  # seconds for the server to begin


def _vectors(words: list[str], seed: int) -> WordVectors:
    """Words in groups, in which the second and fourth of royalty and people differ from the first and third alike."""
    random = np.random.default_rng(3)
    centers = {group: random.normal(size=DIM) for group in [*GROUPS, "hostile", "others"]}
    female, young, capital = (random.normal(size=DIM) * 0.5 for _ in range(3))
    noise = np.random.default_rng(seed)
    rows = {}
    for group, members in GROUPS.items():
        for place, word in enumerate(members.split()):
            row = centers[group] * 1.0
            if group in ("royalty", "people"):
                row = row + female * (place % 2) + young * (place // 2)
            if group in ("cities", "countries"):  # each city differs from its country alike
                row = centers["cities"] + np.eye(DIM)[place] + capital * (group == "cities")
            rows[word] = row + 0.08 * noise.normal(size=DIM)
    for word in HOSTILE.values():
        rows[word] = centers["hostile"] + 0.3 * noise.normal(size=DIM)
    for word in words[len(rows) :]:
        rows[word] = noise.normal(size=DIM)
    matrix = np.array([rows[word] for word in words], dtype=np.float32)
    return WordVectors(words, matrix, counts=np.arange(len(words), 0, -1) * 10)


def write_models(folder: Path) -> list[Path]:
    """Two models of the same words: in the second, prince has become a color."""
    words = [word for members in GROUPS.values() for word in members.split()]
    words += [*HOSTILE.values(), *(f"word{number}" for number in range(NUM_OTHERS))]
    before, after = _vectors(words, seed=1), _vectors(words, seed=1)
    changed = np.array(after.matrix)
    changed[words.index("prince")] = changed[words.index("red")] * 1.01
    paths = [folder / "before.wv", folder / "after.wv"]
    before.save(paths[0])
    WordVectors(words, changed, counts=after.counts).save(paths[1])
    return paths


def write_corpus(folder: Path) -> Path:
    """Sentences, of which one has king and queen, and one has markup."""
    lines = [
        "\U0001f451 the king and the queen of england had breakfast",
        *(f"on day {number} the king saw word{number} and was content" for number in range(30)),
        f"a queen wrote {HOSTILE['image']} in red",
        "the \u202ekrow of a woman",
    ]
    path = folder / "text.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class Server:
    """`wordvec serve` in a process of its own, on a free port of this machine."""

    def __init__(self, arguments: list[str], folder: Path, port: int = 0):
        self._needed = ["/ready", *(["/v1/sentences?word=king"] if "--corpus" in arguments else [])]
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "PYTHONUNBUFFERED": "1"}
        self._log = folder / f"server-{time.monotonic_ns()}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own command
                [sys.executable, "-m", "wordvec", "serve", *arguments, "--port", str(port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
            )
        self.address = self._wait()
        self.port = int(self.address.rsplit(":", 1)[1])

    def _wait(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            found = re.search(r"serving on (http://[\d.:]+)/", self._log.read_text(encoding="utf-8"))
            if found and self._is_ready(found[1]):
                return found[1]
            time.sleep(0.1)
        self.end()
        raise AssertionError(self._log.read_text(encoding="utf-8"))

    def _is_ready(self, address: str) -> bool:
        try:
            for path in self._needed:
                urlopen(f"{address}{path}", timeout=5).close()  # noqa: S310  # this machine
            return True
        except OSError:
            return False

    def end(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.wait(10)
