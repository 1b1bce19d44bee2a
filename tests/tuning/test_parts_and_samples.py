from pathlib import Path

import numpy as np
import pytest

from wordvec.config import Config
from wordvec.corpus.encoded import TEXT_END, EncodedCorpus
from wordvec.errors import ConfigError, CorpusError
from wordvec.evaluation.analogies import Analogies
from wordvec.evaluation.word_tests import WordTest
from wordvec.tuning.parts import in_parts
from wordvec.tuning.samples import TuningText, cut_last_items
from wordvec.tuning.space import STARTS, read_range, search_space
from wordvec.tuning.trial import fitted_epochs, relative_cost
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.vocabulary import CountedVocabulary

PAIRS = [(f"country{n}", f"capital{n}") for n in range(6)]
QUESTIONS = [(*a, *c) for a in PAIRS for c in PAIRS if a != c]
KNOWN = WordVectors([word for pair in PAIRS for word in pair], np.random.default_rng(1).normal(size=(12, 5)))


def text_of(folder: Path, ids: list[int], counts: list[int]) -> TuningText:
    path = folder / "corpus.int32"
    np.array(ids, np.int32).tofile(path)
    num_texts = ids.count(TEXT_END)
    corpus = EncodedCorpus(path, len(ids), len(ids) - num_texts, num_texts)
    words = [f"word{word}" for word in range(len(counts))]
    return TuningText(CountedVocabulary(words, np.array(counts)), corpus, folder, Config())


def test_no_pair_that_is_asked_for_is_in_both_parts():
    parts = in_parts(WordTest("capitals", Analogies(QUESTIONS, [""] * len(QUESTIONS))), KNOWN, seed=1)
    asked = [
        {question[2:] for question in part.questions.questions} for part in (parts.chooses, parts.reports)
    ]
    assert not asked[0] & asked[1]
    assert asked[0] | asked[1] == set(PAIRS)


def test_a_question_whose_words_are_unknown_counts_as_wrong():
    parts = in_parts(WordTest("capitals", Analogies(QUESTIONS, [""] * len(QUESTIONS))), KNOWN, seed=1)
    items = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    assert parts.score(items) == 0.5


def test_min_count_is_of_all_of_the_text_also_on_a_sample(tmp_path):
    ids = [id_ for text in range(300) for id_ in (0, 1, 2 + text % 3, TEXT_END)]
    text = text_of(tmp_path, ids, [300, 300, 100, 100, 100])
    part = text.part(1 / 3, 100)
    assert len(part.vocabulary) == 5
    assert part.vocabulary.counts[0] < 150
    assert text.part(1 / 3, 101).vocabulary.words == ["word0", "word1"]


def test_a_larger_sample_has_all_of_the_smaller_one(tmp_path):
    ids = [id_ for text in range(300) for id_ in (text, (text + 1) % 300, TEXT_END)]
    text = text_of(tmp_path, ids, [2] * 300)
    small, large = (set(text.part(share, 1).vocabulary.words) for share in (1 / 9, 1 / 3))
    assert small < large


def test_a_min_count_above_all_counts_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="min_count=9 leaves 0 words"):
        text_of(tmp_path, [0, 1, TEXT_END], [1, 1]).part(1.0, 9)


def test_short_texts_give_no_sessions(tmp_path):
    text = text_of(tmp_path, [0, 1, TEXT_END], [1, 1])
    with pytest.raises(CorpusError, match="none of the 1 texts has three words"):
        cut_last_items(text.corpus, 5, np.random.default_rng(1), tmp_path)


def test_noise_is_not_searched_without_negative_samples():
    names = [one.name for one in search_space(Config(), {"objective": "hierarchical"}).parameters]
    assert not {"negatives", "noise_power", "objective"} & set(names)


@pytest.mark.parametrize("written", ["dim", "dim=", "=3..4", "dim=a..b"])
def test_a_range_that_is_not_one_is_refused(written):
    with pytest.raises(ConfigError):
        read_range(written)


def test_epochs_are_lowered_to_what_the_time_allows():
    counts = np.array([500, 300, 200])
    cost = 5 * relative_cost(Config(), counts)
    assert fitted_epochs(Config(epochs=20), cost, counts, 1.0) == 5
    assert fitted_epochs(Config(epochs=20, dim=300, window=20), cost, counts, 1.0) == 1


def test_starts_are_settings_of_the_space_that_was_given():
    whole = search_space(Config(), {}).starts()
    assert len(whole) == len(STARTS)
    assert all("negatives" not in values for values in whole if values["objective"] == "hierarchical")
    narrow = search_space(Config(), {"objective": "negative"}, {"window": (2, 10)}, only=["window", "epochs"])
    assert narrow.starts() == [{"window": 10, "epochs": 20}, {"window": 8, "epochs": 6}]


def test_starts_that_contradict_given_settings_are_left_out():
    falls_to = Config(learning_rate=0.1, final_learning_rate=0.045)
    starts = search_space(falls_to, {}, only=["learning_rate", "epochs"]).starts()
    assert [start["learning_rate"] for start in starts] == [0.05, 0.1]
