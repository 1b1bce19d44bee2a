"""Corpora: the text of a run, to train on and to validate on, in a folder that does not outlast it."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.pipeline.texts import SMALL, ring_texts

import wordvec
from wordvec.config import Config
from wordvec.corpus.sources import parse_source
from wordvec.pipeline.run_log import Compiling, Progress
from wordvec.training.corpora import encode, folder_for_corpora
from wordvec.vocabulary.encoding import CountingProgress


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
from wordvec.training.corpora import folder_for_corpora

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
