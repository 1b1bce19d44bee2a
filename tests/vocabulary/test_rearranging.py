from __future__ import annotations

import itertools
import os
import tracemalloc
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.corpus import encoded
from wordvec.corpus.encoded import GAP, TEXT_END, EncodedCorpus
from wordvec.errors import CorpusError, ResourceError
from wordvec.vocabulary import rearranging
from wordvec.vocabulary.rearranging import hold_out, shuffle_texts


def corpus_of(texts: list[list[int]], folder: Path) -> EncodedCorpus:
    ids = np.array([id_ for text in texts for id_ in [*text, TEXT_END]], dtype=np.int32)
    path = folder / "corpus-of-test.int32"
    ids.tofile(path)
    num_gaps = int((ids == GAP).sum())
    return EncodedCorpus(path, len(ids), len(ids) - len(texts) - num_gaps, len(texts), num_gaps)


def texts_of(corpus: EncodedCorpus) -> list[list[int]]:
    """The texts in the file; checks what an encoded corpus promises on the way."""
    ids = np.fromfile(corpus.path, dtype=np.int32)
    ends = np.flatnonzero(ids == TEXT_END)
    assert ends[-1] == len(ids) - 1
    texts: list[NDArray[np.int32]] = [part[:-1] for part in np.split(ids, ends + 1)[:-1]]
    assert all((text >= 0).any() for text in texts)
    assert corpus.num_words == (ids >= 0).sum()
    assert corpus.num_gaps == (ids == GAP).sum()
    assert corpus.num_texts == len(texts)
    assert corpus.num_positions == len(ids)
    return [text.tolist() for text in texts]


def numbered_texts(lengths: list[int], gap_share: float, rng: np.random.Generator) -> list[list[int]]:
    """Texts in which each word occurs once, in ascending order, between gaps."""
    ids = np.arange(sum(lengths))
    ids[rng.random(len(ids)) < gap_share] = GAP
    texts = [part.tolist() for part in np.split(ids, np.cumsum(lengths)[:-1])]
    return [text for text in texts if max(text) >= 0]


def split_by_rule(
    texts: list[list[int]], share: float, seed: int, piece_positions: int
) -> tuple[list[list[int]], list[list[int]]]:
    """What hold_out must give, written down text by text, for corpora where the draws leave both sides enough."""
    rng = np.random.default_rng(seed)
    sides: tuple[list[list[int]], list[list[int]]] = ([], [])
    for text in texts:
        last_side = None
        for start in range(0, len(text), piece_positions):
            side = sides[rng.random() < share]
            if side is not last_side:
                side.append([])
            side[-1].extend(text[start : start + piece_positions])
            last_side = side
    training, held_out = ([text for text in side if max(text) >= 0] for side in sides)
    return training, held_out


@pytest.mark.parametrize("window_positions", [1, 2, 3, 7, 64, 10_000])
@pytest.mark.parametrize("piece_positions", [1, 2, 5, 1000])
def test_the_split_follows_its_rule_wherever_windows_are_cut(
    window_positions: int, piece_positions: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rearranging, "_WINDOW_POSITIONS", window_positions)
    monkeypatch.setattr(rearranging, "PIECE_POSITIONS", piece_positions)
    monkeypatch.setattr(rearranging, "_limit", lambda _corpus, share, *_: share)
    monkeypatch.setattr(encoded, "_GAPS_AT_ONCE", 3)
    for seed in range(4):
        rng = np.random.default_rng([seed, piece_positions])
        texts = numbered_texts(rng.integers(1, 25, size=40).tolist(), 0.5 * (seed % 2), rng)
        corpora = hold_out(corpus_of(texts, tmp_path), 0.4, np.random.default_rng(seed), tmp_path)
        training, held_out = map(texts_of, corpora)
        assert (training, held_out) == split_by_rule(texts, 0.4, seed, piece_positions)


