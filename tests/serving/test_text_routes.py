"""Texts become vectors, by an encoder or by the words of a model, and those of a file are found by meaning."""

from __future__ import annotations

import base64

import numpy as np
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from tests.serving.questions import client_of, served

from wordvec import WordVectors
from wordvec.errors import ConfigError, FormatError
from wordvec.formats.encoder_folder import save_encoder
from wordvec.serving import schemas
from wordvec.serving.models import Models, ServedModel
from wordvec.serving.service import Service
from wordvec.serving.texts import Texts
from wordvec.vectors.documents import DocumentEncoder
from wordvec.vectors.text_encoder import TextEncoder

TEXTS = "the king\n\n the queen and the woman \ntree\n"


@pytest.fixture
def files(tmp_path):
    encoder = TextEncoder.of(served().vectors, tokenizer="words")
    save_encoder(encoder, tmp_path / "small-encoder")
    (tmp_path / "texts.txt").write_text(TEXTS, encoding="utf-8")
    return encoder, str(tmp_path / "small-encoder"), str(tmp_path / "texts.txt")


@pytest.fixture
def client(files):
    service = Service(Models({"small": served()}), texts=Texts(files[1], files[2]))
    with client_of(service) as client:
        yield client
    service.close()


@pytest.fixture
def plain():
    """A server without an encoder, and with a model that has no counts."""
    bare = ServedModel("bare", "bare.wv", WordVectors(["king", "man"], [[1, 2], [2, 1]]))
    bare.prepare()
    service = Service(Models({"small": served(), "bare": bare}))
    with client_of(service) as client:
        yield client
    service.close()


def error_of(answer, status=400):
    assert answer.status_code == status, answer.text
    return answer.json()["error"]


def test_texts_are_encoded_as_the_encoder_does(files, client):
    texts = ["King and queen", "", "unknown"]
    answer = client.post("/v1/documents/encode", json={"texts": texts}).json()
    schemas.EncodeAnswer.model_validate(answer)
    assert answer["dim"] == files[0].dim
    assert np.array(answer["vectors"], np.float32).tolist() == files[0].encode(texts).tolist()


def test_without_an_encoder_a_text_is_the_mean_of_its_words(plain):
    answer = plain.post("/v1/documents/encode", json={"texts": ["King, man!"]}).json()
    expected = DocumentEncoder(served().vectors).encode([["king", "man"]])
    assert np.array(answer["vectors"], np.float32).tolist() == expected.tolist()


def test_texts_of_the_file_are_found_with_their_lines(client):
    answer = client.post("/v1/documents/search", json={"query": "Queen", "k": 2}).json()
    schemas.SearchAnswer.model_validate(answer)
    assert answer["texts"][0]["text"] == "the queen and the woman"
    assert answer["texts"][0]["line"] == 3
    assert len(answer["texts"]) == 2
    assert client.post("/v1/documents/search", json={"query": "zzz"}).json()["texts"] == []


def test_embeddings_have_the_form_that_common_clients_read(files, client):
    posted = {"input": ["the king", "tree"], "model": "small-encoder", "user": "x", "dimensions": None}
    answer = client.post("/v1/embeddings", json=posted).json()
    schemas.EmbeddingsAnswer.model_validate(answer)
    assert answer["object"] == "list"
    assert answer["model"] == "small-encoder"
    assert [one["index"] for one in answer["data"]] == [0, 1]
    expected = files[0].encode(["the king", "tree"])
    assert np.array([one["embedding"] for one in answer["data"]], np.float32).tolist() == expected.tolist()
    assert answer["usage"] == {"prompt_tokens": 3, "total_tokens": 3}


def test_embeddings_in_base64_are_float32(files, client):
    posted = {"input": "the king", "model": "small", "encoding_format": "base64"}
    (one,) = client.post("/v1/embeddings", json=posted).json()["data"]
    found = np.frombuffer(base64.b64decode(one["embedding"]), "<f4")
    assert found.tolist() == files[0].encode(["the king"])[0].tolist()


def test_what_cannot_be_answered_says_what_the_server_needs(plain):
    encode = plain.post("/v1/documents/encode", json={"texts": ["x"], "model": "bare"})
    assert "--encoder" in error_of(encode)["message"]
    assert "--texts" in error_of(plain.post("/v1/documents/search", json={"query": "x"}))["message"]
    assert (
        error_of(plain.post("/v1/embeddings", json={"input": "x", "model": "gpt"}), 404)["code"]
        == "unknown_model"
    )
    encoders = [model["encoder"] for model in plain.get("/v1/models").json()["models"]]
    assert encoders == [True, False]


@pytest.mark.parametrize(
    "posted",
    [
        {"input": []},
        {"input": ["x"] * 1001},
        {"input": "x" * 100_001},
        {"input": [[1, 2]]},
        {},
        {"input": ""},
    ],
    ids=lambda posted: str(posted)[:30],
)
def test_texts_beyond_the_limits_are_refused(client, posted):
    error_of(client.post("/v1/embeddings", json=posted))


def test_texts_need_an_encoder_and_some_text(files, tmp_path):
    with pytest.raises(ConfigError, match="--texts needs --encoder"):
        Texts(None, files[2])
    (tmp_path / "empty.txt").write_text("\n \n")
    with pytest.raises(ConfigError, match="got none"):
        Texts(files[1], str(tmp_path / "empty.txt"))
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9\n")
    with pytest.raises(FormatError, match="not UTF-8"):
        Texts(files[1], str(tmp_path / "latin.txt"))
    with pytest.raises(FormatError):
        Texts(str(tmp_path / "nowhere"))
