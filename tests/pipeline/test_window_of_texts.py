"""window="text": all words of a text are each other's contexts, by each engine, and nothing else is another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.parameters import each
from tests.training.small import corpus_of

import wordvec
from wordvec.config import Config
from wordvec.corpus.encoded import TEXT_END
from wordvec.engines.choose import choose_engine
from wordvec.planning.estimate import estimate
from wordvec.planning.request import request_for

LONGEST = 37
SMALL = {"dim": 6, "epochs": 2, "threads": 1, "min_count": 1, "negatives": 3}


def baskets(seed: int = 3, num: int = 300) -> list[list[str]]:
    """Many short texts, and one of 37 words in the middle."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 7, num)
    sizes[num // 2] = LONGEST
    return [[f"w{word}" for word in np.minimum(rng.zipf(1.4, size), 60)] for size in sizes]


WAYS: dict[str, dict[str, Any]] = {
    "windows": {"engine": "numba"},
    "windows, subsampled": {"engine": "numba", "subsample": 0.01},
    "deterministic": {"engine": "numba", "deterministic": True},
    "batches": {"engine": "numba", "batch_size": 16, "optimizer": "adam", "learning_rate": 0.01},
    "batches, noise by pair": {"engine": "numba", "negative_sharing": "pair", "skipgram_input": "center"},
    "batches, thinned windows": {"engine": "numba", "subsample_scope": "window", "subsample": 0.01},
    "batches of texts": {"engine": "numba", "batch_unit": "texts", "batch_size": 3},
    "batches, gaps": {"engine": "numba", "unknown": "gap", "min_count": 4},
    "softmax": {"engine": "numba", "objective": "softmax", "reduction": "mean", "subsample": 0},
    "torch": {"engine": "torch"},
    "torch, noise by pair": {"engine": "torch", "negative_sharing": "pair", "subsample": 0.01},
    "torch, thinned windows": {"engine": "torch", "subsample_scope": "window", "subsample": 0.01},
    "torch, cbow": {"engine": "torch", "architecture": "cbow"},
    "torch, hierarchical": {"engine": "torch", "objective": "hierarchical"},
}
EACH_WAY = pytest.mark.parametrize("way", each(WAYS, slow=["softmax"]))


@EACH_WAY
def test_a_window_of_the_text_is_a_window_as_wide_as_the_max_text_length(way: dict[str, Any]) -> None:
    settings = {"subsample": 0, **SMALL, **way}
    if "negatives" in settings and settings.get("objective", "negative") != "negative":
        del settings["negatives"]
    texts = baskets()
    of_texts = wordvec.train(texts, **settings, window="text")
    wide = wordvec.train(texts, **settings, window=LONGEST, window_reach="fixed")
    narrower = wordvec.train(texts, **settings, window=5, window_reach="fixed")
    assert of_texts.matrix.tobytes() == wide.matrix.tobytes()
    assert of_texts.matrix.tobytes() != narrower.matrix.tobytes()
    assert of_texts.config is not None
    assert of_texts.config["window"] == "text"


EACH_ENGINE = pytest.mark.parametrize(
    "way",
    [
        {"engine": "numba"},
        pytest.param({"engine": "numba", "deterministic": True}, marks=pytest.mark.slow),
        {"engine": "numba", "batch_size": 100},
        {"engine": "torch", "batch_size": 100},
    ],
    ids=["windows", "deterministic", "batches", "torch"],
)


def pairs_trained(sizes: list[int], way: dict[str, Any], folder: Path) -> int:
    """True pairs and a noise pair of each, in an epoch on texts of these sizes."""
    rng = np.random.default_rng(5)
    ids = np.concatenate([np.append(rng.integers(0, 9, size), TEXT_END) for size in sizes])
    ids[:9] = range(9)
    config = Config(window="text", subsample=0, negatives=1, dim=2, threads=1, **way)
    spec, corpus = choose_engine(config), corpus_of(ids, folder)
    engine = spec.build(config.for_texts(corpus.max_text_length()), np.bincount(ids[ids >= 0]))
    engine.compile()
    worker = engine.worker()
    return sum(
        worker.train_stretch(corpus, 0, start, stop, (0.01, 0.01))().pairs
        for start, stop in engine.stretches(corpus, 1)
    )


@EACH_ENGINE
@pytest.mark.parametrize(
    "sizes", [[12, 2, 9, 1, 3] * 40, [9, 3000, 2, 1]], ids=["short texts", "texts beyond any halo"]
)
def test_every_pair_of_a_text_is_trained_and_none_beyond_it(
    sizes: list[int], way: dict[str, Any], tmp_path: Path
) -> None:
    """Stretches are of 256 positions or more: they begin and end inside of the long text."""
    assert pairs_trained(sizes, way, tmp_path) == 2 * sum(size * (size - 1) for size in sizes)


@pytest.mark.parametrize("setting", [{"window_reach": "fixed"}, {"window_edges": "skip"}], ids=str)
def test_what_only_windows_of_words_have_is_refused(setting: dict[str, Any]) -> None:
    name = next(iter(setting))
    with pytest.raises(wordvec.ConfigError, match=f"{name} has no meaning with window='text'"):
        wordvec.train(baskets(), **SMALL, window="text", **setting)


LONG = [["a", "b"], [f"w{number % 50}" for number in range(10_001)]]
TOO_LONG = "window='text' pairs .* up to 10,000 words, and .* has a text of 10,001; cut it"


def test_a_text_too_long_to_be_a_window_is_refused() -> None:
    with pytest.raises(wordvec.CorpusError, match=TOO_LONG):
        wordvec.train(LONG, **SMALL, window="text")
    with pytest.raises(wordvec.CorpusError, match=TOO_LONG):
        wordvec.train(baskets(), **SMALL, window="text", validation_source=[["w1", "w2"], ["w1"] * 10_001])


def test_the_dry_run_knows_how_long_texts_are(tmp_path: Path) -> None:
    path = tmp_path / "baskets.txt"
    path.write_text("".join(f"{' '.join(text)}\n" for text in baskets()))

    def found(**settings: Any) -> Any:
        return estimate(request_for(path, {**SMALL, "engine": "torch", **settings}))

    wide, narrow = found(window="text"), found(window=2)
    assert wide.refusal is None
    assert wide.memory_bytes > narrow.memory_bytes
    assert wide.memory_bytes == found(window=LONGEST, window_reach="fixed").memory_bytes
    path.write_text("".join(f"{' '.join(text)}\n" for text in LONG))
    assert "has a text of 10,001" in found(window="text").refusal


def test_a_run_with_texts_as_windows_is_resumed(tmp_path: Path) -> None:
    def stop(report: Any) -> None:
        if getattr(report, "is_epoch_end", False):
            raise KeyboardInterrupt

    checkpoint, settings = tmp_path / "run.wv", {**SMALL, "epochs": 4, "subsample": 0, "window": "text"}
    whole = wordvec.train(baskets(), **settings)
    wordvec.train(baskets(), **settings, checkpoint=checkpoint, on_progress=stop)
    assert wordvec.resume(checkpoint, baskets()).matrix.tobytes() == whole.matrix.tobytes()


def test_held_out_texts_are_measured_whole() -> None:
    """A validation text longer than all others is a window of its own length."""
    held_out = [[f"w{word}" for word in range(1, 31)]]
    settings = {**SMALL, "epochs": 1, "subsample": 0, "engine": "torch"}
    texts = [text[:5] for text in baskets()] + [[f"w{word}", "w1"] for word in range(1, 31)]
    of_texts, wide = (
        wordvec.train(texts, **settings, **window, validation_source=held_out)
        for window in ({"window": "text"}, {"window": 30, "window_reach": "fixed"})
    )
    losses = [
        [report["validation_loss"] for report in one.training if "validation_loss" in report]
        for one in (of_texts, wide)
    ]
    assert losses[0]
    assert losses[0] == losses[1]
