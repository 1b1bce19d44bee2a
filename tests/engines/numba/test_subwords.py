"""Words made of n-grams: each step is that of the torch engine; groups put steps of rows off, and do no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.engines.numba.judged import TextCase, assert_same_losses, config_for, measure, train
from tests.engines.numba.test_engine_family import TEXTS

from wordvec.config import Config
from wordvec.engines.draws import draws_of
from wordvec.engines.numba.engine import NumbaEngine
from wordvec.engines.numba.spec import NUMBA
from wordvec.engines.numba.window_model import Family
from wordvec.engines.torch.engine import TorchEngine
from wordvec.engines.torch.spec import TORCH
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary, WordRows

CBOW: dict[str, Any] = {"architecture": "cbow"}
MODELS: dict[str, dict[str, Any]] = {
    "skip-gram": {},
    "skip-gram, hierarchical": {"objective": "hierarchical"},
    "CBOW": CBOW,
    "CBOW, word2vec.c's gradient": {**CBOW, "cbow_gradient": "word2vec"},
    "CBOW, sum": {**CBOW, "pooling": "sum"},
    "CBOW, position weights, word2vec.c's gradient": {
        **CBOW,
        "cbow_gradient": "word2vec",
        "position_weights": True,
    },
    "CBOW, position weights, both": {
        **CBOW,
        "position_weights": True,
        "objective": "negative+hierarchical",
    },
}
COMPILED_BY_DEFAULT = {
    "skip-gram",
    "CBOW, position weights, both",
}  # a kernel takes some five seconds to compile
each_model = pytest.mark.parametrize(
    "settings",
    [
        pytest.param(settings, id=name, marks=() if name in COMPILED_BY_DEFAULT else pytest.mark.slow)
        for name, settings in MODELS.items()
    ],
)


def word_rows(*lengths: int) -> WordRows:
    """Words of three letters' alphabet, so that many have n-grams in common, and some have one twice."""
    chance = np.random.default_rng(5)
    words: list[str] = []
    while len(words) < TEXTS.vocabulary_size:
        word = "".join(chance.choice(list("abc"), chance.choice(lengths)))
        words += [word] * (word not in words)
    return SubwordVocabulary(words, SubwordRules(1, 4, 60)).word_rows


ROWS = word_rows(1, 2, 3, 4, 5, 6)
EQUALLY_MANY_ROWS = word_rows(5)


def config_of(settings: dict[str, Any], **more: Any) -> Config:
    given = {"batch_size": None, "window": 3, "subsample": 0.05, "max_n": 4, "min_n": 1, "buckets": 60}
    return config_for(TEXTS, **{**given, **settings, **more})


def start(word_rows: WordRows = ROWS) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(7)
    rows = chance.normal(size=(word_rows.num_rows, TEXTS.dim)).astype(np.float32)
    return rows, TEXTS.start()[1]


def engine_of(
    config: Config, centers_per_group: int | None = None, word_rows: WordRows = ROWS
) -> NumbaEngine:
    if centers_per_group is None:
        engine = NUMBA.build(config, TEXTS.counts(), start=start(word_rows), word_rows=word_rows)
    else:
        family = Family(config.architecture, config.objective, config.pooling, config.cbow_gradient)
        engine = NumbaEngine(
            draws_of(config, TEXTS.counts()),
            family._replace(position_weights=config.position_weights),
            TEXTS.counts(),
            dim=config.dim,
            contexts_per_part=40,
            start=start(word_rows),
            word_rows=word_rows,
            centers_per_group=centers_per_group,
        )
    assert isinstance(engine, NumbaEngine)
    engine.compile()
    return engine


def judge(config: Config) -> TorchEngine:
    config = replace(config, batch_size=1, threads=1)
    engine = TORCH.build(config, TEXTS.counts(), start=start(), word_rows=ROWS)
    assert isinstance(engine, TorchEngine)
    engine._model.double()
    return engine


def bytes_of(engine: NumbaEngine) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in engine.state().items()}


def test_the_words_of_these_tests_share_ngrams_and_have_some_twice() -> None:
    own = [ROWS.rows[first:end] for first, end in zip(ROWS.starts, ROWS.starts[1:], strict=False)]
    assert any(len(set(rows)) < len(rows) for rows in own)
    assert len({len(rows) for rows in own}) > 3
    assert np.bincount(ROWS.rows).max() > 10


@each_model
def test_window_by_window_the_step_is_that_of_the_torch_engine(settings: dict[str, Any]) -> None:
    config = config_of(settings)
    engine, expected = engine_of(config, centers_per_group=1), judge(config)
    found, wanted = (train(one, TEXTS, epochs=range(2)) for one in (engine, expected))
    assert_same_losses(found, wanted, 1e-4)
    assert_same_losses([measure(engine, TEXTS)], [measure(expected, TEXTS)], 1e-4)
    np.testing.assert_allclose(engine.vectors()[0], expected.vectors()[0], rtol=1e-4, atol=2e-5)


@each_model
def test_a_group_trains_vectors_of_its_words_and_then_moves_their_rows_as_far(
    settings: dict[str, Any],
) -> None:
    """One group for all of the text: the same as a model of words alone, whose vectors begin as means.

    With CBOW, as long as words have equally many rows.
    """
    case = TextCase("one text", TEXTS.vocabulary_size, TEXTS.dim, (TEXTS.texts[2],))
    config = config_of(settings)
    word_rows = EQUALLY_MANY_ROWS if config.architecture == "cbow" else ROWS
    engine = engine_of(config, 1000, word_rows)
    rows, outputs = start(word_rows)
    each = np.diff(word_rows.starts)[:, None]
    means = np.add.reduceat(rows[word_rows.rows], word_rows.starts[:-1]) / each
    plain = NUMBA.build(
        replace(config, max_n=0, min_n=3, buckets=2_000_000), TEXTS.counts(), (means, outputs)
    )
    plain.compile()
    found, wanted = (train(one, case, epochs=range(1)) for one in (engine, plain))
    assert_same_losses(found, wanted, 1e-5)
    expected = rows.copy()
    moves = plain.vectors()[0] - means
    np.add.at(expected, word_rows.rows, np.repeat(moves, each[:, 0], axis=0))
    np.testing.assert_allclose(engine.vectors()[0], expected, rtol=1e-4, atol=2e-5)


@each_model
@pytest.mark.parametrize("deterministic", [False, True])
def test_a_restored_engine_goes_on_with_the_same_bytes(settings: dict[str, Any], deterministic: bool) -> None:
    config = config_of(settings, deterministic=deterministic, threads=3 if deterministic else 1)
    whole, resumed = engine_of(config), engine_of(config)
    assert whole.num_workers(3) == (1 if deterministic else 3)
    train(whole, TEXTS, epochs=range(2))
    resumed.restore(whole.state())
    for engine in (whole, resumed):
        train(engine, TEXTS, epochs=range(2, 3))
    assert bytes_of(whole) == bytes_of(resumed)


@each_model
def test_measuring_moves_nothing(settings: dict[str, Any]) -> None:
    engine = engine_of(config_of(settings))
    before = bytes_of(engine)
    assert measure(engine, TEXTS) == measure(engine, TEXTS)
    assert bytes_of(engine) == before
