"""What becomes of a run that cannot be saved, or that another run would get in the way of."""

import errno
import io
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import wordvec
from wordvec.cli.saving import after_saving
from wordvec.errors import ResourceError
from wordvec.storage import atomic
from wordvec.storage.atomic import locked_output
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
            raise wordvec.ResourceError("No space left on device")
        put_in_place(growing, target)

    monkeypatch.setattr(atomic, "_put_in_place", put_if_there_is_room)


def test_vectors_that_cannot_be_saved_are_saved_elsewhere(shell, corpus, tmp_path, full_disk, monkeypatch):
    (tmp_path / "other disk").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "other disk"))
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    monkeypatch.undo()
    assert status == 1
    (saved,) = (tmp_path / "other disk").glob("*/m.wv")
    assert err.endswith(f"; the vectors are saved in {saved} instead: move them to where you want them\n")
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
    assert err.endswith(f"; the vectors are saved in {saved} instead: move them to where you want them\n")
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
    assert f"the vectors so far are in {output}.checkpoint; to resume: wordvec resume {output}\n" in err
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
    with locked_output(tmp_path / "m.wv.checkpoint"):
        status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    assert status == 1
    assert "another run is at work" in err
    assert "counting" not in err


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, _text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Gone(io.StringIO):
    """A pipe that nobody reads any more."""

    def write(self, _text):
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The system's place for temporary files."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    return tmp_path / "elsewhere"


@pytest.fixture
def failing_save(monkeypatch):
    """Let saves fail, which are told by a function of path and format; returns a way to say so."""
    save = WordVectors.save

    def fail_where(is_broken, problem):
        def save_or_fail(vectors, path, format=None):  # noqa: A002
            if is_broken(path, format):
                raise problem
            save(vectors, path, format)

        monkeypatch.setattr(WordVectors, "save", save_or_fail)

    return fail_where


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (UnicodeEncodeError("utf-8", "caf\udce9", 3, 4, "surrogates not allowed"), "UnicodeEncodeError: "),
        (OSError(errno.EIO, "Input/output error"), "[Errno 5] Input/output error"),
        (MemoryError(), "MemoryError: "),
        (RuntimeError("a bug of a library"), "RuntimeError: a bug of a library"),
    ],
    ids=["name", "disk", "memory", "bug"],
)
def test_after_any_failure_to_save_the_vectors_are_saved_elsewhere(
    shell, corpus, tmp_path, elsewhere, failing_save, problem, reason
):
    output = tmp_path / "m.wv"
    failing_save(lambda path, _: path == output, problem)
    status, _, err = shell("train", corpus, "-o", output, *SMALL)
    (saved,) = elsewhere.glob("*/m.wv")
    assert status == 1
    assert f"wordvec: error: {output} cannot be written: {reason}" in err
    assert err.endswith(f"; the vectors are saved in {saved} instead: move them to where you want them\n")
    assert len(wordvec.load(saved)) == 3


def test_where_even_a_model_folder_fails_the_vectors_are_saved_as_numpys(
    shell, corpus, tmp_path, elsewhere, failing_save
):
    failing_save(lambda _, target_format: target_format != "numpy", RuntimeError("a bug of a library"))
    assert shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)[0] == 1
    (saved,) = elsewhere.glob("*/vectors.npz")
    assert len(wordvec.load(saved)) == 3


def test_where_the_temporary_place_is_full_the_vectors_are_saved_where_the_user_is(
    shell, corpus, tmp_path, elsewhere, failing_save, monkeypatch
):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    output = tmp_path / "m.wv"
    failing_save(
        lambda path, _: path == output or path.is_relative_to(elsewhere), OSError(errno.ENOSPC, "full")
    )
    status, _, err = shell("train", corpus, "-o", output, *SMALL)
    (saved,) = (tmp_path / "here").glob("*/m.wv")
    assert status == 1
    assert str(saved) in err
    assert list(elsewhere.iterdir()) == []


def test_ctrl_c_while_the_vectors_are_saved_does_not_lose_them(
    shell, corpus, tmp_path, elsewhere, failing_save
):
    output = tmp_path / "m.wv"
    failing_save(lambda path, _: path == output, KeyboardInterrupt())
    status, _, err = shell("train", corpus, "-o", output, *SMALL)
    (saved,) = elsewhere.glob("*/m.wv")
    assert status == 130
    assert err.endswith(
        f"wordvec: interrupted; the vectors are saved in {saved} instead: move them to where you want them\n"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, names are Unicode")
@pytest.mark.parametrize("name", ["m.wv", "m.bin", "m.txt", "m.npz", "m.parquet", "m.safetensors"])
def test_a_folder_whose_name_is_not_utf_8_takes_the_vectors(shell, corpus, tmp_path, name):
    output = tmp_path / os.fsdecode(b"caf\xe9") / name
    status, _, err = shell("train", corpus, "-o", output, *SMALL, "--checkpoint-every", "1epoch")
    assert status == 0
    assert "warning" not in err
    assert len(wordvec.load(output)) == 3
    assert [path.name for path in output.parent.iterdir()] == [name]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, names are Unicode")
def test_what_cannot_be_saved_under_a_name_that_is_not_utf_8_gets_one_that_can_be_typed(
    shell, corpus, tmp_path, elsewhere, failing_save
):
    output = tmp_path / os.fsdecode(b"caf\xe9.bin")
    failing_save(lambda path, _: path == output, OSError(errno.EIO, "Input/output error"))
    status, _, err = shell("train", corpus, "-o", output, *SMALL)
    (saved,) = elsewhere.glob("*/vectors.bin")
    assert status == 1
    assert str(saved) in err


def test_a_checkpoint_that_cannot_be_removed_is_a_warning_as_the_vectors_are_saved(
    shell, corpus, tmp_path, monkeypatch
):
    def refuse(path):
        raise ResourceError(f"{path} cannot be written: Permission denied")

    monkeypatch.setattr("wordvec.formats.checkpoint.remove_checkpoint", refuse)
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    assert status == 0
    assert f"wordvec: warning: the vectors are saved in {tmp_path / 'm.wv'}, but" in err
    assert "m.wv.checkpoint cannot be written: Permission denied" in err
    assert len(wordvec.load(tmp_path / "m.wv")) == 3


@pytest.mark.parametrize("stream", [Full, Gone])
@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_stream_that_takes_nothing_ends_no_training(shell, corpus, tmp_path, monkeypatch, name, stream):
    monkeypatch.setattr(sys, name, stream())
    assert shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL, "--watch", "red,zebra")[0] == 0
    assert len(wordvec.load(tmp_path / "m.wv")) == 3


def test_a_reader_of_stdout_that_stops_early_gets_no_warning_and_a_full_disk_does(capsys, monkeypatch):
    for stream, words in ((Gone, ""), (Full, "wordvec: warning: the vectors are saved in m.wv, but ")):
        monkeypatch.setattr(sys, "stdout", stream())
        with after_saving(Path("m.wv")):
            print("red", "blue")  # noqa: T201
        monkeypatch.undo()
        assert capsys.readouterr().err.startswith(words)


def test_ctrl_c_after_the_vectors_are_saved_says_where_they_are():
    with (
        pytest.raises(KeyboardInterrupt, match=r"the vectors are saved in m\.wv"),
        after_saving(Path("m.wv")),
    ):
        raise KeyboardInterrupt
