from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from wordvec.corpus import encoded
from wordvec.corpus.encoded import TEXT_END, EncodedCorpus
from wordvec.errors import CorpusError


@pytest.fixture
def corpus(tmp_path: Path) -> EncodedCorpus:
    ids = np.arange(10_000, dtype=np.int32)
    ids[9::10] = TEXT_END
    ids.tofile(tmp_path / "corpus.int32")
    return EncodedCorpus(tmp_path / "corpus.int32", num_positions=10_000, num_words=9000, num_texts=1000)


@pytest.mark.parametrize(("start", "stop"), [(0, 10_000), (3, 5), (5000, 9999), (9999, 10_000)])
def test_a_window_holds_the_positions_asked_for(start: int, stop: int, corpus: EncodedCorpus) -> None:
    window = corpus.read(start, stop)
    assert window.dtype == np.int32
    assert type(window) is np.ndarray
    assert np.array_equal(
        window, np.where(np.arange(start, stop) % 10 == 9, TEXT_END, np.arange(start, stop))
    )


def test_an_empty_window_is_empty(corpus: EncodedCorpus) -> None:
    assert corpus.read(7, 7).shape == (0,)


def test_a_window_cannot_be_written_to(corpus: EncodedCorpus) -> None:
    with pytest.raises(ValueError, match="read-only"):
        corpus.read(0, 5)[0] = 1


def test_it_can_be_read_when_its_file_was_removed(corpus: EncodedCorpus) -> None:
    before = corpus.digest()
    corpus.path.unlink()
    assert corpus.read(5000, 5003).tolist() == [5000, 5001, 5002]
    assert corpus.digest() == before


def test_a_file_cut_short_has_no_digest(corpus: EncodedCorpus) -> None:
    os.truncate(corpus.path, 39_999)
    with pytest.raises(CorpusError, match=r"bytes 39,999 to 40,000 are missing"):
        corpus.digest()


@pytest.mark.parametrize("piece_positions", [7, 10_000, 2**18])
def test_the_digest_is_that_of_the_whole_file(
    piece_positions: int, corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoded, "_DIGEST_POSITIONS", piece_positions)
    assert corpus.digest() == hashlib.sha256(corpus.path.read_bytes()).hexdigest()


def test_the_digest_tells_corpora_apart_by_a_single_id(corpus: EncodedCorpus) -> None:
    before = corpus.digest()
    ids = np.fromfile(corpus.path, dtype=np.int32)
    ids[7777] += 1
    ids.tofile(corpus.path)
    assert corpus.digest() != before
