"""Sentences that are served: built once, kept, rebuilt when the text changes, and never wrong meanwhile."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

import wordvec.serving.corpus_sentences as module
from wordvec import ConfigError, CorpusError, ResourceError, WordVectors
from wordvec.serving.corpus_sentences import Sentences, cache_folder, tokenizer_of
from wordvec.serving.problems import Problem


def begun(folder: Path, *files: str) -> Sentences:
    sentences = Sentences(files or (str(folder / "a.txt"),), folder=folder / "cache")
    sentences.begin()
    sentences.wait(30)
    return sentences


def test_the_index_is_built_once_and_opened_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("green tea\n")
    assert begun(tmp_path).find("tea").total == 1
    monkeypatch.setattr(module, "build_index", None)  # cannot be called
    assert begun(tmp_path).find("tea").total == 1


def test_a_changed_text_is_indexed_anew(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("green tea\n")
    sentences = begun(tmp_path)
    (tmp_path / "a.txt").write_text("green tea\nblack tea\n")
    assert sentences.find("tea").sentences[0].text == "green tea"  # as it was
    sentences.begin()
    sentences.wait(30)
    assert sentences.find("tea").total == 2
    assert begun(tmp_path).find("tea").total == 2
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_an_unchanged_text_keeps_its_index_and_a_changed_one_gets_another(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("green tea\n")
    sentences = begun(tmp_path)
    assert not sentences.renew()
    (tmp_path / "a.txt").write_text("green tea\nblack tea\n")
    assert sentences.renew()
    assert sentences.find("tea").total == 2


def test_a_text_that_is_gone_leaves_the_sentences_of_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("green tea\n")
    sentences = begun(tmp_path)
    (tmp_path / "a.txt").unlink()
    assert not sentences.renew()
    assert sentences.find("tea").total == 1
    assert "there is no file" in capsys.readouterr().err


def test_a_file_of_the_same_size_that_was_written_later_is_indexed_anew(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("green tea\n")
    begun(tmp_path)
    (tmp_path / "a.txt").write_text("white tea\n")
    os.utime(tmp_path / "a.txt", ns=(1, time.time_ns() + 10**9))
    assert begun(tmp_path).find("white").total == 1


def test_a_question_before_the_index_is_there_says_how_far_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("green tea\n")
    sentences = Sentences([str(tmp_path / "a.txt")], folder=tmp_path)
    with pytest.raises(Problem, match="0% are done") as problem:
        sentences.find("tea")
    assert (problem.value.status, problem.value.headers) == (503, {"Retry-After": "3"})


def test_a_text_that_cannot_be_indexed_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_bytes(b"\x00\x01\x02")
    sentences = begun(tmp_path)
    assert sentences.state.name == "failed"
    with pytest.raises(Problem, match=r"could not be built: .*a\.txt") as problem:
        sentences.find("tea")
    assert problem.value.status == 503
    assert "warning: the index of sentences failed" in capsys.readouterr().err


def test_a_damaged_index_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("green tea\n")
    sentences = begun(tmp_path)
    sentences.path.write_bytes(sentences.path.read_bytes()[:-20])
    assert begun(tmp_path).find("tea").total == 1


def test_files_that_cannot_be_read_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no file"):
        Sentences([str(tmp_path / "none.txt")])
    with pytest.raises(ConfigError, match="standard input can be read only once"):
        Sentences(["-"])


def test_an_index_ends_when_the_server_does(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("green tea\n")
    sentences = Sentences([str(tmp_path / "a.txt")], folder=tmp_path / "cache")
    sentences.close()
    sentences.begin()
    assert sentences.state.name == "waiting"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no such permissions")
def test_only_its_owner_may_look_into_the_cache(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("green tea\n")
    begun(tmp_path)
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700


def test_the_cache_is_where_the_user_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "wordvec"


def test_without_a_home_the_message_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(ResourceError, match="XDG_CACHE_HOME"):
        cache_folder()


@pytest.mark.parametrize(
    ("words", "trained_by", "tokenizer"),
    [
        (["oak"], None, "words"),
        (["Oak", "elm"], "whitespace", "whitespace"),
        (["oak", "new_york"], "whitespace", "words"),  # which finds Oak, and New York, too
        (["oak", "<PERIOD>"], "punctuation", "punctuation"),
        (["Oak"], "a Python function", "words"),
    ],
)
def test_the_tokenizer_is_that_of_the_model_or_finds_its_words_in_more_texts(
    words: list[str], trained_by: str | None, tokenizer: str
) -> None:
    config = None if trained_by is None else {"tokenizer": trained_by}
    vectors = np.random.default_rng(0).normal(size=(len(words), 2))
    assert tokenizer_of(WordVectors(words, vectors, config=config)) == tokenizer
