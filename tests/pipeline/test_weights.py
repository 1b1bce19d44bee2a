"""Training on texts with weights: the bytes of training on texts that are repeated as often."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wordvec
from wordvec.planning.check import check_temporary_disk
from wordvec.planning.estimate import estimate
from wordvec.planning.request import request_for

SMALL: dict[str, Any] = {"dim": 4, "epochs": 2, "threads": 1, "window": 2, "min_count": 3}


def weighted_texts(seed: int = 1) -> list[dict[str, Any]]:
    """Texts whose weights decide which words are frequent enough."""
    rng = np.random.default_rng(seed)
    return [
        {
            "text": " ".join(f"w{word}" for word in np.minimum(rng.zipf(1.5, rng.integers(1, 7)), 30)),
            "n": int(weight),
        }
        for weight in rng.integers(0, 6, 80)
    ]


def expanded(rows: list[dict[str, Any]]) -> list[list[str]]:
    return [row["text"].split() for row in rows for _ in range(row["n"])]


@pytest.mark.parametrize("unknown", ["drop", "gap"])
@pytest.mark.parametrize("engine", ["numba", "torch"])
def test_a_weight_is_as_good_as_repeating_the_text(engine: str, unknown: str) -> None:
    rows, settings = weighted_texts(), {**SMALL, "engine": engine, "unknown": unknown}
    by_weight = wordvec.train(rows, column="text", weight="n", **settings)
    by_hand = wordvec.train(expanded(rows), **settings)
    unweighted = wordvec.train(rows, column="text", **settings)
    assert by_weight.words == by_hand.words != unweighted.words
    assert by_weight.counts is not None
    assert by_hand.counts is not None
    assert by_weight.counts.tolist() == by_hand.counts.tolist()
    assert by_weight.matrix.tobytes() == by_hand.matrix.tobytes()
    assert by_weight.training[0] == by_hand.training[0]  # words read, distinct ones, texts, digest


def test_the_text_to_validate_on_has_weights_too() -> None:
    rows, others = weighted_texts(), weighted_texts(2)
    losses = [
        [report["validation_loss"] for report in found.training if "validation_loss" in report]
        for found in (
            wordvec.train(rows, column="text", weight="n", validation_source=others, **SMALL),
            wordvec.train(expanded(rows), validation_source=expanded(others), **SMALL),
        )
    ]
    assert losses[0] == losses[1] != []


def files(folder: Path) -> tuple[Path, Path]:
    """The weighted rows, and the same texts repeated."""
    rows = weighted_texts()
    weighted, plain = folder / "weighted.jsonl", folder / "plain.txt"
    weighted.write_text("\n".join(map(json.dumps, rows)) + "\n")
    plain.write_text("".join(f"{' '.join(text)}\n" for text in expanded(rows)))
    return weighted, plain


def test_a_dry_run_counts_the_repeats(tmp_path: Path) -> None:
    weighted, plain = files(tmp_path)
    found = estimate(request_for(weighted, SMALL, column="text", weight="n"))
    expected = estimate(request_for(plain, SMALL))
    assert found is not None
    assert expected is not None
    for name in ("words", "distinct_words", "vocabulary", "words_in_vocabulary", "temporary_bytes"):
        assert getattr(found, name) == getattr(expected, name), name


def test_repeats_that_no_disk_can_hold_are_refused_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "heavy.jsonl"
    path.write_text(json.dumps({"text": "to be or not", "n": 100_000}) + "\n")
    monkeypatch.setattr("wordvec.planning.check.free_disk", lambda _: 10**6)
    request = request_for(path, {}, column="text", weight="n")
    with pytest.raises(wordvec.ResourceError, match=r"the encoded text needs about 2\.0 MB"):
        check_temporary_disk(request.text, "whitespace", None)


def test_a_text_is_held_out_with_all_its_repeats_or_not_at_all(tmp_path: Path) -> None:
    from wordvec.config import Config
    from wordvec.training.corpora import encode

    rows = [{"text": f"w{number} w{number} x", "n": 1 + number % 7} for number in range(200)]
    source = request_for(rows, {}, column="text", weight="n").text
    config = Config(min_count=1, validation=0.2, threads=1)
    corpora = encode(source, tmp_path, config, "whitespace", on_progress=lambda _: None)
    assert corpora.held_out is not None
    there, held_out = (
        np.bincount(ids[ids >= 0], minlength=201)
        for ids in (corpus.read(0, corpus.num_positions) for corpus in (corpora.training, corpora.held_out))
    )
    for number in range(200):
        word = corpora.vocabulary.id_of(f"w{number}")
        assert sorted([there[word], held_out[word]]) == [0, 2 * (1 + number % 7)]
    assert 0.1 < held_out.sum() / (held_out.sum() + there.sum()) < 0.3


def stop(report: Any) -> None:
    if getattr(report, "is_epoch_end", False):
        raise KeyboardInterrupt


@pytest.mark.parametrize("settings", [{}, {"validation": 0.2}], ids=["all", "held out"])
def test_a_run_is_resumed_with_its_weights(settings: dict[str, Any], tmp_path: Path) -> None:
    weighted, _ = files(tmp_path)
    how = {"column": "text", "weight": "n", **SMALL, **settings}
    whole = wordvec.train(weighted, **how)
    wordvec.train(weighted, **how, checkpoint=tmp_path / "run.wv", on_progress=stop)
    assert wordvec.resume(tmp_path / "run.wv").matrix.tobytes() == whole.matrix.tobytes()
    wordvec.train(weighted_texts(), **how, checkpoint=tmp_path / "rows.wv", on_progress=stop)
    assert wordvec.resume(tmp_path / "rows.wv", weighted_texts()).matrix.tobytes() == whole.matrix.tobytes()
    weighted.write_text(weighted.read_text().replace('"n": 1}', '"n": 2}'))
    with pytest.raises(wordvec.CorpusError):
        wordvec.resume(tmp_path / "run.wv")
