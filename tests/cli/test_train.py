import json
import subprocess
import sys

import pytest

import wordvec
from wordvec.pipeline import train as learn
from wordvec.training.progress import TrainingProgress

TEXT = "red green blue\nblue green\nred red green blue\n" * 10
SMALL = ["--dim", "4", "--epochs", "2", "--threads", "1", "--window", "2"]


@pytest.fixture
def corpus(tmp_path):
    file = tmp_path / "corpus.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


def test_a_model_is_saved_and_talk_goes_to_stderr(shell, corpus, tmp_path):
    status, out, err = shell("train", corpus, "--output", tmp_path / "m.wv", *SMALL)
    assert (status, out) == (0, "")
    for phase in ("counting", "encoding", "compiling", "training", "saving"):
        assert f"wordvec: {phase}" in err
    assert "3 words x 4, 180 words in" in err
    vectors = wordvec.load(tmp_path / "m.wv")
    assert vectors.words == ["blue", "green", "red"]
    assert vectors.config["dim"] == 4
    assert vectors.training[-1]["event"] == "done"


def test_flags_and_python_give_the_same_vectors(shell, corpus, tmp_path):
    shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL, "--seed", 7)
    same = wordvec.train(corpus, dim=4, epochs=2, threads=1, window=2, seed=7)
    assert wordvec.load(tmp_path / "m.wv").matrix.tobytes() == same.matrix.tobytes()


def test_several_sources_are_read_in_order(shell, corpus, tmp_path):
    more = tmp_path / "more.txt"
    more.write_text("green violet\n" * 5, encoding="utf-8")
    assert shell("train", corpus, more, "-o", tmp_path / "m.wv", *SMALL)[0] == 0
    assert wordvec.load(tmp_path / "m.wv").words == ["green", "blue", "red", "violet"]


def test_standard_input_is_read(tmp_path):
    command = [sys.executable, "-m", "wordvec", "train", "-", "--output", str(tmp_path / "m.wv")]
    process = subprocess.run(command, input=b"only one line", capture_output=True, check=False)  # noqa: S603
    assert process.returncode == 1
    assert b"rarer than min_count" in process.stderr
    assert b"Traceback" not in process.stderr


def test_other_formats_are_written_by_ending(shell, corpus, tmp_path):
    assert shell("train", corpus, "-o", tmp_path / "m.bin", *SMALL)[0] == 0
    assert (tmp_path / "m.bin").read_bytes().startswith(b"3 4\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--window", "0"], "window must be an integer of at least 1 and at most 10,000, got 0"),
        (["--dim", "many"], "many"),
        (["--subsample", "1.5"], "subsample must be a number"),
        (["--windows", "3"], "--windows"),
        (["--dim", "1000000000"], "dim must be an integer of at least 1 and at most 100,000"),
        (["--tokenizer", "letters"], "letters"),
    ],
)
def test_misuse_is_one_line_and_exit_status_2(shell, corpus, tmp_path, arguments, message):
    status, out, err = shell("train", corpus, "-o", tmp_path / "m.wv", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not (tmp_path / "m.wv").exists()


def test_a_mistyped_flag_is_not_taken_for_the_corpus(shell, corpus, tmp_path):
    status, _, err = shell("train", "--dmi", "100", corpus, "-o", tmp_path / "m.wv")
    assert status == 2
    assert "--dmi is no flag of train" in err


def test_too_little_memory_is_one_line(shell, corpus, tmp_path, monkeypatch):
    def out_of_memory(*arguments, **settings):
        raise MemoryError

    monkeypatch.setattr("wordvec.pipeline.train", out_of_memory)
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv")
    assert status == 1
    assert err.endswith(
        "wordvec: error: there is not enough memory for this; lower dim, window or max_vocab\n"
    )


def test_what_the_engine_cannot_do_is_an_error_by_name(shell, corpus, tmp_path):
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", "--architecture", "cbow")
    assert status == 1
    assert "cannot train architecture='cbow'" in err


def test_a_missing_corpus_is_one_line_and_leaves_an_old_model_alone(shell, corpus, tmp_path):
    shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    before = (tmp_path / "m.wv" / "vectors.safetensors").read_bytes()
    status, _, err = shell("train", tmp_path / "missing.txt", "-o", tmp_path / "m.wv")
    assert status == 1
    assert "there is no file" in err
    assert err.count("\n") == 1
    assert (tmp_path / "m.wv" / "vectors.safetensors").read_bytes() == before


def test_an_output_that_is_no_model_is_refused_before_training(shell, corpus, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("precious", encoding="utf-8")
    status, _, err = shell("train", corpus, "-o", tmp_path / "home")
    assert status == 1
    assert "counting" not in err
    assert (tmp_path / "home" / "thesis.txt").read_text(encoding="utf-8") == "precious"


def test_ctrl_c_saves_what_there_is_and_says_so(shell, corpus, tmp_path, monkeypatch):
    def interrupted(*arguments, on_progress, **settings):
        def interrupt(progress):
            on_progress(progress)
            if isinstance(progress, TrainingProgress):
                raise KeyboardInterrupt

        return learn(*arguments, on_progress=interrupt, **settings)

    monkeypatch.setattr("wordvec.pipeline.train", interrupted)
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    assert status == 130
    assert "the state at that moment, not a finished run" in err
    assert wordvec.load(tmp_path / "m.wv").training[-1]["event"] == "interrupted"


def test_info_tells_how_a_trained_model_was_made(shell, corpus, tmp_path):
    shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    facts = json.loads(shell("info", tmp_path / "m.wv", "--json")[1])
    assert facts["training"][0] == {
        "event": "corpus",
        "words_read": 90,
        "distinct_words": 3,
        "words": 90,
        "vocabulary": 3,
        "texts": 30,
    }
    assert "corpus words read" in shell("info", tmp_path / "m.wv")[1].replace("_", " ")
