"""The server says what it serves, whether it is ready, and gives out the files of its page and no others."""

from __future__ import annotations

import json
import re

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from tests.serving.questions import WORDS, client_of, service_of_models, vectors_of

from wordvec.serving import schemas
from wordvec.serving.models import Models, ServedModel
from wordvec.serving.service import Service
from wordvec.serving.service_routes import FOLDER, FOLDER_OF_MAPS, KINDS, page_files


@pytest.fixture(scope="module")
def client():
    service = service_of_models()
    with client_of(service) as client:
        yield client
    service.close()


def test_models_are_listed_with_what_can_be_asked_of_them(client):
    answer = client.get("/v1/models").json()
    schemas.ModelsAnswer.model_validate(answer, strict=True)
    assert answer["default"] == "small"
    assert answer["models"][0] == {
        "name": "small", "words": 8, "dim": 6, "counts": True, "subwords": False, "output_vectors": False,
        "sentences": False, "encoder": True, "map": "none", "first_words": WORDS,
    }  # fmt: skip


def test_a_server_is_alive_before_it_is_ready():
    model = ServedModel("small", "small.wv", vectors_of())
    with client_of(Service(Models({"small": model}))) as client:
        assert client.get("/health").status_code == 200
        waiting = client.get("/ready")
        assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "1")
        assert waiting.json()["error"]["code"] == "not_ready"
        model.prepare()
        assert client.get("/ready").json() == {"status": "ready"}


def test_every_file_of_the_page_is_served_with_its_kind(client):
    assert {"index.html", "reference.html"} <= set(page_files())
    for name, file in page_files().items():
        answer = client.get(f"/page/{name}")
        assert answer.status_code == 200
        found = [folder / name for folder in (FOLDER, FOLDER_OF_MAPS) if (folder / name).exists()]
        assert [answer.content] == [path.read_bytes() for path in found]
        assert answer.headers["content-type"] == file.kind
        again = client.get(f"/page/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_what_a_script_imports_is_served():
    for name, file in page_files().items():
        if name.endswith(".js"):
            imported = re.findall(r' from "\./([^"]+)";', file.content.decode())
            assert set(imported) <= set(page_files()), name


def test_every_file_of_the_folder_is_of_a_known_kind():
    assert {file.suffix for file in FOLDER.iterdir()} <= set(KINDS)


@pytest.mark.parametrize(("path", "file"), [("/", "index.html"), ("/api", "reference.html")])
def test_pages_have_short_addresses(client, path, file):
    assert client.get(path).content == page_files()[file].content


def test_pages_ask_nothing_of_other_hosts_and_have_no_inline_script(client):
    for path in ("/", "/api"):
        text = client.get(path).text
        assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text)
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert "<style" not in text
        assert not re.search(r"\son\w+=|\sstyle=", text)


def test_the_openapi_document_names_every_status_that_is_answered(client):
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert {"200", "400", "401", "404", "421", "503"} <= set(operation["responses"]), path
            assert "422" not in operation["responses"]
            error = operation["responses"]["400"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/ErrorAnswer"}
    assert "HTTPValidationError" not in json.dumps(document)


def test_bodies_on_the_reference_page_are_those_that_the_api_takes(client):
    text = (FOLDER / "reference.js").read_text(encoding="utf-8")
    paths = re.findall(r'^  "(/v1/[a-z/]+)": \{', text, flags=re.MULTILINE)
    posts = [
        path for path, methods in client.get("/openapi.json").json()["paths"].items() if "post" in methods
    ]
    assert sorted(paths) == sorted(posts)
