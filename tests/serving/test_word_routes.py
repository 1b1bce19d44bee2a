"""What is asked about words is answered as the library answers it, and every error has the one form."""

from __future__ import annotations

import json
import time

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from tests.serving.questions import MATRIX, WORDS, client_of, service_of_models, vectors_of

from wordvec.answers import similar_answer
from wordvec.serving import schemas

VECTORS = vectors_of()


@pytest.fixture(scope="module")
def client():
    service = service_of_models()
    with client_of(service) as client:
        yield client
    service.close()


def checked(answer, form):
    """The document of an answer, which has the form that the OpenAPI document says."""
    assert answer.status_code == 200, answer.text
    form.model_validate(answer.json())
    return answer.json()


def error_of(answer, status):
    assert answer.status_code == status, answer.text
    schemas.ErrorAnswer.model_validate(answer.json(), strict=True)
    return answer.json()["error"]


def test_neighbors_are_those_of_the_verb(client):
    found = checked(
        client.get("/v1/neighbors", params={"word": ["king", "woman"], "negative": "man", "k": 3}),
        schemas.SimilarAnswer,
    )
    near = VECTORS.most_similar(["king", "woman"], ["man"], k=3)
    assert found == similar_answer(["king", "woman"], near, ["man"])


def test_the_search_limit_leaves_rare_words_out(client):
    found = client.get("/v1/neighbors", params={"word": "king", "search_limit": 3}).json()
    assert {near["word"] for near in found["neighbors"]} <= set(WORDS[:3])


def test_words_are_found_composed_and_joined_as_phrases(client):
    for asked, meant in (("new york", "new_york"), ("cafe\u0301", "caf\u00e9")):
        assert client.get("/v1/neighbors", params={"word": asked}).json()["query"] == [meant]


def test_many_questions_are_answered_at_once(client):
    body = {
        "queries": [
            {"positive": ["king"]},
            {"positive": [{"word": "king", "weight": 0.5}, "tree"], "negative": ["man"]},
            {"positive": [[0.5, 0, 0, 0, 0, 1]]},
            {"positive": ["king"], "negative": [{"word": "man", "weight": 2}]},
        ],
        "k": 2,
    }
    found = checked(client.post("/v1/neighbors", json=body), schemas.SimilarAnswers)["answers"]
    expected = [
        VECTORS.most_similar("king", k=2),
        VECTORS.most_similar([("king", 0.5), "tree"], ["man"], k=2),
        VECTORS.nearest([0.5, 0, 0, 0, 0, 1], k=2),
        VECTORS.most_similar("king", [("man", -2.0)], k=2),
    ]
    for answer, near in zip(found, expected, strict=True):
        words = [(one["word"], one["similarity"]) for one in answer["neighbors"]]
        assert words == [tuple(one) for one in near]


def test_an_expression_names_its_terms(client):
    found = checked(
        client.get("/v1/expression", params={"q": "king - 0.5*man", "k": 2}), schemas.ExpressionAnswer
    )
    assert found["terms"] == [{"word": "king", "weight": 1.0}, {"word": "man", "weight": -0.5}]
    near = VECTORS.most_similar([("king", 1.0), ("man", -0.5)], k=2)
    assert [one["word"] for one in found["neighbors"]] == [one.word for one in near]


def test_a_malformed_expression_says_where(client):
    error = error_of(client.get("/v1/expression", params={"q": "king - "}), 400)
    assert error["code"] == "malformed_expression"
    assert error["column"] == 7


def test_an_unknown_word_of_an_expression_says_where(client):
    error = error_of(client.get("/v1/expression", params={"q": "king + quen"}), 404)
    assert (error["parameter"], error["column"], error["near"]) == ("q", 7, ["queen"])


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogies_are_those_of_the_library(client, method):
    asked = {"a": "man", "b": "king", "c": "woman", "method": method, "k": 2}
    found = checked(client.get("/v1/analogy", params=asked), schemas.AnalogyAnswer)
    near = VECTORS.analogy("man", "king", "woman", 2, method=method)
    assert [(one["word"], pytest.approx(one["similarity"])) for one in found["neighbors"]] == near


def test_similarities_of_one_pair_and_of_many_agree(client):
    one = checked(client.get("/v1/similarity", params={"a": "king", "b": "tree"}), schemas.SimilarityAnswer)
    many = client.post("/v1/similarity", json={"pairs": [["king", "tree"], ["man", "man"]]})
    expected = [VECTORS.similarity("king", "tree"), VECTORS.similarity("man", "man")]
    assert checked(many, schemas.SimilaritiesAnswer)["similarities"] == expected
    assert one["similarity"] == expected[0]


