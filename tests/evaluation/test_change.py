import numpy as np
import pytest

from wordvec.errors import ConfigError, EvaluationError
from wordvec.evaluation import change
from wordvec.evaluation.change import changes_between
from wordvec.vectors.word_vectors import WordVectors

WORDS = [f"w{row}" for row in range(500)]
MOVED = [20, 333, 480]


@pytest.fixture(scope="module")
def models():
    """Rarer words are noisier, as they are; three words take the places of others in the second model."""
    rng = np.random.default_rng(7)
    truth = rng.normal(size=(500, 10))
    spread = np.linspace(0.05, 0.25, 500)[:, None]

    def run(matrix):
        turned = np.linalg.qr(rng.normal(size=(10, 10)))[0]
        return WordVectors(WORDS, (matrix + spread * rng.normal(size=matrix.shape)) @ turned)

    changed = truth.copy()
    changed[MOVED] = truth[[100, 200, 300]]
    return run(truth), run(changed), [run(truth), run(truth)]


def test_planted_changes_come_first_with_what_they_meant_and_mean(models):
    first, second, again = models
    found = changes_between(first, second, again, k=3)
    assert {one.word for one in found.changes} == {WORDS[row] for row in MOVED}
    of_20 = next(one for one in found.changes if one.word == "w20")
    assert of_20.after[0].word == "w100"
    assert (
        of_20.before == first.most_similar("w20", k=5)
        or of_20.before[0].word == first.most_similar("w20")[0].word
    )
    assert of_20.floor is not None
    assert of_20.distance > of_20.floor


def test_between_seeds_about_one_word_in_twenty_goes_beyond_chance(models):
    first, _, again = models
    found = changes_between(first, again[0], again[1:])
    assert found.shared == 500
    assert found.beyond_chance is not None
    assert 5 <= found.beyond_chance <= 60


def test_the_floor_rises_where_words_are_noisier(models, monkeypatch):
    monkeypatch.setattr(change, "BAND", 50)
    first, second, again = models
    floors = {one.word: one.floor for one in changes_between(first, second, again, k=500).changes}
    assert floors["w10"] < floors["w250"] < floors["w490"]


def test_without_other_runs_the_farthest_come_first_and_no_floor_is_claimed(models):
    first, second, _ = models
    found = changes_between(first, second, k=10)
    distances = [one.distance for one in found.changes]
    assert distances == sorted(distances, reverse=True)
    assert (found.beyond_chance, found.median_floor, found.changes[0].floor) == (None, None, None)


def test_distances_are_of_directions_after_turning(models):
    first, _, _ = models
    turned = WordVectors(WORDS, first.matrix[:, ::-1] * 3)
    assert changes_between(first, turned).changes[0].distance == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("other", "settings", "error", "message"),
    [
        (WordVectors(WORDS[:9], np.ones((9, 4))), {}, EvaluationError, "same dimensions, got 4 and 10"),
        (WordVectors(["x", "w1"], np.ones((2, 10))), {}, EvaluationError, "share"),
        (WordVectors(WORDS[:9], np.ones((9, 10))), {"k": 0}, ConfigError, "k must be at least 1"),
    ],
    ids=["dim", "no common words", "k"],
)
def test_what_cannot_be_compared_is_refused(models, other, settings, error, message):
    with pytest.raises(error, match=message):
        changes_between(models[0], other, **settings)
