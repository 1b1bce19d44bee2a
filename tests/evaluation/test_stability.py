import itertools

import numpy as np
import pytest

from wordvec.errors import ConfigError, EvaluationError
from wordvec.evaluation.stability import HEADING, TRUSTED, bands_of, read_agreement, stability_of
from wordvec.vectors.word_vectors import WordVectors

WORDS = [f"w{row}" for row in range(60)]


def models(noise, number=3):
    rng = np.random.default_rng(9)
    truth = rng.normal(size=(60, 8))
    return [WordVectors(WORDS, truth + noise * rng.normal(size=(60, 8))) for _ in range(number)]


def test_agreement_is_the_mean_share_of_common_neighbors_over_pairs_of_models():
    seeds = models(0.4)
    found = stability_of(seeds, search_limit=100, k=5)
    for word, agreement in zip(found.words, found.agreement, strict=True):
        near = [{neighbor for neighbor, _ in model.most_similar(word, k=5)} for model in seeds]
        shares = [len(one & other) / 5 for one, other in itertools.combinations(near, 2)]
        assert agreement == pytest.approx(np.mean(shares))


def test_noise_makes_words_less_stable():
    means = [stability_of(models(noise), search_limit=60).agreement.mean() for noise in (0, 0.3, 3)]
    assert means[0] == 1.0
    assert means[0] > means[1] > means[2]


def test_only_the_words_that_are_compared_are_neighbors():
    few = [WordVectors(WORDS[:6], model.matrix[:6]) for model in models(0.2)]
    found = stability_of(models(0.2), search_limit=6, k=3)
    assert found.words == WORDS[:6]
    assert found.agreement.tolist() == stability_of(few, search_limit=60, k=3).agreement.tolist()


def test_neighbors_that_are_all_the_others_say_nothing():
    with pytest.raises(ConfigError, match="the 10 nearest of 11 shared words are all the others"):
        stability_of(models(0.2), search_limit=11, k=10)
    assert len(stability_of(models(0.2), search_limit=12, k=10).words) == 12


def test_one_model_agrees_with_nobody():
    with pytest.raises(ConfigError, match="at least two models, got 1"):
        stability_of(models(0, 1), search_limit=60)


def test_bands_count_the_words_not_to_trust():
    agreement = np.full(1500, 0.9)
    agreement[[3, 99, 100, 1499]] = TRUSTED - 0.01
    bands = bands_of(agreement)
    assert [(band.first, band.last, band.distrusted) for band in bands] == [
        (1, 100, 2),
        (101, 1000, 1),
        (1001, 1500, 1),
    ]
    assert bands[0].agreement == pytest.approx((98 * 0.9 + 2 * 0.49) / 100)


def test_what_the_verb_has_written_is_read(tmp_path):
    table = tmp_path / "stability.tsv"
    table.write_text(f"{HEADING}\n#oak\t0.9000\tyes\nash\t0.2500\tno\n", encoding="utf-8")
    assert read_agreement(table) == {"#oak": 0.9, "ash": 0.25}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("word\tscore\n", "is not a table of wordvec stability, as its first line is"),
        (f"{HEADING}\noak\tmuch\tyes\n", "line 2: the agreement of a word is a number in .0, 1., got 'much'"),
        (f"{HEADING}\noak\t1.5\tyes\n", "got '1.5'"),
        (f"{HEADING}\noak\n", "got ''"),
    ],
)
def test_other_tables_are_refused(tmp_path, content, message):
    (tmp_path / "table.tsv").write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match=message):
        read_agreement(tmp_path / "table.tsv")