def test_the_odd_one_out_is_the_last(client):
    words = ["king", "queen", "tree"]
    found = checked(client.get("/v1/odd", params={"word": words}), schemas.OddAnswer)
    assert found["odd"] == VECTORS.odd_one_out(words) == found["similarities"][-1]["word"]


def test_the_vocabulary_is_completed_and_searched_by_spelling(client):
    by_prefix = client.get("/v1/vocabulary", params={"prefix": "K"})
    assert checked(by_prefix, schemas.VocabularyAnswer) == {
        "query": "K", "words": [{"word": "king", "rank": 1, "count": 90}], "total": 1,
    }  # fmt: skip
    near = client.get("/v1/vocabulary", params={"near": "quen"}).json()
    assert near["words"][0]["word"] == "queen"
    everything = client.get("/v1/vocabulary", params={"prefix": "", "k": 2}).json()
    assert [one["word"] for one in everything["words"]] == ["king", "man"]
    assert everything["total"] == len(WORDS)


@pytest.mark.parametrize("asked", [{}, {"prefix": "a", "near": "b"}], ids=["neither", "both"])
def test_the_vocabulary_is_asked_in_one_way(client, asked):
    assert "either prefix or near" in error_of(client.get("/v1/vocabulary", params=asked), 400)["message"]


def test_a_word_is_described(client):
    found = checked(client.get("/v1/word", params={"word": "man"}), schemas.WordAnswer)
    assert (found["rank"], found["count"], found["in_vocabulary"], found["ngrams"]) == (2, 70, True, None)
    assert found["occurrences_per_million"] == pytest.approx(70 / 311 * 1e6)


def test_stability_is_of_the_words_of_the_first_model_where_it_is_known(client):
    def stability(word, **model):
        found = client.get("/v1/word", params={"word": word, **model})
        return checked(found, schemas.WordAnswer)["stability"]

    assert (stability("king"), stability("man"), stability("king", model="other")) == (0.8, None, None)


def test_vectors_are_those_of_the_model(client):
    found = checked(client.get("/v1/vectors", params={"word": ["tree", "king"]}), schemas.VectorsAnswer)
    posted = client.post("/v1/vectors", json={"words": ["tree", "king"]}).json()
    assert found == posted
    assert [one["vector"] for one in found["vectors"]] == [MATRIX[-1].tolist(), MATRIX[0].tolist()]


def test_two_models_are_compared(client):
    found = checked(
        client.get("/v1/compare", params={"word": "king", "other": "other", "k": 4}), schemas.CompareAnswer
    )
    before, after = ({near["word"] for near in side} for side in found["neighbors"])
    assert found["models"] == ["small", "other"]
    assert (set(found["shared"]), set(found["gained"]), set(found["lost"])) == (
        before & after, after - before, before - after,
    )  # fmt: skip


def test_another_model_answers_if_it_is_named(client):
    small = client.get("/v1/neighbors", params={"word": "king"}).json()
    other = client.get("/v1/neighbors", params={"word": "king", "model": "other"}).json()
    assert small != other
    assert error_of(client.get("/v1/neighbors", params={"word": "king", "model": "x"}), 404)["code"] == (
        "unknown_model"
    )


@pytest.mark.parametrize(
    ("path", "parameters", "parameter"),
    [
        ("neighbors", {"word": "kimg"}, "word"),
        ("neighbors", {"word": "king", "negative": "kimg"}, "negative"),
        ("analogy", {"a": "man", "b": "kimg", "c": "woman"}, "b"),
        ("similarity", {"a": "kimg", "b": "man"}, "a"),
        ("odd", {"word": ["man", "kimg"]}, "word"),
        ("word", {"word": "kimg"}, "word"),
        ("vectors", {"word": "kimg"}, "word"),
        ("compare", {"word": "kimg", "other": "other"}, "word"),
    ],
)
def test_unknown_words_are_404_with_near_spellings(client, path, parameters, parameter):
    error = error_of(client.get(f"/v1/{path}", params=parameters), 404)
    assert (error["code"], error["parameter"], error["got"]) == ("unknown_word", parameter, "kimg")
    assert error["near"] == ["king"]
    assert "closest spellings: king" in error["message"]