@pytest.mark.parametrize("seed", range(5))
def test_every_position_is_in_exactly_one_part_in_order(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    texts = numbered_texts(rng.integers(1, 30, size=500).tolist(), 0.2, rng)
    corpora = hold_out(corpus_of(texts, tmp_path), 0.2, rng, tmp_path)
    training, held_out = map(texts_of, corpora)
    assert len(held_out) > 50
    assert [text for text in texts if text in training] == training  # whole, and in order
    assert [text for text in texts if text in held_out] == held_out
    assert len(training) + len(held_out) == len(texts)
    assert corpora[0].num_gaps + corpora[1].num_gaps == sum(text.count(GAP) for text in texts)
    assert corpora[0].path != corpora[1].path


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
def test_about_the_share_of_the_words_is_held_out(share: float, tmp_path: Path) -> None:
    lengths = np.random.default_rng(1).integers(1, 30, size=20_000).tolist()
    texts = numbered_texts(lengths, 0.1, np.random.default_rng(2))
    corpus = corpus_of(texts, tmp_path)
    _, held_out = hold_out(corpus, share, np.random.default_rng(3), tmp_path)
    assert held_out.num_words / corpus.num_words == pytest.approx(share, abs=0.02)


def test_a_corpus_of_one_line_is_held_out_in_pieces_and_loses_only_the_cuts(tmp_path: Path) -> None:
    words = list(range(1_000_003))
    corpora = hold_out(corpus_of([words], tmp_path), 0.2, np.random.default_rng(5), tmp_path)
    training, held_out = map(texts_of, corpora)
    assert 100_000 < corpora[1].num_words < 300_000
    assert sorted(itertools.chain(*training, *held_out)) == words
    in_order = sorted(training + held_out)
    assert all(text == list(range(text[0], text[-1] + 1)) for text in in_order)
    sides = [text in held_out for text in in_order]
    assert all(side != other for side, other in itertools.pairwise(sides))  # pieces on one side stay joined
    assert all(text[0] % 10_000 == 0 for text in in_order)


def test_a_text_that_just_fits_into_a_piece_is_not_cut(tmp_path: Path) -> None:
    texts = numbered_texts([10_000] * 40, 0.0, np.random.default_rng(0))
    training, held_out = map(
        texts_of, hold_out(corpus_of(texts, tmp_path), 0.5, np.random.default_rng(0), tmp_path)
    )
    assert sorted(training + held_out) == texts


@pytest.mark.parametrize("share", [1e-9, 0.5, 1 - 1e-9])
@pytest.mark.parametrize("window_positions", [1, 4, 1000])
def test_both_sides_have_a_text_of_two_words_however_small_the_corpus(
    share: float, window_positions: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rearranging, "_WINDOW_POSITIONS", window_positions)
    texts = [[1], [2, GAP, 3], [4], [GAP, 5], [6, GAP, GAP, GAP, 7], [8]]
    for seed in range(20):
        corpora = hold_out(corpus_of(texts, tmp_path), share, np.random.default_rng(seed), tmp_path)
        for texts_of_side in map(texts_of, corpora):
            assert [2, GAP, 3] in texts_of_side or [6, GAP, GAP, GAP, 7] in texts_of_side


def test_a_tiny_share_takes_one_unit_and_the_largest_leaves_one(tmp_path: Path) -> None:
    texts = numbered_texts([3] * 50, 0.0, np.random.default_rng(0))
    _, held_out = hold_out(corpus_of(texts, tmp_path), 1e-9, np.random.default_rng(1), tmp_path)
    assert held_out.num_texts == 1
    training, _ = hold_out(corpus_of(texts, tmp_path), 1 - 1e-9, np.random.default_rng(1), tmp_path)
    assert training.num_texts == 1


def test_the_same_generator_takes_the_same_units_and_another_takes_others(tmp_path: Path) -> None:
    texts = numbered_texts([4] * 200, 0.0, np.random.default_rng(0))
    one, again, other = (
        texts_of(hold_out(corpus_of(texts, tmp_path), 0.3, np.random.default_rng(seed), tmp_path)[1])
        for seed in [7, 7, 8]
    )
    assert one == again
    assert one != other


def test_one_number_is_drawn_for_each_unit(tmp_path: Path) -> None:
    used, expected = np.random.default_rng(7), np.random.default_rng(7)
    texts = numbered_texts([4, 25_000, 10_000, 1], 0.0, np.random.default_rng(0))
    hold_out(corpus_of(texts, tmp_path), 0.3, used, tmp_path)
    expected.random(1 + 3 + 1 + 1)
    assert used.random() == expected.random()


@pytest.mark.parametrize(
    "texts",
    [[[1, 2, 3]], [[1], [2], [3, GAP, 4], [GAP, 5]], [[*range(10_000), 1]]],
    ids=["one text", "single words", "a piece and a word"],
)
def test_a_corpus_with_too_few_texts_is_refused_and_leaves_no_file(
    texts: list[list[int]], tmp_path: Path
) -> None:
    corpus = corpus_of(texts, tmp_path)
    message = rf"validation: .* too few texts to hold out 0\.1 of it: {len(texts)} with .* give a file .* or more text"
    with pytest.raises(CorpusError, match=message):
        hold_out(corpus, 0.1, np.random.default_rng(1), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = corpus_of(numbered_texts([10] * 100, 0.0, np.random.default_rng(0)), tmp_path)
    append_ids = encoded.append_ids

    def append_if_there_is_room(file: FileIO, ids: NDArray[np.int32], **settings: Any) -> None:
        if Path(file.name) != corpus.path:
            raise ResourceError("the disk is full")
        append_ids(file, ids, **settings)

    monkeypatch.setattr(encoded, "append_ids", append_if_there_is_room)
    with pytest.raises(ResourceError, match="the disk is full"):
        hold_out(corpus, 0.3, np.random.default_rng(1), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "rearrange",
    [
        lambda corpus, folder: hold_out(corpus, 0.3, np.random.default_rng(1), folder),
        lambda corpus, folder: shuffle_texts(corpus, np.random.default_rng(1), folder, piece_positions=10),
    ],
    ids=["hold out", "shuffle"],
)
@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda path: os.truncate(path, 17)], ids=["removed", "cut short"]
)
def test_a_corpus_that_others_remove_or_cut_short_is_reported_and_no_file_is_left(
    harm: Callable[[Path], None], rearrange: Callable[[EncodedCorpus, Path], Any], tmp_path: Path
) -> None:
    corpus = corpus_of(numbered_texts([10] * 100, 0.0, np.random.default_rng(0)), tmp_path)
    harm(corpus.path)
    with pytest.raises(CorpusError, match=r"corpus-of-test\.int32 is lost: .*no"):
        rearrange(corpus, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rearranging, "_WINDOW_POSITIONS", 2000)
    ids = np.random.default_rng(0).integers(-1, 20, size=1_000_001).astype(np.int32)
    ids[1::2] = 7  # no empty text
    ids[0], ids[-1] = 7, TEXT_END
    ids.tofile(tmp_path / "corpus.int32")
    num_texts = int((ids == TEXT_END).sum())
    corpus = EncodedCorpus(tmp_path / "corpus.int32", len(ids), len(ids) - num_texts, num_texts)
    del ids
    tracemalloc.start()
    try:
        hold_out(corpus, 0.1, np.random.default_rng(0), tmp_path)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 500_000 < 4 * corpus.num_positions / 7


