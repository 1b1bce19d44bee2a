import json
import subprocess
import sys

import numpy as np
import pytest

from wordvec import WordVectors
from wordvec.answers import (
    analogy_answer,
    comparison_answer,
    evaluation_answer,
    info_answer,
    similar_answer,
    stability_answer,
)
from wordvec.evaluation.analogies import Analogies
from wordvec.evaluation.change import changes_between
from wordvec.evaluation.scores import judge
from wordvec.evaluation.similarity import Judgments
from wordvec.evaluation.stability import stability_of
from wordvec.evaluation.word_tests import WordTest

WORDS = ["king", "man", "queen", "woman", "tree"]
MATRIX = [[1, 1, 0], [0, 1, 0], [1, 0, 1], [0, 0, 1], [-1, 0.5, 0.5]]
VECTORS = WordVectors(WORDS, MATRIX, counts=[9, 7, 5, 5, 1])
OTHER = WordVectors(WORDS, np.roll(MATRIX, 1, axis=1))


def through_json(answer):
    """What a reader of the JSON has; numbers that are not JSON's end here."""
    return json.loads(json.dumps(answer, allow_nan=False))


def test_neighbors_of_words_are_named_with_their_cosines():
    found = through_json(similar_answer(["king"], VECTORS.most_similar("king", k=2)))
    assert found["query"] == ["king"]
    assert "negative" not in found
    assert [neighbor["word"] for neighbor in found["neighbors"]] == ["man", "queen"]
    assert found["neighbors"][0]["similarity"] == pytest.approx(0.5**0.5)


def test_words_to_stay_away_from_are_part_of_the_query():
    answer = similar_answer(["king"], VECTORS.most_similar(["king"], ["man"], k=1), ["man"])
    assert through_json(answer)["negative"] == ["man"]


def test_an_analogy_keeps_its_three_words_apart():
    answer = through_json(analogy_answer("man", "king", "woman", VECTORS.analogy("man", "king", "woman")))
    assert answer["query"] == {"a": "man", "b": "king", "c": "woman"}
    assert answer["neighbors"][0]["word"] == "queen"


def test_scores_have_intervals_sections_and_the_difference_of_two_models():
    pairs = Judgments(
        [("king", "man"), ("king", "tree"), ("queen", "woman"), ("man", "zebra")], [8.0, 1.0, 7.0, 3.0]
    )
    analogies = Analogies([("man", "king", "woman", "queen")] * 3, ["royal"] * 3)
    judged = [
        judge(WordTest("pairs.tsv", pairs), [VECTORS, OTHER], search_limit=5),
        judge(WordTest("royal.txt", analogies), [VECTORS, OTHER], search_limit=5, method="mul"),
    ]
    answer = through_json(evaluation_answer(["a.wv", "b.wv"], judged, search_limit=5))
    assert (answer["models"], answer["search_limit"]) == (["a.wv", "b.wv"], 5)
    similarity, analogy = answer["tests"]
    assert (similarity["name"], similarity["kind"], similarity["method"]) == ("pairs.tsv", "similarity", None)
    assert (similarity["of"], similarity["scores"][0]["asked"]) == (4, 3)
    assert similarity["difference"]["asked"] == 3
    assert analogy["method"] == "3CosMul"
    assert analogy["scores"][0]["sections"] == {"royal": {"right": 3, "asked": 3, "of": 3}}


def test_one_model_has_no_difference():
    test = WordTest("pairs.tsv", Judgments([("king", "man"), ("king", "tree")], [8.0, 1.0]))
    answer = evaluation_answer(["a.wv"], [judge(test, [VECTORS], search_limit=5)], search_limit=5)
    assert answer["tests"][0]["difference"] is None


def test_changed_words_come_with_their_neighbors_before_and_after():
    answer = through_json(comparison_answer(changes_between(VECTORS, OTHER, k=2)))
    assert len(answer["changes"]) == 2
    assert set(answer["changes"][0]) == {"word", "distance", "floor", "before", "after"}
    assert set(answer["changes"][0]["before"][0]) == {"word", "similarity"}
    assert (answer["shared"], answer["beyond_chance"]) == (5, None)


def test_stability_has_bands_and_each_word():
    answer = through_json(stability_answer(stability_of([VECTORS, VECTORS], search_limit=9, k=2)))
    assert answer["bands"] == [{"first": 1, "last": 5, "agreement": 1.0, "distrusted": 0}]
    assert answer["words"][0] == {"word": "king", "agreement": 1.0}
    assert 0 < answer["trusted_from"] < 1


@pytest.mark.parametrize(("vectors", "occurrences"), [(VECTORS, 27), (OTHER, None)])
def test_a_model_is_described_by_what_it_knows(vectors, occurrences):
    answer = through_json(info_answer("model.wv", "native", vectors))
    assert (answer["path"], answer["format"], answer["words"], answer["dim"]) == ("model.wv", "native", 5, 3)
    assert answer["occurrences"] == occurrences
    assert answer["first_words"] == WORDS
    assert (answer["output_vectors"], answer["training"]) == (False, [])


def test_answers_load_neither_the_command_line_nor_anything_heavy():
    code = "import sys, wordvec.answers; print(sorted({'rich', 'cyclopts', 'numpy', 'pyarrow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"
