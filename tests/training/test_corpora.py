"""Corpora: the text of a run, to train on and to validate on, in a folder that does not outlast it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.pipeline.texts import SMALL, ring_texts
from tests.vocabulary.ranks import RankOfThreads, run_ranks

import wordvec
from wordvec.config import Config
from wordvec.corpus.encoded import EncodedCorpus
from wordvec.corpus.sources import parse_source
from wordvec.errors import CorpusError
from wordvec.phrases.finding import find_phrases
from wordvec.pipeline.run_log import Compiling, Progress
from wordvec.storage.temporary import folder_for_corpora
from wordvec.training import corpora as corpora_module
from wordvec.training.corpora import Corpora, encode
from wordvec.vocabulary.encoding import CountingProgress, encode_corpus
from wordvec.vocabulary.merging import ALONE, Exchange
from wordvec.vocabulary.vocabulary import CountedVocabulary


def test_text_to_validate_on_is_numbered_by_the_words_of_the_text_to_train_on(tmp_path: Path) -> None:
    corpora = encode(
        parse_source([["b", "a", "b"]] * 3),
        tmp_path,
        Config(min_count=1),
        "whitespace",
        validation_source=parse_source([["a", "new", "b"], ["new", "newer"]]),
        on_progress=lambda _: None,
    )
    assert corpora.vocabulary.words == ["b", "a"]
    assert corpora.vocabulary.counts.tolist() == [6, 3]  # those of the text to train on alone
    assert corpora.held_out is not None
    assert corpora.held_out.read(0, corpora.held_out.num_positions).tolist() == [1, 0, -1]


def test_what_is_held_out_is_not_trained_on_and_depends_on_the_seed(tmp_path: Path) -> None:
    texts = [[f"w{number % 7}", f"w{number // 7}"] for number in range(49)]
    held_out = []
    for seed in (1, 1, 2):
        corpora = encode(
            parse_source(texts),
            tmp_path,
            Config(min_count=1, validation=0.2, seed=seed),
            "whitespace",
            on_progress=lambda _: None,
        )
        assert corpora.held_out is not None
        pairs = [
            {tuple(pair) for pair in corpus.read(0, corpus.num_positions).reshape(-1, 3)[:, :2].tolist()}
            for corpus in (corpora.training, corpora.held_out)
        ]
        assert not pairs[0] & pairs[1]
        assert len(pairs[0] | pairs[1]) == 49
        held_out.append(pairs[1])
    assert held_out[0] == held_out[1] != held_out[2]


def test_shuffled_texts_are_the_same_texts_and_hold_out_the_same(tmp_path: Path) -> None:
    texts = [[f"w{number % 7}", f"w{number // 7}"] for number in range(49)]

    def encoded(**settings: Any) -> list[list[int]]:
        config = Config(min_count=1, validation=0.2, **settings)
        corpora = encode(parse_source(texts), tmp_path, config, "whitespace", on_progress=lambda _: None)
        assert corpora.held_out is not None
        return [
            corpus.read(0, corpus.num_positions).tolist() for corpus in (corpora.training, corpora.held_out)
        ]

    plain, shuffled, by_default, other = (
        encoded(**settings)
        for settings in (
            {"shuffle_texts": False},
            {"shuffle_texts": True},
            {},
            {"shuffle_texts": True, "seed": 2},
        )
    )
    assert shuffled == by_default
    assert shuffled[1] == plain[1]
    assert shuffled[0] != plain[0]
    assert shuffled[0] != other[0]
    as_texts = [np.reshape(ids[0], (-1, 3)).tolist() for ids in (plain, shuffled)]
    assert as_texts[0] != as_texts[1]
    assert sorted(as_texts[0]) == sorted(as_texts[1])


@pytest.mark.parametrize(
    ("settings", "longest"),
    [
        ({}, 1000),
        ({"window": 80}, 1600),
        ({"window": "text"}, 4000),
        ({"batch_unit": "texts", "batch_size": 2}, 4000),
    ],
    ids=str,
)
def test_long_texts_are_shuffled_in_pieces_where_that_cuts_few_windows(
    settings: dict[str, Any], longest: int, tmp_path: Path
) -> None:
    text = [f"w{number % 9}" for number in range(4000)]
    config = Config(**settings)
    corpora = encode(parse_source([text]), tmp_path, config, "whitespace", on_progress=lambda _: None)
    assert corpora.training.max_text_length() == longest


def test_the_last_report_on_reading_is_kept(tmp_path: Path) -> None:
    seen: list[CountingProgress] = []
    corpora = encode(
        parse_source([["a", "b"]] * 5), tmp_path, Config(), "whitespace", on_progress=seen.append
    )
    assert corpora.read is seen[-1]
    assert (corpora.read.words, corpora.read.distinct_words) == (10, 2)


def test_a_temporary_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(
            wordvec.ResourceError, match=r"no temporary folder can be made in .*missing.*--temporary-f"
        ),
        folder_for_corpora(tmp_path / "missing"),
    ):
        pass


WORK_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from wordvec.corpus.encoded import create_id_file
from wordvec.storage.temporary import folder_for_corpora

with folder_for_corpora(sys.argv[1]) as folder:
    create_id_file(folder).close()
    print("at work", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs locks on folders")
def test_what_a_killed_run_has_left_is_removed_by_the_next_and_that_of_a_live_one_stays(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", WORK_UNTIL_KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        (theirs,) = tmp_path.iterdir()
        with folder_for_corpora(tmp_path) as folder:
            assert {theirs, folder} == set(tmp_path.iterdir())
        process.send_signal(signal.SIGKILL)
    assert len(list(theirs.iterdir())) == 1
    with folder_for_corpora(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        (f"wordvec-{platform.node()}-12345678", "notes.txt"),
        (f"wordvec-{platform.node()}-backup", "corpus-1.int32"),
        ("wordvec-another.machine-12345678", "corpus-1.int32"),
        ("wordvec-12345678", "corpus-1.int32"),
    ],
    ids=["other files", "another name", "another machine", "no machine"],
)
def test_folders_that_may_be_somebodys_stay(name: str, file: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / file).touch()
    with folder_for_corpora(tmp_path):
        pass
    assert (tmp_path / name / file).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has other permissions")
def test_the_encoded_text_is_nobody_elses_to_read() -> None:
    with folder_for_corpora(None) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_training_goes_on_when_somebody_cleans_the_temporary_folder(tmp_path: Path) -> None:
    def clean(progress: Progress) -> None:
        if isinstance(progress, Compiling):
            for folder in tmp_path.iterdir():
                shutil.rmtree(folder)

    undisturbed = wordvec.train(ring_texts(), validation=0.1, **SMALL)
    trained = wordvec.train(
        ring_texts(), temporary_folder=tmp_path, validation=0.1, on_progress=clean, **SMALL
    )
    np.testing.assert_array_equal(trained.matrix, undisturbed.matrix)


def test_training_ends_with_a_message_when_somebody_cuts_its_text_short(tmp_path: Path) -> None:
    def cut(progress: Progress) -> None:
        if isinstance(progress, Compiling):
            for file in tmp_path.glob("*/*.int32"):
                os.truncate(file, 1000)

    with pytest.raises(wordvec.CorpusError, match=r"the encoded text .* is lost: bytes 1,000 to"):
        wordvec.train(ring_texts(), temporary_folder=tmp_path, on_progress=cut, **SMALL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "settings", [{}, {"deterministic": True}, {"engine": "torch"}], ids=["numba", "blocks", "torch"]
)
@pytest.mark.parametrize("strange", [1_000_000, -1_000_000], ids=["too large", "no mark"])
def test_training_ends_with_a_message_when_somebody_writes_over_its_text(
    strange: int, settings: dict[str, Any], tmp_path: Path
) -> None:
    def overwrite(progress: Progress) -> None:
        if isinstance(progress, Compiling):
            for path in tmp_path.glob("*/*.int32"):
                with path.open("r+b") as file:
                    file.seek(4 * 100)
                    file.write(np.full(50, strange, np.int32).tobytes())

    with pytest.raises(
        wordvec.CorpusError, match=rf"is lost: at position 100 it has the id {strange:,}, and all that were"
    ):
        wordvec.train(ring_texts(), temporary_folder=tmp_path, on_progress=overwrite, **(SMALL | settings))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path) -> None:
    wordvec.train(ring_texts(), temporary_folder=tmp_path, validation=0.1, **SMALL)
    with pytest.raises(wordvec.CorpusError):
        wordvec.train([["x"]], temporary_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_and_a_list_give_the_same_vectors(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(" ".join(text) for text in ring_texts()), encoding="utf-8")
    from_file, from_list = (wordvec.train(source, validation=0.1, **SMALL) for source in (file, ring_texts()))
    np.testing.assert_array_equal(from_file.matrix, from_list.matrix)


@pytest.mark.filterwarnings("ignore:in the token lists, most words are whole phrases")
def test_sentences_without_spaces_are_reported_where_each_is_a_text():
    texts = [["\u732b\u5750\u5728\u57ab\u5b50\u4e0a"], ["\u72d7\u5728\u82b1\u56ed\u91cc\u8dd1"]] * 5
    with pytest.raises(
        wordvec.CorpusError, match=r"no word has a context .*Chinese is written without spaces"
    ):
        wordvec.train(texts, min_count=1)


def test_texts_of_one_word_are_refused_because_there_is_nothing_to_learn() -> None:
    with pytest.raises(wordvec.CorpusError, match="each of the 20 texts has one word"):
        wordvec.train([["a"], ["b"]] * 10)


def test_too_little_text_is_refused() -> None:
    with pytest.raises(wordvec.CorpusError, match="min_count"):
        wordvec.train([["a", "b"]])


SHARED_SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {"min_count": 2},
    "held out": {"min_count": 2, "validation": 0.3},
    "gaps": {"min_count": 3, "unknown": "gap", "validation": 0.2, "max_vocab": 20},
    "texts": {"min_count": 1, "window": "text", "validation": 0.5},
}


def encoded_by_ranks(
    source: Any, ranks: int, config: Config, folder: Path, **options: Any
) -> tuple[CountedVocabulary, list[list[list[str]]], list[Corpora]]:
    """The vocabulary of all ranks, and the texts to train on and those held out, one rank after the other."""

    def work(rank: RankOfThreads) -> Corpora:
        place = folder / f"{ranks} {rank.rank}"
        return encode(
            source(), place, config, "whitespace", on_progress=lambda _: None, exchange=rank, **options
        )

    found = run_ranks(ranks, work)
    vocabulary = found[0].vocabulary
    assert all(one.vocabulary.words == vocabulary.words for one in found)
    assert all(np.array_equal(one.vocabulary.counts, vocabulary.counts) for one in found)
    training = [text for one in found for text in texts_of(vocabulary, one.training)]
    held_out = [text for one in found if one.held_out for text in texts_of(vocabulary, one.held_out)]
    return vocabulary, [training, held_out], found


def texts_of(vocabulary: CountedVocabulary, corpus: EncodedCorpus) -> list[list[str]]:
    names = [*vocabulary.words, "GAP", "END"]
    texts: list[list[str]] = [[]]
    for number in corpus.read(*corpus.own).tolist():
        texts[-1].append(names[number])
        if names[number] == "END":
            texts.append([])
    return texts[:-1]


def zipf_lines(num_lines: int, seed: int) -> list[str]:
    random_numbers = np.random.default_rng(seed)
    lengths = random_numbers.integers(0, 9, num_lines)
    return [" ".join(f"w{word}" for word in random_numbers.zipf(1.5, length) % 1000) for length in lengths]


@pytest.mark.parametrize("max_distinct", [None, 20])
@pytest.mark.parametrize("ranks", [3, *(pytest.param(ranks, marks=pytest.mark.slow) for ranks in (1, 2, 8))])
@pytest.mark.parametrize("kind", SHARED_SETTINGS)
def test_ranks_encode_together_what_one_rank_encodes(
    kind: str, ranks: int, max_distinct: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora_module, "encode_corpus", partial(encode_corpus, block_bytes=200))
    path = tmp_path / "a.txt"
    path.write_text("\n".join(zipf_lines(700, seed=4)))
    config = Config(shuffle_texts=False, **SHARED_SETTINGS[kind])
    alone = encode(
        parse_source(str(path)), tmp_path / "alone", config, "whitespace", on_progress=lambda _: None
    )
    vocabulary, texts, found = encoded_by_ranks(
        lambda: parse_source(str(path)), ranks, config, tmp_path, max_distinct=max_distinct
    )
    assert vocabulary.words == alone.vocabulary.words
    assert np.array_equal(vocabulary.counts, alone.vocabulary.counts)
    assert texts[0] == texts_of(alone.vocabulary, alone.training)
    assert texts[1] == ([] if alone.held_out is None else texts_of(alone.vocabulary, alone.held_out))
    for one, size in zip(found, found[0].shares, strict=True):
        assert (one.read.words, one.read.distinct_words) == (alone.read.words, alone.read.distinct_words)
        owns = [other.training.own for other in found]
        assert one.shares == tuple(stop - start for start, stop in owns)
        assert [start for start, _ in owns] == [0, *(stop for _, stop in owns[:-1])]
        for name in ("num_positions", "num_words", "num_texts", "num_gaps"):
            assert getattr(one.training, name) == getattr(alone.training, name)
        assert one.max_text_length == alone.max_text_length
        assert one.training.path.stat().st_size == 4 * size


def test_ranks_have_all_texts_in_the_random_order_of_one_rank(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n".join(zipf_lines(300, seed=3)))
    config = Config(min_count=2, validation=0.2, shuffle_texts=True)

    def encoded(rank: Exchange) -> list[list[int]]:
        folder = tmp_path / f"{rank.size} {rank.rank}"
        corpora = encode(
            parse_source(str(path)), folder, config, "whitespace", on_progress=lambda _: None, exchange=rank
        )
        assert corpora.held_out is not None
        assert corpora.training.share is None
        return [one.read(*one.own).tolist() for one in (corpora.training, corpora.held_out)]

    assert run_ranks(3, encoded) == [encoded(ALONE)] * 3


@pytest.mark.parametrize("ranks", [1, 3])
def test_ranks_validate_together_on_another_text(ranks: int, tmp_path: Path) -> None:
    texts = [line.split() for line in zipf_lines(500, seed=5)]
    others = [line.split() for line in zipf_lines(40, seed=6)]
    config = Config(min_count=2, shuffle_texts=False)
    _, found, _ = encoded_by_ranks(
        lambda: parse_source(texts),
        ranks,
        config,
        tmp_path,
        validation_source=parse_source(others),
        max_distinct=30,
    )
    alone = encode(
        parse_source(texts),
        tmp_path / "alone",
        config,
        "whitespace",
        validation_source=parse_source(others),
        on_progress=lambda _: None,
    )
    assert alone.held_out is not None
    assert found == [texts_of(alone.vocabulary, alone.training), texts_of(alone.vocabulary, alone.held_out)]


@pytest.mark.parametrize("ranks", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_ranks_join_phrases_and_count_them_together(
    ranks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora_module, "encode_corpus", partial(encode_corpus, block_bytes=200))
    texts = [line.split() for line in zipf_lines(900, seed=7)]
    phrases = find_phrases(texts, min_count=5, threshold=0.1)
    assert phrases.passes[0]
    config = Config(min_count=3, shuffle_texts=False)
    alone = encode(
        parse_source(texts),
        tmp_path / "alone",
        config,
        "whitespace",
        phrases=phrases,
        on_progress=lambda _: None,
    )
    vocabulary, found, _ = encoded_by_ranks(
        lambda: parse_source(texts), ranks, config, tmp_path, phrases=phrases, max_distinct=20
    )
    assert any("_" in word for word in vocabulary.words)
    assert vocabulary.words == alone.vocabulary.words
    assert found[0] == texts_of(alone.vocabulary, alone.training)


def test_texts_with_weights_are_held_out_alike_even_in_turns(tmp_path: Path) -> None:
    lines = ["text,n", *(f"{line},{1 + number % 3}" for number, line in enumerate(zipf_lines(400, seed=8)))]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines))
    config = Config(min_count=2, validation=0.3)

    def source() -> Any:
        return parse_source(str(path), column="text", weight="n")

    alone = encode(source(), tmp_path / "alone", config, "whitespace", on_progress=lambda _: None)
    _, texts, _ = encoded_by_ranks(source, 3, config, tmp_path)
    assert alone.held_out is not None
    assert sorted(texts[0]) == sorted(texts_of(alone.vocabulary, alone.training))
    assert sorted(texts[1]) == sorted(texts_of(alone.vocabulary, alone.held_out))


def test_ranks_without_text_have_the_vocabulary_too(tmp_path: Path) -> None:
    vocabulary, texts, found = encoded_by_ranks(
        lambda: parse_source([["red", "green"], ["red", "blue"]]), 5, Config(min_count=1), tmp_path
    )
    assert vocabulary.words == ["red", "blue", "green"]
    assert texts[0] == [["red", "green", "END"], ["red", "blue", "END"]]
    assert sorted(found[0].shares) == [0, 0, 0, 3, 3]


@pytest.mark.parametrize(
    ("texts", "settings", "message"),
    [
        ([[]] * 5, {}, "there are no words in the token lists"),
        ([["<unk>"]] * 5, {"unknown_word": "<unk>"}, "there are no words in .* but '<unk>'"),
        (
            [["a", "b"], ["c"], ["<unk>", "b"]],
            {"unknown_word": "<unk>", "min_count": 9},
            "4 words were read, 3 of them distinct, .* occurs 2 times",
        ),
        ([["a"], ["b"], ["a"]], {"min_count": 1}, "each of the 3 texts has one word"),
        ([["a", "b"], ["c"], ["d"]], {"min_count": 1, "validation": 0.1}, "too few texts .* 3 with 4 words"),
    ],
)
def test_ranks_refuse_what_one_rank_refuses(
    texts: Any, settings: dict[str, Any], message: str, tmp_path: Path
) -> None:
    config = Config(**settings)

    def refusal(work: Any) -> str:
        try:
            work()
        except CorpusError as problem:
            return str(problem)
        return "not refused"

    alone = refusal(
        lambda: encode(
            parse_source(texts), tmp_path / "alone", config, "whitespace", on_progress=lambda _: None
        )
    )
    assert re.search(message, alone)
    for ranks in (2, 3, 4):
        together = run_ranks(
            ranks,
            lambda rank: refusal(
                lambda: encode(
                    parse_source(texts),
                    tmp_path / f"{rank.size} {rank.rank}",
                    config,
                    "whitespace",
                    on_progress=lambda _: None,
                    exchange=rank,
                )
            ),
        )
        assert together == [alone] * ranks


def test_a_rank_that_cannot_read_its_share_ends_all(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"some words\n" * 100 + b"caf\xe9 words\n")

    def work(rank: RankOfThreads) -> str:
        with pytest.raises(CorpusError) as refused:
            encode(
                parse_source(str(path)),
                tmp_path / f"{rank.rank}",
                Config(min_count=1),
                "whitespace",
                on_progress=lambda _: None,
                exchange=rank,
            )
        assert list((tmp_path / f"{rank.rank}").iterdir()) == []
        return str(refused.value)

    messages = run_ranks(3, work)
    assert messages[0] == messages[1] == f"rank 2 of 3: {messages[2]}"
    assert "is not valid UTF-8" in messages[2]