@pytest.mark.parametrize(
    ("parameters", "parameter"),
    [
        ({}, "word"),
        ({"word": "king", "k": 0}, "k"),
        ({"word": "king", "k": 1001}, "k"),
        ({"word": "king", "k": "many"}, "k"),
        ({"word": "king", "wrod": "man"}, "wrod"),
        ({"word": ""}, "word.0"),
        ({"word": "a" * 1001}, "word.0"),
        ({"word": "king", "search_limit": 0}, "search_limit"),
    ],
    ids=str,
)
def test_misused_parameters_are_400_and_named(client, parameters, parameter):
    assert error_of(client.get("/v1/neighbors", params=parameters), 400)["parameter"] == parameter


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'{"queries": []}',
        b'{"queries": [{"positive": [[NaN]]}]}',
        b'{"queries": [{"positive": [[1e999]]}]}',
        b'{"queries": [{"positive": ["\\ud800"]}]}',
        b'{"queries": [{"positive": [[1, 2]]}]}',
        b'{"queries": [{"positive": []}]}',
        b'{"queries": [{"positive": ["king"], "negative": ["king"]}]}',
        b'{"queries": [{"positive": [{"word": "king"}]}]}',
        b"\xff\xfe",
        b'{"queries": ' + b"[" * 5000,
    ],
    ids=lambda body: repr(body[:50]),
)
def test_bodies_that_cannot_be_answered_are_400(client, body):
    answer = client.post("/v1/neighbors", content=body, headers={"Content-Type": "application/json"})
    error_of(answer, 400)


def test_words_that_cancel_out_are_400_with_the_reason(client):
    answer = client.get("/v1/neighbors", params={"word": "king", "negative": "king"})
    assert "cancel out" in error_of(answer, 400)["message"]


def test_hostile_words_come_back_as_text(client):
    answer = client.get("/v1/neighbors", params={"word": "<b>"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["query"] == ["<b>"]
    hostile = "\u202e<script>\x00\r\nX: y"
    error = error_of(client.get("/v1/neighbors", params={"word": hostile}), 404)
    assert error["got"] == hostile
    assert "\n" not in error["message"]
    assert "\u202e" not in error["message"]


def test_clients_that_have_an_answer_get_304_until_it_changes(client):
    first = client.get("/v1/neighbors", params={"word": "king"})
    mark = first.headers["etag"]
    again = client.get("/v1/neighbors", params={"word": "king"}, headers={"If-None-Match": f'"x", {mark}'})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/v1/neighbors", params={"word": "man"}, headers={"If-None-Match": mark})
    assert other.status_code == 200
    assert other.headers["etag"] != mark


def test_long_answers_are_compressed_for_clients_that_take_it(client):
    parameters = {"word": WORDS * 10}
    plain = client.get("/v1/vectors", params=parameters, headers={"Accept-Encoding": "identity"})
    packed = client.get("/v1/vectors", params=parameters, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()


def test_numbers_of_answers_are_json(client):
    text = client.get("/v1/vectors", params={"word": WORDS}).text
    json.loads(text, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    "body",
    [
        {"queries": [{"positive": [["x"] * 1000] * 100}] * 10},
        {"queries": [{"positive": [{"x": 1}] * 1000}] * 100},
        {"queries": [1] * 1000},
    ],
    ids=["no numbers", "no words", "no queries"],
)
def test_a_million_mistakes_are_refused_at_the_first(client, body):
    start = time.perf_counter()
    error_of(client.post("/v1/neighbors", json=body), 400)
    assert time.perf_counter() - start < 3


def test_the_words_of_all_queries_together_are_bounded(client):
    body = {"queries": [{"positive": ["king"] * 1000}] * 11}
    assert "at most 10,000" in error_of(client.post("/v1/neighbors", json=body), 400)["message"]


def test_long_questions_are_answered_as_short_ones_are(client):
    words = ["king", "man", "tree"] * 10
    found = client.get("/v1/neighbors", params={"word": words, "k": 3}).json()["neighbors"]
    assert [near["word"] for near in found] == [near.word for near in VECTORS.most_similar(words, k=3)]
    long = " + ".join(["king", "tree"] * 30)
    short = client.get("/v1/expression", params={"q": "30*king + 30*tree"}).json()["neighbors"]
    assert client.get("/v1/expression", params={"q": long}).json()["neighbors"] == short


def test_long_answers_say_what_short_ones_say(client):
    few = client.get("/v1/vectors", params={"word": ["king", "tree"]}).json()["vectors"]
    many = client.get("/v1/vectors", params={"word": ["king", "tree"] * 20}).json()
    assert many == {"dim": 6, "vectors": few * 20}
