"""Routes of sentences and of the map: what is answered, and how errors look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from wordvec import WordVectors

pytest.importorskip("fastapi")
httpx = pytest.importorskip("httpx")

from starlette.testclient import TestClient  # noqa: E402

from wordvec.serving import schemas  # noqa: E402
from wordvec.serving.application import make_app  # noqa: E402
from wordvec.serving.corpus_sentences import Sentences  # noqa: E402
from wordvec.serving.maps import Maps  # noqa: E402
from wordvec.serving.models import Models, ServedModel  # noqa: E402
from wordvec.serving.service import Service  # noqa: E402

TEXT = "Green tea.\n<b>Tea</b> and milk.\nTea, or milk? Tea.\n"


def client_of(sentences: Sentences | None, maps: Maps | None = None) -> TestClient:
    vectors = WordVectors(
        [f"w{number}" for number in range(30)], np.random.default_rng(0).normal(size=(30, 5))
    )
    model = ServedModel("trees", "trees.wv", vectors)
    return TestClient(make_app(Service(Models({"trees": model}), sentences=sentences, maps=maps)))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    (tmp_path / "tea.txt").write_text(TEXT)
    sentences = Sentences([str(tmp_path / "tea.txt")], folder=tmp_path / "cache")
    sentences.begin()
    sentences.wait(30)
    with client_of(sentences, Maps(tmp_path / "cache")) as client:
        yield client


def test_sentences_of_a_word_are_answered_with_their_file_and_line(client: TestClient) -> None:
    answer = client.get("/v1/sentences", params={"word": "tea", "k": 2, "offset": 1}).json()
    schemas.SentencesAnswer.model_validate(answer, strict=True)
    assert answer == {
        "word": "tea",
        "other": None,
        "total": 3,
        "sentences": [
            {"text": "<b>Tea</b> and milk.", "file": "tea.txt", "line": 2, "spans": [[3, 6]]},
            {"text": "Tea, or milk? Tea.", "file": "tea.txt", "line": 3, "spans": [[0, 3], [14, 17]]},
        ],
    }


def test_sentences_of_two_words_come_nearest_first(client: TestClient) -> None:
    answer = client.get("/v1/sentences", params={"word": "tea", "other": "milk"}).json()
    assert [one["line"] for one in answer["sentences"]] == [3, 2]
    assert client.get("/v1/sentences", params={"word": "tea", "other": "soup"}).json()["total"] == 0


def test_a_server_without_a_corpus_says_how_to_give_one() -> None:
    with client_of(None) as client:
        answer = client.get("/v1/sentences", params={"word": "tea"})
        assert answer.status_code == 404
        assert "--corpus FILE" in answer.json()["error"]["message"]
        assert client.get("/v1/models").json()["models"][0]["sentences"] is False


def test_an_index_that_is_not_there_yet_is_503(tmp_path: Path) -> None:
    (tmp_path / "tea.txt").write_text(TEXT)
    with client_of(Sentences([str(tmp_path / "tea.txt")], folder=tmp_path)) as client:
        answer = client.get("/v1/sentences", params={"word": "tea"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
        assert answer.headers["retry-after"] == "3"


def test_the_map_is_drawn_when_asked_and_then_answered(client: TestClient) -> None:
    pytest.importorskip("sklearn")
    assert client.get("/v1/map").json() == {"state": "none", "message": None}
    assert client.get("/v1/models").json()["models"][0]["map"] == "none"
    begun = client.post("/v1/map", json={"words": 20, "method": "pca"})
    assert begun.status_code == 200
    schemas.MapAnswer.model_validate(begun.json(), strict=True)
    client.app.state.service.maps.wait(30)  # type: ignore[attr-defined]
    answer = client.get("/v1/map").json()
    schemas.MapAnswer.model_validate(answer, strict=True)
    assert (answer["state"], answer["method"], len(answer["words"])) == ("ready", "pca", 20)
    assert client.get("/v1/models").json()["models"][0]["map"] == "ready"


@pytest.mark.parametrize("body", [{"words": 1}, {"words": 100_001}, {"method": "magic"}, {"more": 1}])
def test_a_map_that_cannot_be_drawn_is_400(body: dict[str, object], client: TestClient) -> None:
    answer = client.post("/v1/map", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_an_unknown_model_is_404(client: TestClient) -> None:
    for answer in (
        client.get("/v1/sentences", params={"word": "tea", "model": "x"}),
        client.get("/v1/map", params={"model": "x"}),
        client.post("/v1/map", json={"model": "x"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_model")
