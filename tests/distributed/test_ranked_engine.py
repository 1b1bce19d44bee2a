"""Ranked engines: ranks in threads of a group train to the bytes of a simulation; shares of their own lose no pair."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.training.small import corpus_of, counts_in, small_ids

from wordvec.config import Config
from wordvec.corpus.encoded import TEXT_END, EncodedCorpus
from wordvec.distributed.group import Group, run_in_threads
from wordvec.distributed.ranks import RankedEngine, Ranks
from wordvec.engines.numba.spec import NUMBA
from wordvec.training.progress import START

IDS = small_ids(4001)
RANKS = 3


def config(**settings: Any) -> Config:
    return Config(
        dim=9, window=3, negatives=3, epochs=2, sync_every=300, subsample=1e-2, threads=1, **settings
    )


def engine_of(ranks: Ranks, settings: Config) -> RankedEngine:
    def build(one: Config) -> Any:
        engine = NUMBA.build(one, counts_in(IDS))
        engine.compile()
        return engine

    return RankedEngine(ranks, settings, build)


def trained(
    ranks: Ranks, settings: Config, corpus: EncodedCorpus, shares: tuple[int, ...] = ()
) -> tuple[NDArray[np.float32], int, float]:
    """Both matrices, words and the loss of the last epoch."""
    engine = engine_of(ranks, settings)
    trainer = engine.trainer(corpus, held_out=None, shares=shares, start=START, facts=None, remedies=[])
    *_, last = trainer.run()
    inputs, outputs = engine.vectors()
    assert outputs is not None
    assert last.epoch_loss is not None
    return np.concatenate([inputs, outputs]), last.words, last.epoch_loss


@pytest.mark.parametrize("overlaps", [False, True])
@pytest.mark.parametrize("rule", ["by-curvature", "momentum", "adasum"])
def test_a_group_trains_to_the_bytes_of_a_simulation(rule: Any, overlaps: bool, tmp_path: Path) -> None:
    settings, corpus = config(combine=rule, sync_overlap=overlaps), corpus_of(IDS, tmp_path)
    simulated, words, loss = trained(Ranks(RANKS), settings, corpus)
    for own, own_words, own_loss in run_in_threads(
        RANKS, lambda group: trained(Ranks(RANKS, group), settings, corpus)
    ):
        np.testing.assert_array_equal(own, simulated)
        assert (own_words, own_loss) == (words, pytest.approx(loss, rel=1e-12))


def test_ranks_that_have_only_their_shares_train_what_they_would_with_the_whole_text(tmp_path: Path) -> None:
    whole = corpus_of(IDS, tmp_path)
    ends = np.flatnonzero(IDS == TEXT_END) + 1
    borders = [0, int(ends[len(ends) // 4]), int(ends[len(ends) // 2]), len(IDS)]
    sizes = tuple(np.diff(borders).tolist())

    def own_share(rank: int) -> EncodedCorpus:
        folder = tmp_path / str(rank)
        folder.mkdir()
        own = corpus_of(IDS[borders[rank] : borders[rank + 1]], folder)
        return own.shared(
            (borders[rank], borders[rank + 1]),
            num_positions=whole.num_positions,
            num_words=whole.num_words,
            num_texts=whole.num_texts,
        )

    def from_shares(group: Group) -> tuple[NDArray[np.float32], int, float]:
        return trained(Ranks(RANKS, group), config(), own_share(group.rank), sizes)

    def from_all(group: Group) -> tuple[NDArray[np.float32], int, float]:
        of_whole = whole.shared(
            (0, whole.num_positions),
            num_positions=whole.num_positions,
            num_words=whole.num_words,
            num_texts=whole.num_texts,
        )
        return trained(Ranks(RANKS, group), config(), of_whole, sizes)

    for (shared, words, loss), (expected, all_words, all_loss) in zip(
        run_in_threads(RANKS, from_shares), run_in_threads(RANKS, from_all), strict=True
    ):
        np.testing.assert_array_equal(shared, expected)
        assert (words, loss) == (all_words, all_loss)
        assert words == 2 * whole.num_words
