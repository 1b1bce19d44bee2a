"""What becomes of a run that cannot be saved, or that another run would get in the way of."""

import errno
import os
import signal
import subprocess
import sys
import tempfile

import pytest

import wordvec
from wordvec.formats import atomic
from wordvec.formats.claims import claimed
from wordvec.vectors.word_vectors import WordVectors

pytest.importorskip("fcntl")

SMALL = ["--dim", "4", "--epochs", "2", "--threads", "1", "--min-count", "1"]
FOR_EVER = ["--dim", "4", "--epochs", "1000000", "--threads", "1", "--min-count", "1", "--subsample", "0"]


@pytest.fixture
def corpus(tmp_path):
    file = tmp_path / "corpus.txt"
    file.write_text("red green blue\nblue green\nred red green blue\n" * 10, encoding="utf-8")
    return file


@pytest.fixture
def full_disk(tmp_path, monkeypatch):
    """A disk with room for checkpoints, and none for the model."""
    put_in_place = atomic._put_in_place

    def put_if_there_is_room(growing, target):
        if target == tmp_path / "m.wv":
            raise wordvec.FormatError("No space left on device")
        put_in_place(growing, target)

    monkeypatch.setattr(atomic, "_put_in_place", put_if_there_is_room)


def test_vectors_that_cannot_be_saved_are_saved_elsewhere(shell, corpus, tmp_path, full_disk, monkeypatch):
    (tmp_path / "other disk").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "other disk"))
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    monkeypatch.undo()
    assert status == 1
    (saved,) = (tmp_path / "other disk").glob("*/m.wv")
    assert err.endswith(f"; what was to be saved is in {saved}: move it to where you want it\n")
    same = wordvec.train(corpus, dim=4, epochs=2, threads=1, min_count=1)
    assert wordvec.load(saved).matrix.tobytes() == same.matrix.tobytes()


def test_words_that_the_format_asked_for_cannot_hold_are_saved_as_a_model_folder(
    shell, tmp_path, monkeypatch
):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    corpus = tmp_path / "lists.jsonl"
    corpus.write_text('{"text": ["new york", "is", "big"]}\n' * 20, encoding="utf-8")
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.bin", *SMALL, "--subsample", "0")
    monkeypatch.undo()
    assert status == 1
    (saved,) = (tmp_path / "elsewhere").glob("*/m.bin.wv")
    assert "cannot hold the word 'new york'" in err
    assert err.endswith(f"; what was to be saved is in {saved}: move it to where you want it\n")
    assert "new york" in wordvec.load(saved)


@pytest.mark.parametrize("is_place", [True, False], ids=["another full disk", "no other place"])
def test_vectors_that_can_be_saved_nowhere_are_in_the_checkpoint_which_the_message_names(
    shell, corpus, tmp_path, full_disk, monkeypatch, is_place
):
    output = tmp_path / "m.wv"

    mkdtemp = tempfile.mkdtemp

    def make_if_for_the_text(prefix, **rest):
        if "saved" in prefix:
            if not is_place:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            rest["dir"] = no_room
        return mkdtemp(prefix=prefix, **rest)

    no_room = tmp_path / "no room"
    no_room.mkdir()
    save = WordVectors.save
    monkeypatch.setattr(tempfile, "mkdtemp", make_if_for_the_text)
    monkeypatch.setattr(WordVectors, "save", lambda vectors, *_: save(vectors, output))
    status, _, err = shell("train", corpus, "-o", output, *SMALL, "--checkpoint-every", "1epoch")
    assert status == 1
    assert "No space left on device" in err
    assert f"the vectors so far are in {output}.checkpoint; to go on: wordvec resume {output}\n" in err
    assert len(wordvec.load(f"{output}.checkpoint")) == 3
    assert list(no_room.iterdir()) == []
    monkeypatch.undo()
    assert shell("resume", output)[0] == 0
    assert wordvec.load(output).training[-1]["event"] == "done"
    assert not (tmp_path / "m.wv.checkpoint").exists()


@pytest.mark.slow
def test_a_run_that_is_at_work_is_left_alone_by_others_until_it_is_killed(shell, corpus, tmp_path):
    output, checkpoint = tmp_path / "m.wv", tmp_path / "m.wv.checkpoint"
    command = [sys.executable, "-m", "wordvec", "train", corpus, "-o", output, "--checkpoint-every", "1epoch"]
    with subprocess.Popen([*command, *FOR_EVER], stderr=subprocess.PIPE, text=True) as run:  # noqa: S603
        try:
            while not checkpoint.exists():
                assert run.poll() is None
            for verb in (
                ["train", corpus, "-o", output, "--restart"],
                ["train", corpus, "-o", output],
                ["resume", output],
            ):
                status, _, err = shell(*verb)
                assert (status, err.count("\n")) == (1, 1)
                assert f"another run is at work on {checkpoint}" in err
        finally:
            run.send_signal(signal.SIGKILL)
    assert shell("train", corpus, "-o", output, *SMALL, "--restart")[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.txt", "m.wv"]


def test_a_place_that_another_run_has_claimed_is_refused_before_the_text_is_read(shell, corpus, tmp_path):
    with claimed(tmp_path / "m.wv.checkpoint"):
        status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    assert status == 1
    assert "another run is at work" in err
    assert "counting" not in err
