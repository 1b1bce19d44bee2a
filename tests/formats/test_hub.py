"""Models go to the hub and come back; the hub is a fake one on this machine."""

import json
import os
import re
import subprocess
import sys
from textwrap import indent

import pytest

pytest.importorskip("huggingface_hub")

from tests.formats.fake_hub import COMMIT, fake_hub

from wordvec import WordVectors, load, push_to_hub
from wordvec.errors import ConfigError, MissingPackageError

PUSH = """
vectors = wordvec.WordVectors(["a", "b"], [[1, 2], [3, 4]], counts=[2, 1], config={"dim": 2})
print(wordvec.push_to_hub(vectors, "me/model", token="hf_mine"))
"""
PROGRAM = """
import warnings, wordvec
warnings.simplefilter("error")
try:
{code}
except wordvec.WordvecError as problem:
    print(type(problem).__name__, problem)
"""
LOAD = """
vectors = wordvec.load({address!r}, limit={limit})
print(vectors.words, vectors.matrix.tolist(), vectors.counts.tolist(), vectors.config)
"""


@pytest.fixture(scope="module")
def hub():
    with fake_hub() as hub:
        yield hub


@pytest.fixture
def client(hub, tmp_path):
    """Run code in a Python whose hub that is, and return what it prints."""

    def run(code, endpoint=hub.address):
        settings = {
            "HF_ENDPOINT": endpoint,
            "HF_HOME": str(tmp_path),
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_XET": "1",
        }
        code = PROGRAM.format(code=indent(code.strip(), "    "))
        environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", code],
            env=environment | settings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.mark.slow
def test_what_is_pushed_can_be_loaded(hub, client):
    loads = [
        LOAD.format(address=address, limit=limit)
        for address, limit in (("hf://me/model", None), (f"hf://me/model@{COMMIT}", 1))
    ]
    assert client(PUSH + "".join(loads)).splitlines() == [
        "hf://me/model",
        "['a', 'b'] [[1.0, 2.0], [3.0, 4.0]] [2, 1] {'dim': 2}",
        "['a'] [[1.0, 2.0]] [2] {'dim': 2}",
    ]
    assert hub.tokens == {"Bearer hf_mine"}
    shown = "from wordvec.cli.app import run\nrun(['info', 'hf://me/model', '--json'])"
    assert json.loads(client(shown))["format"] == "native"
    check_card(hub.repositories["me/model"]["README.md"].decode())


def check_card(text):
    from huggingface_hub import ModelCard

    card = ModelCard(text)
    assert card.data.library_name == "wordvec"
    assert card.data.pipeline_tag == "feature-extraction"
    assert 'wordvec.load("hf://me/model")' in card.content
    assert "pip install 'wordvec[hub]'" in card.content


@pytest.mark.slow
def test_what_goes_wrong_is_reported_in_a_line(hub, client):
    hub.repositories["me/files"] = {"vectors.bin": b"1 1\na 1234"}
    assert client(LOAD.format(address="hf://me/files", limit=None)).startswith(
        "FormatError hf://me/files is not a wordvec model, it has no vectors.safetensors and no vocabulary.parquet"
    )
    for code, endpoint in (
        (LOAD.format(address="hf://me/other", limit=None), hub.address),
        (LOAD.format(address="hf://me/files@v2", limit=None), hub.address),
        (PUSH, "http://127.0.0.1:9"),  # where nobody answers
    ):
        said = client(code, endpoint)
        assert re.match(
            "ResourceError hf://me/.* cannot be (loaded|written): .*; check the name, the network", said
        )
        assert "\n" not in said


@pytest.mark.parametrize("address", ["hf://model", "hf://a/b/c", "hf://a/b@", "hf:// a/b"])
def test_what_is_not_an_address_is_refused(address):
    with pytest.raises(ConfigError, match="hf://owner/name or hf://owner/name@revision, got"):
        load(address)


def test_what_is_not_a_name_is_refused():
    with pytest.raises(ConfigError, match='repository must be "owner/name", got'):
        push_to_hub(WordVectors(["a"], [[1.0]]), "model")


def test_without_the_client_the_remedy_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'wordvec\[hub\]'"):
        load("hf://me/model")
    with pytest.raises(MissingPackageError, match=r"pip install 'wordvec\[hub\]'"):
        push_to_hub(WordVectors(["a"], [[1.0]]), "me/model")


def test_only_the_prefix_asks_the_hub(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    WordVectors(["a"], [[1.0]]).save(tmp_path / "hf:" / "me" / "model")
    monkeypatch.chdir(tmp_path)
    assert load("hf:/me/model").words == ["a"]
    assert json.loads((tmp_path / "hf:" / "me" / "model" / "config.json").read_text(encoding="utf-8"))


def test_phrases_go_to_the_hub_and_come_back(client):
    code = """
from wordvec.phrases.phrases import Phrase, Phrases
found = Phrases(((Phrase(("new", "york"), 9, 12.0, ""),),))
wordvec.push_to_hub(wordvec.WordVectors(["new_york"], [[1, 2]], phrases=found), "me/phrases", token="hf_mine")
print(wordvec.load("hf://me/phrases").phrases == found)
"""
    assert client(code).splitlines()[-1] == "True"
