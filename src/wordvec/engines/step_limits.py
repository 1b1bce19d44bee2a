"""Step sizes: how much one step may learn from, so that it does not go too far: windows, and contexts of a window."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config

__all__ = ["StepLimits", "remedies_of_divergence", "risk_of_divergence", "step_limits"]

MAX_BATCH = 512  # beyond this, larger batches gain little speed on a CPU
MAX_SUMMED_BATCH = (
    128  # centers, for steps that add up: larger batches learn measurably less from the same text
)
MAX_MOVES_OF_A_WORD = 64  # expected, in one such step, at learning rates of up to 0.05
MAX_SUM_OF_MOVES = 3.2  # learning rate x moves, at larger ones

# Learning rate x expected moves: of a row in one part of a window; of a center that predicts many words, of which
# hardly two pull the same way; of a sum of contexts; and of one that its neighbors in the batch move, too.
MAX_STEP_OF_A_ROW = 1.0
MAX_STEP_OF_A_CENTER = 3.0
MAX_STEP_OF_A_SUM = 6.0
MAX_STEP_OF_NEIGHBORING_SUMS = 40.0

# Wide windows learn most from a text in short parts, which cost a compiled kernel little; no shorter than its tiles.
SHORT_PARTS, MIN_CONTEXTS = 10, 4

# What moves in a batch more often than any word: the root of a tree, which way half of the words are, and an n-gram.
SHARE_OF_ROOT, SHARE_OF_NGRAM = 0.5, 0.25

SAFE_RATE = 0.6


class StepLimits(NamedTuple):
    """How much one step learns from."""

    batch_size: int  # centers, where the settings do not say
    contexts_per_part: int | None  # a window with more contexts is moved in parts; None: always whole
    contexts_per_short_part: int | None  # the same, as small as pays where a part costs little
    contexts_at_full_step: (
        int | None
    )  # more contexts move what they share only as far as this many would; None: further


def step_limits(
    config: Config,
    keep: NDArray[np.float32],  # (V,)  probability of keeping each occurrence
    counts: NDArray[np.int64],  # (V,)
    noise: NDArray[np.float64] | None,  # (V,)  probability of each word as a negative sample
    *,
    has_custom_objective: bool = False,
) -> StepLimits:
    """The limits for these settings and this text.

    An objective of the user's own is shown whole windows, and its gradients are left as they are: it may be about all
    pairs of a window together.

    All pairs of a step move rows from where they stand before it, so the moves of a row add up: a target's to one for
    each context, a context's to one for each target, and a word's for each place where it stands. As long as
    these come to no more than one step of size 1, they lead where single ones would; far more, as in windows of a
    hundred words, in batches with the same few words, or in sums of many vectors, go past the goal again and again
    until training diverges. Means, and optimizers that adapt the size of their steps, are not affected.

    With the default settings, windows of up to 20 words on each side are moved whole (10, where centers are looked up),
    unless the vocabulary has but a few words; the compiled kernels move wider ones four contexts at a time.
    """
    if not _steps_add_up(config):
        return StepLimits(MAX_BATCH, None, None, None)
    moves = _Moves(config, keep, counts, noise, is_parted=not has_custom_objective)
    if has_custom_objective:
        return StepLimits(moves.batch_size(), None, None, None)
    if config.architecture == "cbow":
        return StepLimits(moves.batch_size(), None, None, moves.contexts_at_full_step())
    contexts = moves.contexts_per_part()
    short = (
        contexts
        if 2 * config.window_words <= contexts
        else max(contexts // SHORT_PARTS, min(MIN_CONTEXTS, contexts))
    )
    return StepLimits(moves.batch_size(), contexts, short, moves.contexts_at_full_step())


def risk_of_divergence(
    config: Config,
    keep: NDArray[np.float32],  # (V,)
    counts: NDArray[np.int64],  # (V,)
    noise: NDArray[np.float64] | None,  # (V,)
) -> str | None:
    """Why training may diverge with these settings; None where nothing speaks for it."""
    if not _steps_add_up(config):
        return None
    moves = _Moves(config, keep, counts, noise)
    if config.first_learning_rate > moves.safe_rate():
        return (
            f"learning_rate={config.first_learning_rate:g} is so large that training may diverge; with "
            f"{moves.targets:.0f} targets a pair, up to {moves.safe_rate():.2g} is safe"
        )
    if config.batch_unit == "centers" and (config.batch_size or 0) > moves.batch_size():
        return (
            f"batch_size={config.batch_size} moves frequent words so often in one step that training may diverge; for "
            f"this text and these settings, up to {moves.batch_size()} is safe"
        )
    return None


def remedies_of_divergence(config: Config) -> list[str]:
    """Settings other than the learning rate that make steps smaller, with their values."""
    names = ["window"]
    if config.draws_noise:
        names.append("negatives")
    if config.batch_size is not None:
        names.append("batch_size")
    return [f"{name} ({getattr(config, name)})" for name in names]


def _steps_add_up(config: Config) -> bool:
    return config.optimizer.lower() == "sgd" and config.reduction == "sum"


class _Moves:
    """How often the rows that are moved most are expected to move."""

    def __init__(
        self,
        config: Config,
        keep: NDArray[np.float32],
        counts: NDArray[np.int64],
        noise: NDArray[np.float64] | None,
        *,
        is_parted: bool = True,
    ):
        self._is_parted = is_parted
        self._config, self._rate, self._noise = config, config.first_learning_rate, noise
        kept = keep * counts
        self._largest_share = float(kept.max() / kept.sum())  # of a word among what is left after thinning
        is_fixed = config.window_reach == "fixed"
        self._pairs = float(
            2 * config.window_words if is_fixed else config.window_words + 1
        )  # of a window, on average
        self.targets = 1.0 + config.negatives if config.draws_noise else 0.0  # of each pair
        if config.objective == "softmax":
            self.targets = 2.0  # the steps of all words have the sum of two: the true one's, and all others'
        elif config.has_tree:
            self.targets += max(1.0, float(np.log2(len(counts))))

    def safe_rate(self) -> float:
        """Found by trying: with 1, 5, 20 and 50 negatives, training diverged at three times this rate or less."""
        return float(SAFE_RATE / self.targets**0.5)

    def contexts_per_part(self) -> int:
        of_target = 1.0  # for each context
        if self._noise is not None:
            max_drawn = float(self._noise.max())
            max_drawn = min(
                1.0, max_drawn / max(1.0 - max_drawn, 1e-9)
            )  # as a draw of the target is repeated
            of_target = max(of_target, self._config.negatives * max_drawn)
        contexts = MAX_STEP_OF_A_ROW / self._rate / max(of_target, self.targets * self._largest_share)
        return int(np.clip(contexts, 1, 2 * self._config.window_words))

    def contexts_at_full_step(self) -> int | None:
        config = self._config
        if config.architecture == "cbow" and config.pooling == "sum":
            contexts = MAX_STEP_OF_A_SUM / self._rate / self.targets / self._times_in_a_sum()
        elif config.architecture == "skipgram" and config.skipgram_input == "center":
            contexts = MAX_STEP_OF_A_CENTER / self._rate / self.targets
        else:
            return None
        return int(np.clip(contexts, 1, 2 * config.window_words))

    def _times_in_a_sum(self) -> float:
        """A word that stands often in a window moves the sum as often, each time by all of its moves."""
        return 1.0 + self._pairs * self._largest_share

    def batch_size(self) -> int:
        config, noise, pairs = self._config, self._noise, self._pairs
        predictions = 1.0
        if config.architecture == "skipgram":
            predictions = pairs = min(pairs, self.contexts_per_part()) if self._is_parted else pairs
        if noise is None:
            output_moves = predictions * self._largest_share
        elif config.negative_sharing == "batch":
            output_moves = predictions
        else:
            # The word that is moved most is the most frequent one, in the text and in noise; where noise_power is
            # negative, no word is moved as often as this.
            output_moves = predictions * (self._largest_share + config.negatives * float(noise.max()))
        if config.has_tree:
            output_moves = max(output_moves, predictions * SHARE_OF_ROOT)
        moves = max(output_moves, pairs * self._largest_share)  # of the word moved most, for each center
        max_moves = min(MAX_MOVES_OF_A_WORD, MAX_SUM_OF_MOVES / self._rate)
        size = min(max_moves / moves, MAX_SUMMED_BATCH)
        if config.position_weights:  # each window moves all of them
            size = min(size, MAX_STEP_OF_A_ROW / self._rate)
        if config.has_subwords:
            size = min(size, MAX_STEP_OF_A_ROW / self._rate / (pairs * SHARE_OF_NGRAM))
        limit = self.contexts_at_full_step() if config.architecture == "cbow" and self._is_parted else None
        if limit is not None:
            # Neighbors have most of their contexts in common, so each moves the sums of all that are in the batch.
            contexts = min(pairs, limit)
            at_once = MAX_STEP_OF_NEIGHBORING_SUMS / (
                self._rate * self.targets * self._times_in_a_sum() * contexts
            )
            if at_once < pairs:  # else the batch reaches beyond those that have contexts in common
                size = min(size, at_once)
        return int(max(size, 1))
