"""Both trainers are given the same settings, and only finished runs count."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmarks.cases import CASES
from benchmarks.measure import CommandFailedError
from benchmarks.trainers import (
    TRAINERS,
    ending_as_gensim,
    gensim_settings,
    wordvec_command,
    wordvec_report,
)

from wordvec.config import Config

CONFIG = Config(
    dim=7,
    window=3,
    negatives=4,
    noise_power=0.5,
    subsample=0.01,
    min_count=2,
    epochs=6,
    threads=8,
    seed=9,
    learning_rate=0.03,
    final_learning_rate=0.002,
)

SAME_SETTING = {
    "--dim": "vector_size",
    "--window": "window",
    "--negatives": "negative",
    "--noise-power": "ns_exponent",
    "--subsample": "sample",
    "--min-count": "min_count",
    "--epochs": "epochs",
    "--threads": "workers",
    "--seed": "seed",
    "--learning-rate": "alpha",
    "--final-learning-rate": "min_alpha",
}


def test_both_trainers_are_given_the_same_settings():
    command = wordvec_command(Path("corpus.txt"), Path("model"), CONFIG)
    flags = dict(zip(command[7::2], command[8::2], strict=True))
    settings = gensim_settings(CONFIG)
    model = {"--architecture": "skipgram", "--objective": "negative", "--max-n": "0"}
    assert {flag: str(settings[name]) for flag, name in SAME_SETTING.items()} | model == flags
    assert settings.keys() - SAME_SETTING.values() == {"sg", "hs"}


def test_wordvec_takes_texts_in_their_order_where_a_case_says_so():
    in_order, by_default = CASES["cbow-word2vec-in-order"], CASES["cbow-word2vec"]
    commands = [
        wordvec_command(Path("corpus.txt"), Path("model"), config) for config in (in_order, by_default)
    ]
    assert commands[0] == [*commands[1], "--no-shuffle-texts"]


def test_gensim_is_given_the_same_model():
    def given(case: str) -> tuple[Any, ...]:
        settings = gensim_settings(CASES[case])
        return settings["sg"], settings["hs"], settings["negative"], settings.get("max_n")

    assert given("dim100") == (1, 0, 5, None)
    assert given("cbow-word2vec") == (0, 0, 5, None)
    assert given("cbow-hierarchical") == (0, 1, 0, None)
    assert given("subwords") == (1, 0, 5, 6)


def test_a_rate_that_ends_as_gensims_falls_by_one_workers_part_in_the_last_epoch():
    first, last = 0.03, 0.002
    assert ending_as_gensim(CONFIG).final_learning_rate == pytest.approx(
        first - (first - last) * (5 + 1 / 8) / 6
    )
    alone = replace(CONFIG, threads=1)
    assert ending_as_gensim(alone).final_learning_rate == pytest.approx(last)


def test_the_engines_differ_in_nothing_else():
    numba, torch = (
        TRAINERS[name].command(Path("text"), Path("model"), CONFIG) for name in ("wordvec", "wordvec-torch")
    )
    assert torch == [*numba, "--engine", "torch", "--device", "cpu"]


def test_the_last_record_of_a_finished_run_is_read(tmp_path: Path):
    (tmp_path / "training.jsonl").write_text(
        '{"event": "epoch"}\n{"event": "done", "phases": {"training": 2.5}, "words": 7, "wall_seconds": 3}\n'
    )
    assert wordvec_report(tmp_path) == ({"training": 2.5}, 7)


def test_an_interrupted_run_is_refused(tmp_path: Path):
    (tmp_path / "training.jsonl").write_text('{"event": "interrupted"}\n')
    with pytest.raises(CommandFailedError, match="interrupted"):
        wordvec_report(tmp_path)


def test_spark_is_given_what_it_trains_and_nothing_else_is_called_the_same():
    command = TRAINERS["spark"].command(Path("corpus.txt"), Path("model"), CASES["spark"])
    settings = json.loads(command[-1])["settings"]
    assert (settings["vectorSize"], settings["windowSize"], settings["minCount"]) == (100, 5, 5)
    with pytest.raises(CommandFailedError, match="without subsampling: --case spark"):
        TRAINERS["spark"].command(Path("corpus.txt"), Path("model"), CASES["hierarchical"])