def test_an_interrupt_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        assert len(list(tmp_path.iterdir())) == 2
        raise KeyboardInterrupt

    monkeypatch.setattr(rearranging, "_part", interrupt)
    with pytest.raises(KeyboardInterrupt):
        hold_out(corpus_of([[1, 2], [3, 4]], tmp_path), 0.3, np.random.default_rng(1), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("window", [3, 50, 2**18], ids=str)
def test_repeats_of_a_text_stay_together_wherever_they_stand(
    window: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts are drawn by their words and the order of these, in any cut of the file, and never cut themselves."""
    monkeypatch.setattr("wordvec.vocabulary.rearranging._WINDOW_POSITIONS", window)
    monkeypatch.setattr("wordvec.vocabulary.rearranging.PIECE_POSITIONS", 2)
    rng = np.random.default_rng(8)
    kinds = [rng.integers(0, 4, rng.integers(2, 6)).tolist() for _ in range(60)]
    texts = [
        kinds[kind] for kind in np.sort(rng.integers(0, 60, 300)).tolist() + rng.integers(0, 60, 300).tolist()
    ]
    parts = hold_out(
        corpus_of(texts, tmp_path), 0.3, np.random.default_rng(4), tmp_path, keeps_repeats_together=True
    )
    training, held_out = (list(map(tuple, texts_of(part))) for part in parts)
    assert sorted(training + held_out) == sorted(map(tuple, texts))
    assert not set(training) & set(held_out)
    assert {tuple(sorted(text)) for text in training} & {tuple(sorted(text)) for text in held_out}
    assert 0.15 < len(set(held_out)) / len(set(map(tuple, texts))) < 0.45


def in_pieces(texts: list[list[int]], size: int) -> list[list[int]]:
    """Those of them that have a word."""
    pieces = [text[start : start + size] for text in texts for start in range(0, len(text), size)]
    return sorted(piece for piece in pieces if max(piece) >= 0)


@pytest.mark.parametrize("window", [1, 2, 7, 2**18], ids=lambda size: f"read {size} at a time")
@pytest.mark.parametrize("at_once", [10, 60, 2**20], ids=lambda size: f"shuffled {size} at a time")
@pytest.mark.parametrize("piece", [1, 3, 1000], ids=lambda size: f"pieces of {size}")
def test_shuffled_texts_are_the_same_texts_wherever_reading_cuts_them(
    window: int, at_once: int, piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rearranging, "_WINDOW_POSITIONS", window)
    monkeypatch.setattr(rearranging, "POSITIONS_SHUFFLED_AT_ONCE", at_once)
    rng = np.random.default_rng(4)
    texts = numbered_texts(rng.integers(1, 12, 30).tolist(), 0.2, rng)
    shuffled = shuffle_texts(
        corpus_of(texts, tmp_path), np.random.default_rng(1), tmp_path, piece_positions=piece
    )
    assert sorted(texts_of(shuffled)) == in_pieces(texts, piece)
    assert [path.name for path in tmp_path.iterdir()] == ["corpus-of-test.int32"]


@pytest.mark.parametrize("at_once", [40, 2**20], ids=["by way of files", "in memory"])
def test_each_text_may_come_to_stand_anywhere(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rearranging, "POSITIONS_SHUFFLED_AT_ONCE", at_once)
    texts = [[number, number] for number in range(40)]
    places = np.zeros((40, 40))
    for seed in range(400):
        shuffled = shuffle_texts(
            corpus_of(texts, tmp_path), np.random.default_rng(seed), tmp_path, piece_positions=1000
        )
        found = [text[0] for text in texts_of(shuffled)]
        assert sorted(found) == list(range(40))
        places[found, range(40)] += 1
    assert places.max() < 30  # 10 on average
    assert 14 < (places @ np.arange(40) / 400).min() < 19.5 < (places @ np.arange(40) / 400).max() < 25


def test_the_same_seed_shuffles_alike(tmp_path: Path) -> None:
    texts = [[number, number] for number in range(40)]
    found = [
        texts_of(
            shuffle_texts(
                corpus_of(texts, tmp_path), np.random.default_rng(seed), tmp_path, piece_positions=9
            )
        )
        for seed in (1, 1, 2)
    ]
    assert found[0] == found[1] != found[2]


def test_shuffling_takes_memory_for_what_is_shuffled_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rearranging, "_WINDOW_POSITIONS", 2000)
    monkeypatch.setattr(rearranging, "POSITIONS_SHUFFLED_AT_ONCE", 20_000)
    corpus = corpus_of([[7, 8, 9]] * 250_000, tmp_path)
    tracemalloc.start()
    try:
        shuffle_texts(corpus, np.random.default_rng(0), tmp_path, piece_positions=1000)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 700_000 < 4 * corpus.num_positions / 5
