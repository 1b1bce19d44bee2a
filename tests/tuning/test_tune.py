import json
import random

import numpy as np
import pytest

import wordvec
from wordvec.config import Config
from wordvec.errors import ConfigError, EvaluationError, FormatError
from wordvec.tuning.space import STARTS

GIVEN = {"dim": 8, "threads": 1, "subsample": 0.0, "progress": False}
ONLY = ["window", "epochs", "noise_power"]


def nearness(vectors):
    return [vectors.similarity("tea0", "tea1"), vectors.similarity("soap0", "soap1")] * 4


@pytest.fixture(scope="module")
def sessions():
    chance = random.Random(1)  # noqa: S311
    aisles = [[f"{aisle}{number}" for number in range(6)] for aisle in ("bread", "tea", "soap")]
    return [chance.sample(chance.choice(aisles), 4) for _ in range(200)]


@pytest.fixture(scope="module")
def result(sessions):
    return wordvec.tune(sessions, "next-item", trials=3, only=ONLY, **GIVEN)


def test_the_defaults_are_the_first_trial_and_given_settings_stay(result):
    assert len(result.trials) == 4
    assert result.trials[0].config == result.defaults
    assert {trial.config.dim for trial in result.trials} == {8}


def test_the_best_trial_has_the_highest_score_on_the_part_that_chooses(result):
    assert result.best.score == max(trial.score for trial in result.trials if trial.share == 1)
    assert result.config == result.best.config


def test_next_items_are_reported_beside_the_defaults_and_the_most_frequent_items(result):
    (report,) = result.reports
    assert (report.kind, report.measure, report.is_held_out) == ("next item", "hit@10", True)
    assert report.defaults.low <= report.defaults.value <= report.defaults.high
    assert 0 <= report.baseline <= 1


def test_the_same_seed_and_one_thread_give_the_same_answer(sessions, result):
    again = wordvec.tune(sessions, "next-item", trials=3, only=ONLY, **GIVEN)
    assert [trial.config for trial in again.trials] == [trial.config for trial in result.trials]
    assert [trial.score for trial in again.trials] == [trial.score for trial in result.trials]


def test_a_search_begins_with_what_has_done_well_elsewhere_and_a_random_one_does_not(sessions, result):
    starts = [{name: start[name] for name in ONLY if name in start} for start in STARTS]
    tried = [trial.changed for trial in result.trials[1:]]
    assert tried == starts[: len(tried)]
    chance = wordvec.tune(sessions, "next-item", trials=1, only=ONLY, sampler="random", **GIVEN)
    assert chance.trials[1].changed not in starts


def test_a_search_that_goes_on_from_its_file_ends_as_one_without_a_break(sessions, result, tmp_path):
    study = tmp_path / "study.jsonl"
    wordvec.tune(sessions, "next-item", trials=1, only=ONLY, study=study, **GIVEN)
    with study.open("ab") as file:
        file.write(b'{"op_code": 4, "worker_id"')  # the process ended while it wrote
    again = wordvec.tune(sessions, "next-item", trials=3, only=ONLY, study=study, **GIVEN)
    assert [trial.config for trial in again.trials] == [trial.config for trial in result.trials]
    assert again.reports[0].tuned == result.reports[0].tuned


def test_a_study_of_another_search_is_refused_by_what_differs(sessions, tmp_path):
    study = tmp_path / "study.jsonl"
    wordvec.tune(sessions, nearness, trials=1, only=["window"], study=study, **GIVEN)
    with pytest.raises(ConfigError, match="another search, which differs in space"):
        wordvec.tune(sessions, nearness, trials=1, only=["epochs"], study=study, **GIVEN)


@pytest.mark.parametrize("content", [b"hello\nworld\n", b'{"op_code": 0}\n{"op_code": 9}\n', b"[1]\n[2]\n"])
def test_a_file_that_is_not_a_study_is_refused(sessions, tmp_path, content):
    study = tmp_path / "study.jsonl"
    study.write_bytes(content)
    with pytest.raises(FormatError, match=r"study\.jsonl"):
        wordvec.tune(sessions, nearness, trials=1, only=["window"], study=study, **GIVEN)


def test_ctrl_c_keeps_the_best_so_far(sessions):
    def stop_at_the_second_trial(progress):
        if getattr(progress, "trial", 0) == 2:
            raise KeyboardInterrupt

    given = {**GIVEN, "on_progress": stop_at_the_second_trial}
    result = wordvec.tune(sessions, nearness, trials=5, only=["window"], **given)
    assert result.is_interrupted
    assert len(result.trials) == 2


def test_a_function_of_one_number_is_said_to_have_chosen_the_settings(sessions):
    result = wordvec.tune(sessions, half, trials=1, only=["window"], **GIVEN)
    assert not result.reports[0].is_held_out


def test_a_function_that_gives_no_number_is_named(sessions):
    with pytest.raises(EvaluationError, match="nothing must give a score"):
        wordvec.tune(sessions, nothing, trials=1, **GIVEN)


def half(vectors):
    return 0.5


def nothing(vectors):
    return None


def test_a_test_without_words_of_the_text_is_refused(sessions, tmp_path):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("lion\ttiger\t9\nlion\tcar\t1\n")
    with pytest.raises(EvaluationError, match="the text has the words of 0 of 2 questions"):
        wordvec.tune(sessions, pairs, trials=1, **GIVEN)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"budget": "2epochs"}, "budget must be a time"),
        ({"trials": 0}, "trials must be at least 1"),
        ({"max_slowdown": 0}, "max_slowdown must be a number above 0"),
        ({"sampler": "best"}, "sampler must be"),
        ({"validation": 0.1}, "validation, keep and patience"),
        ({"space": {"dim": (5, 9)}}, "dim is fixed to 8"),
        ({"only": ["seed"]}, "seed is the same for all trials"),
        ({"tests": []}, "nothing to choose settings by"),
    ],
    ids=str,
)
def test_impossible_arguments_are_refused_by_name(sessions, wrong, message):
    given = {"tests": nearness, **GIVEN, **wrong}
    with pytest.raises(ConfigError, match=message):
        wordvec.tune(sessions, **given)


def test_the_winner_is_saved_for_train_and_drawn(sessions, result, tmp_path):
    result.save(tmp_path / "tuned.json")
    saved = json.loads((tmp_path / "tuned.json").read_text())
    assert saved.pop("tokenizer") == "whitespace"
    assert Config(**saved, threads=1) == result.config
    result.plot(tmp_path / "tried.svg")
    assert b"noise_power" in (tmp_path / "tried.svg").read_bytes()
    with pytest.raises(ConfigError, match="must end in"):
        result.plot(tmp_path / "tried.html")


def test_training_again_takes_the_best_settings(result):
    vectors = result.train(progress=False)
    assert vectors.config["window"] == result.config.window
    assert len(result.table()) == len(result.trials) + 1
    assert np.isfinite(vectors.matrix).all()
