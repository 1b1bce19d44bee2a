"""The comparison takes turns, continues, and refuses to mix; training is replaced by planted runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.machine import describe_source
from benchmarks.results import ConditionsChangedError, Results, Run

from benchmarks import compare
from wordvec.config import Config


def planted_run(case: str, trainer: str, config: Config, *_: object) -> Run:
    return Run(
        case=case,
        trainer=trainer,
        seed=config.seed,
        started="2026-01-01T00:00:00+00:00",
        load_average=0.0,
        words_per_second=10.0,
        training_seconds=2.0,
        job_seconds=4.0,
        cpu_seconds=6.0,
        peak_memory_bytes=100,
        peak_private_bytes=None,
        phases={"training": 2.0},
        words=7,
        vocabulary=3,
        scores={},
    )


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Results:
    monkeypatch.setattr(compare, "WORK", tmp_path)
    monkeypatch.setattr(compare, "compiling_seconds", lambda *_: {"first": 1.0, "cached": 0.1})
    monkeypatch.setattr(compare, "_run", planted_run)
    machine = {"cpu": "planted", "cores": 2, "simd": [], "memory_bytes": 2**34, "os": "Linux"}
    corpus = {"name": "text.txt", "bytes": 9}
    conditions = {"machine": machine, "versions": {}, "source": describe_source(), "corpus": corpus}
    return Results(path=tmp_path / "planted.json", conditions=conditions | {"threads": 2, "epochs": 5})


def run_case(results: Results, num_runs: int) -> list[tuple[str, int]]:
    trainers = ["wordvec", "gensim"]
    compare._run_case(results, "dim100", Config(), Path("text.txt"), trainers, num_runs, lambda _: {})
    return [(run.trainer, run.seed) for run in results.runs]


def test_trainers_take_turns_and_each_pair_has_its_seed(results: Results):
    assert run_case(results, 2) == [("wordvec", 1), ("gensim", 1), ("wordvec", 2), ("gensim", 2)]


def test_an_interrupted_comparison_continues_from_its_file(results: Results, monkeypatch: pytest.MonkeyPatch):
    def interrupted(case: str, trainer: str, config: Config, *_: object) -> Run:
        if trainer == "gensim":
            raise KeyboardInterrupt
        return planted_run(case, trainer, config)

    monkeypatch.setattr(compare, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_case(results, 2)
    monkeypatch.setattr(compare, "_run", planted_run)
    continued = Results.open(results.path, results.conditions, replace=False)
    assert [(run.trainer, run.seed) for run in continued.runs] == [("wordvec", 1)]
    assert run_case(continued, 2) == [("wordvec", 1), ("gensim", 1), ("wordvec", 2), ("gensim", 2)]


def test_the_source_must_not_change_meanwhile(results: Results):
    results.conditions["source"] = {"wordvec_sha256": "of other files"}
    with pytest.raises(ConditionsChangedError, match="edited during the comparison"):
        run_case(results, 1)


def test_wordvecs_rate_ends_as_gensims_where_that_is_asked(results: Results, monkeypatch: pytest.MonkeyPatch):
    ends = {}

    def noting(case: str, trainer: str, config: Config, *_: object) -> Run:
        ends[trainer] = config.final_learning_rate
        return planted_run(case, trainer, config)

    monkeypatch.setattr(compare, "_run", noting)
    config, trainers = Config(threads=2), ["wordvec", "gensim"]
    compare._run_case(results, "dim100", config, Path("t"), trainers, 1, lambda _: {}, ends_as_gensim=True)
    assert ends["gensim"] == config.final_learning_rate < ends["wordvec"]


def test_settings_of_gensim_are_recorded_where_gensim_runs(results: Results):
    compare._run_case(results, "dim100", Config(), Path("t"), ["wordvec", "wordvec-torch"], 1, lambda _: {})
    assert [run.trainer for run in results.runs] == ["wordvec", "wordvec-torch"]
    assert results.cases["dim100"].keys() == {"settings", "compiling"}
    run_case(results, 1)
    assert results.cases["dim100"].keys() == {"settings", "compiling", "gensim"}


@pytest.mark.parametrize("option", ["--runs", "--epochs", "--threads"])
def test_none_of_anything_is_refused(option: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        compare._parser().parse_args([option, "0"])
    assert "must be at least 1, got 0" in capsys.readouterr().err


def test_without_a_corpus_the_message_says_what_to_give(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.argv", ["compare"])
    with pytest.raises(SystemExit):
        compare.main()
    assert "make bench CORPUS=" in capsys.readouterr().err
