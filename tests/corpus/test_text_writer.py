from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wordvec.corpus import encoded
from wordvec.corpus.encoded import GAP, TEXT_END, EncodedCorpus, TextWriter, create_id_file


def write(pieces: list[list[int]], folder: Path) -> EncodedCorpus:
    with create_id_file(folder) as file:
        writer = TextWriter(file)
        for piece in pieces:
            writer.add(np.array(piece, dtype=np.int32))
        return writer.corpus()


def random_texts(rng: np.random.Generator) -> list[list[int]]:
    """Texts of words and gaps; a third of them has no word, and some are empty."""
    texts = []
    for _ in range(30):
        text = rng.integers(5, size=rng.integers(6))
        text[rng.random(len(text)) < rng.choice([0.2, 0.6, 1.0])] = GAP
        texts.append(text.tolist())
    return texts


@pytest.mark.parametrize("seed", range(20))
def test_texts_without_a_word_are_left_out_wherever_the_pieces_are_cut(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoded, "_GAPS_AT_ONCE", 2)
    rng = np.random.default_rng(seed)
    texts = random_texts(rng)
    ids = [id_ for text in texts for id_ in [*text, TEXT_END]]
    expected = [id_ for text in texts if max(text, default=GAP) >= 0 for id_ in [*text, TEXT_END]]
    cuts = sorted(rng.integers(len(ids) + 1, size=rng.integers(40)).tolist())
    pieces = [ids[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(ids)], strict=True)]
    corpus = write(pieces, tmp_path)
    assert corpus.read(0, corpus.num_positions).tolist() == expected
    assert corpus.num_gaps == expected.count(GAP) > 0
    assert corpus.num_texts == expected.count(TEXT_END) > 0
    assert corpus.num_positions == corpus.num_words + corpus.num_texts + corpus.num_gaps
    assert corpus.path.stat().st_size == 4 * corpus.num_positions


def test_gaps_at_the_begin_of_a_text_wait_for_its_first_word(tmp_path: Path) -> None:
    corpus = write([[GAP, GAP], [GAP], [3, GAP], [GAP, TEXT_END, GAP], [TEXT_END]], tmp_path)
    assert corpus.read(0, corpus.num_positions).tolist() == [GAP] * 3 + [3] + [GAP] * 2 + [TEXT_END]


def test_nothing_written_is_an_empty_corpus(tmp_path: Path) -> None:
    corpus = write([[TEXT_END, GAP, TEXT_END]], tmp_path)
    assert (corpus.num_positions, corpus.num_words, corpus.num_texts, corpus.num_gaps) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("pieces", "largest"),
    [
        ([[3, TEXT_END], [9, 1, TEXT_END]], 9),
        ([[9, TEXT_END], [2, TEXT_END]], 9),
        ([[GAP, 4, TEXT_END, 7], [TEXT_END]], 7),
    ],
    ids=["last piece", "first piece", "open text"],
)
def test_the_largest_id_that_was_written_is_known(
    pieces: list[list[int]], largest: int, tmp_path: Path
) -> None:
    assert write(pieces, tmp_path).max_id == largest
