"""TensorBoard finds the folder that `wordvec map` writes, and serves each vector with its word."""

import json
import re
import subprocess
import sys
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import numpy as np
import pytest

from wordvec.cli.app import run
from wordvec.vectors.word_vectors import WordVectors

pytest.importorskip("tensorboard")

# Each word as the projector shows it.
SHOWN = {
    "the": "the",
    "tab\there": r"tab\there",
    "line\nend": r"line\nend",
    "\r": r"'\r'",
    " ": "' '",
    "\xa0": r"'\xa0'",
    "\u2028": r"'\u2028'",
    '"quoted': '"quoted',
    "'": "'",
    "back\\slash": "back\\slash",
    "東京": "東京",
    "naïve": "naïve",
    "🐟": "🐟",
    "<b>": "<b>",
    "2024": "2024",
    "007": "'007'",
    "two words": "two words",
}
MATRIX = np.random.default_rng(3).normal(size=(len(SHOWN), 5)).astype(np.float32)
COUNTS = np.arange(len(SHOWN), 0, -1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Where TensorBoard serves the folder, on a port that it chooses."""
    folder = tmp_path_factory.mktemp("map")
    WordVectors(list(SHOWN), MATRIX, counts=COUNTS).save(folder / "model.wv")
    assert run(["map", str(folder / "model.wv"), "--output", str(folder / "words.projector")]) == 0
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder / "words.projector")]
    local = ["--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen([*command, *local], stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        said = ""
        while not (found := re.search(r"at (http://\S+)/ ", said)):
            line = process.stderr.readline()
            assert line, said  # it has ended
            said += line
        yield urlsplit(found.group(1)).netloc
        process.terminate()


@pytest.fixture
def asked(server):
    def ask(route, **parameters):
        connection = HTTPConnection(server, timeout=20)
        connection.request("GET", f"/data/plugin/projector/{route}?{urlencode(parameters)}")
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == 200, content
        return content

    return ask


def test_the_folder_is_found_with_words_and_vectors(asked):
    assert json.loads(asked("runs")) == ["."]
    (embedding,) = json.loads(asked("info", run="."))["embeddings"]
    assert embedding == {
        "tensorName": "words",
        "tensorShape": list(MATRIX.shape),
        "tensorPath": "tensors.tsv",
        "metadataPath": "metadata.tsv",
    }


def test_vectors_are_served_exactly(asked):
    assert asked("tensor", run=".", name="words", num_rows=100_000) == MATRIX.tobytes()


def test_each_vector_has_its_word(asked):
    names, *rows = (
        asked("metadata", run=".", name="words", num_rows=100_000).decode().removesuffix("\n").split("\n")
    )
    assert names == "word\tcount"
    assert rows == [f"{shown}\t{count}" for shown, count in zip(SHOWN.values(), COUNTS, strict=True)]


def test_the_first_words_are_those_of_the_first_vectors(asked):
    assert asked("tensor", run=".", name="words", num_rows=4) == MATRIX[:4].tobytes()
    rows = asked("metadata", run=".", name="words", num_rows=4).decode().removesuffix("\n").split("\n")[1:]
    assert [row.split("\t")[0] for row in rows] == list(SHOWN.values())[:4]
