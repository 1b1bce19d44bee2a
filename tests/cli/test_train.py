import io
import json
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

import wordvec
from wordvec.pipeline.train import run as do
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


@pytest.mark.slow
def test_deterministic_runs_are_the_same_on_any_number_of_threads(shell, corpus, tmp_path):
    arguments = [corpus, "-o", tmp_path / "m.wv", *SMALL, "--deterministic"]
    assert "\ndeterministic\tTrue (flag)\n" in shell("train", *arguments, "--dry-run")[1]
    shell("train", *arguments)
    alone = wordvec.load(tmp_path / "m.wv")
    assert alone.config["deterministic"] is True
    same = wordvec.train(corpus, dim=4, epochs=2, threads=3, window=2, deterministic=True)
    assert alone.matrix.tobytes() == same.matrix.tobytes()
    plain = wordvec.train(corpus, dim=4, epochs=2, threads=1, window=2)
    assert plain.config["deterministic"] is False
    assert alone.matrix.tobytes() != plain.matrix.tobytes()


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
        (["--window", "0"], "window must be an integer of at least 1 and at most 10,000 or 'text', got 0"),
        (
            ["--window", "texts"],
            "window must be an integer of at least 1 and at most 10,000 or 'text', got 'texts'",
        ),
        (["--dim", "many"], "many"),
        (["--subsample", "1.5"], "subsample must be a number"),
        (["--windows", "3"], "--windows"),
        (["--dim", "1000000000"], "dim must be an integer of at least 1 and at most 100,000"),
        (["--tokenizer", "letters"], "letters"),
        (["--recipe", "d2l-bpt"], "there is no recipe 'd2l-bpt'; did you mean d2l-ptb?"),
        (["--json"], "--json needs --dry-run, whose plan it prints"),
        (
            ["--validation", "0.1", "--validation-file", "c.txt"],
            "validation and validation_source are two ways",
        ),
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
    assert "unknown option --dmi: did you mean --dim?;" in err


def test_too_little_memory_is_one_line(shell, corpus, tmp_path, monkeypatch):
    def out_of_memory(*arguments, **settings):
        raise MemoryError

    monkeypatch.setattr("wordvec.pipeline.train.run", out_of_memory)
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv")
    assert status == 1
    assert err.endswith("wordvec: error: not enough memory; lower dim, window or max_vocab\n")


def test_what_the_engine_cannot_do_is_an_error_by_name(shell, corpus, tmp_path):
    status, _, err = shell(
        "train", corpus, "-o", tmp_path / "m.wv", "--optimizer", "rmsprop", "--engine", "numba"
    )
    assert status == 1
    assert "optimizer" in err
    assert "rmsprop" in err


def test_a_missing_corpus_is_one_line_and_leaves_an_old_model_alone(shell, corpus, tmp_path):
    shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    before = (tmp_path / "m.wv" / "vectors.safetensors").read_bytes()
    status, _, err = shell("train", tmp_path / "missing.txt", "-o", tmp_path / "m.wv")
    assert status == 1
    assert "there is no file" in err
    assert err.count("\n") == 1
    assert (tmp_path / "m.wv" / "vectors.safetensors").read_bytes() == before


def test_an_output_that_is_not_a_model_is_refused_before_training(shell, corpus, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("precious", encoding="utf-8")
    status, _, err = shell("train", corpus, "-o", tmp_path / "home")
    assert status == 1
    assert "counting" not in err
    assert (tmp_path / "home" / "thesis.txt").read_text(encoding="utf-8") == "precious"


def test_info_tells_how_a_trained_model_was_made(shell, corpus, tmp_path):
    shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    facts = json.loads(shell("info", tmp_path / "m.wv", "--json")[1])
    assert len(facts["training"][0].pop("corpus_sha256")) == 64
    assert facts["training"][0] == {
        "event": "corpus",
        "words_read": 90,
        "distinct_words": 3,
        "words": 90,
        "vocabulary": 3,
        "texts": 30,
    }
    assert "corpus words read" in shell("info", tmp_path / "m.wv")[1].replace("_", " ")


def test_without_a_text_or_an_output_the_message_says_which(shell, corpus):
    status, _, err = shell("train", "--output", "m.wv")
    assert (status, err.count("\n")) == (2, 1)
    assert "there is no text to train on" in err
    status, _, err = shell("train", corpus)
    assert (status, err.count("\n")) == (2, 1)
    assert "--output is missing" in err


def test_a_validation_loss_is_shown_for_a_file_and_for_a_share(shell, corpus, tmp_path):
    held_out = tmp_path / "held-out.txt"
    held_out.write_text("green blue red\n" * 3, encoding="utf-8")
    for flags in (["--validation-file", held_out], ["--validation", 0.2]):
        _, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL, "--subsample", 0, *flags)
        assert "epoch 2 of 2: train loss" in err
        assert ", validation loss" in err
        assert all("validation_loss" in record for record in epochs(tmp_path / "m.wv"))


def epochs(model):
    return [record for record in wordvec.load(model).training if record["event"] == "epoch"]


def test_watched_words_are_shown_while_training_and_afterwards(shell, corpus, tmp_path):
    status, out, err = shell("train", "--watch", "red,blue", corpus, "-o", tmp_path / "m.wv", *SMALL)
    assert status == 0
    assert err.count("wordvec: red: ") == 2
    vectors = wordvec.load(tmp_path / "m.wv")
    nearest = ", ".join(f"{word} {cosine:.2f}" for word, cosine in vectors.most_similar("red", k=5))
    assert out.splitlines()[0] == f"red\t{nearest}"
    assert [line.split("\t")[0] for line in out.splitlines()] == ["red", "blue"]


def test_the_neighbors_shown_afterwards_are_those_of_the_vectors_that_were_kept(shell, tmp_path):
    # The text to validate on says the opposite of the text to train on, so the first epoch is the best one.
    text, held_out = tmp_path / "text.txt", tmp_path / "held-out.txt"
    text.write_text("red green\nblue violet\n" * 60, encoding="utf-8")
    held_out.write_text("red blue\ngreen violet\n" * 5, encoding="utf-8")
    flags = [
        "--validation-file",
        held_out,
        "--keep",
        "best",
        "--watch",
        "red",
        "--subsample",
        0,
        "--epochs",
        9,
    ]
    flags += ["--dim", 8, "--threads", 1, "--schedule", "constant", "--learning-rate", 0.1]
    _, out, _ = shell("train", text, "-o", tmp_path / "m.wv", *flags)
    losses = [record["validation_loss"] for record in epochs(tmp_path / "m.wv")]
    assert losses.index(min(losses)) < len(losses) - 1
    kept = wordvec.load(tmp_path / "m.wv").most_similar("red", k=5)
    assert out == "red\t" + ", ".join(f"{word} {cosine:.2f}" for word, cosine in kept) + "\n"
    last = epochs(tmp_path / "m.wv")[-1]["neighbors"]["red"]
    assert last[0][1] != pytest.approx(kept[0].similarity, abs=0.01)


def test_a_sample_of_words_is_watched(shell, corpus, tmp_path):
    _, out, _ = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL, "--watch-sample", 2)
    assert len(out.splitlines()) == 2


def test_a_word_to_watch_that_is_unknown_is_a_warning(shell, corpus, tmp_path):
    status, out, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL, "--watch", "violet")
    assert (status, out) == (0, "")
    assert "warning: cannot watch 'violet'" in err


def test_a_model_grows_on_another_text(shell, corpus, tmp_path):
    shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    more = tmp_path / "more.txt"
    more.write_text("green violet\n" * 9, encoding="utf-8")
    flags = ["--start-from", tmp_path / "m.wv", "--epochs", 1, "--min-count", 1, "--subsample", 0]
    assert shell("train", more, "-o", tmp_path / "grown.wv", *flags)[0] == 0
    grown = wordvec.load(tmp_path / "grown.wv")
    assert grown.dim == 4
    assert set(grown.words) == {"red", "green", "blue", "violet"}


@pytest.mark.parametrize(
    ("flags", "every"),
    [([], "10m"), (["--checkpoint-every", "30s"], "30s"), (["--checkpoint-every", "never"], "never")],
    ids=str,
)
def test_checkpoints_are_written_beside_the_output_and_removed_when_all_is_done(
    shell, corpus, tmp_path, monkeypatch, flags, every
):
    given = []

    def run(request, **rest):
        given.append((request.checkpoint, request.checkpoint_every))
        return do(replace(request, checkpoint_every="1epoch"), **rest)

    monkeypatch.setattr("wordvec.pipeline.train.run", run)
    assert shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL, *flags)[0] == 0
    assert given == [(tmp_path / "m.wv.checkpoint", every)]
    assert not (tmp_path / "m.wv.checkpoint").exists()


@pytest.fixture
def interrupted(monkeypatch):
    """Ctrl-C after the first epoch."""

    def run(request, *, on_progress=None, **rest):
        def interrupt(progress):
            if on_progress is not None:
                on_progress(progress)
            if isinstance(progress, TrainingProgress) and progress.is_epoch_end and progress.epoch == 1:
                signal.raise_signal(signal.SIGINT)

        return do(request, on_progress=interrupt, **rest)

    monkeypatch.setattr("wordvec.pipeline.train.run", run)


def test_ctrl_c_leaves_a_checkpoint_and_what_was_there_and_says_how_to_resume(
    shell, corpus, tmp_path, interrupted, monkeypatch
):
    output, checkpoint = tmp_path / "m.wv", tmp_path / "m.wv.checkpoint"
    wordvec.train(corpus, dim=4, seed=2, threads=1).save(output)
    before = wordvec.load(output)
    status, _, err = shell("train", corpus, "-o", output, *SMALL)
    assert status == 130
    assert f"the vectors so far are in {checkpoint}; to resume: wordvec resume {output}\n" in err
    assert wordvec.load(output).matrix.tobytes() == before.matrix.tobytes()
    assert wordvec.load(checkpoint).matrix.tobytes() != before.matrix.tobytes()
    monkeypatch.undo()
    assert shell("resume", output)[0] == 0
    whole = wordvec.train(corpus, dim=4, epochs=2, threads=1, window=2)
    assert wordvec.load(output).matrix.tobytes() == whole.matrix.tobytes()
    assert not checkpoint.exists()


def test_what_must_be_given_again_is_in_the_command_to_go_on(shell, tmp_path, interrupted, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    status, _, err = shell("train", "-", "-o", tmp_path / "m.wv", *SMALL)
    assert status == 130
    assert err.endswith(f"to resume: wordvec resume {tmp_path / 'm.wv'} -\n")


def test_an_unfinished_run_is_not_lost_to_a_new_one(shell, corpus, tmp_path, interrupted, monkeypatch):
    checkpoint = tmp_path / "m.wv.checkpoint"
    shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    before = wordvec.load(checkpoint).matrix.tobytes()
    monkeypatch.undo()
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL)
    assert status == 2
    assert f"{checkpoint} belongs to an unfinished run; resume it: wordvec resume" in err
    assert wordvec.load(checkpoint).matrix.tobytes() == before
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL, "--restart")
    assert status == 0
    assert f"removed {checkpoint}, of an unfinished run" in err
    assert not checkpoint.exists()


def test_sigterm_ends_a_command_with_a_checkpoint_and_its_own_status(corpus, tmp_path):
    command = [sys.executable, "-m", "wordvec", "train", corpus, "-o", tmp_path / "m.wv", "--min-count", "1"]
    settings = ["--epochs", "1000000", "--threads", "1", "--subsample", "0", "--dim", "4"]
    with subprocess.Popen([*command, *settings], stderr=subprocess.PIPE, text=True) as run:  # noqa: S603
        assert run.stderr is not None
        for line in run.stderr:
            if "training" in line:
                break
        run.terminate()
        rest = run.stderr.read()
    assert run.returncode == 143
    assert f"to resume: wordvec resume {tmp_path / 'm.wv'}\n" in rest
    facts = json.loads((tmp_path / "m.wv.checkpoint" / "run.json").read_text(encoding="utf-8"))
    assert facts["epochs_done"] > 0


def test_ctrl_c_before_there_is_anything_says_so(shell, corpus, tmp_path, monkeypatch):
    def interrupt(*arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("wordvec.pipeline.train.encode", interrupt)
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv")
    assert status == 130
    assert err.endswith(f"wordvec: interrupted; nothing was saved to {tmp_path / 'm.wv'}\n")


def test_a_checkpoint_folder_with_other_things_in_it_is_refused_before_training(shell, corpus, tmp_path):
    (tmp_path / "m.wv.checkpoint").mkdir()
    (tmp_path / "m.wv.checkpoint" / "thesis.txt").write_text("precious", encoding="utf-8")
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv")
    assert status == 1
    assert "counting" not in err


@pytest.mark.parametrize(
    ("arguments", "source"),
    [
        (["a.txt", "b.txt", "--output", "m.wv"], ["a.txt", "b.txt"]),
        (["-", "--output", "m.wv"], "-"),
        (["--output", "m.wv", "-"], "-"),
        (["--output", "m.wv", "a.txt"], "a.txt"),
        (["a.txt", "--dim", "7", "b.txt", "-o", "m.wv"], ["a.txt", "b.txt"]),
        (["--watch", "red", "a.txt", "-o", "m.wv", "--restart", "b.txt"], ["a.txt", "b.txt"]),
        (["./--odd", "-o", "m.wv"], "./--odd"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_texts_may_stand_wherever_the_flags_leave_room(shell, tmp_path, monkeypatch, arguments, source):
    read = []

    def run(request, **_):
        read.append(request.source.paths)
        raise wordvec.CorpusError("enough")

    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt", "--odd"):
        (tmp_path / name).write_text("red green\n" * 5, encoding="utf-8")
    monkeypatch.setattr("wordvec.pipeline.train.run", run)
    assert shell("train", *arguments)[0] == 1
    assert read == [tuple(source) if isinstance(source, list) else source]


def test_the_help_shows_how_to_call_it_and_each_setting_in_its_group(shell):
    status, out, _ = shell("train", "--help")
    assert status == 0
    assert out.startswith("Usage: wordvec train [OPTIONS] [SOURCES...]\n")
    assert "Settings: negative samples" in out
    assert "dimensions of the vectors (default: 100)" in " ".join(out.replace("│", " ").split())


def test_the_torch_engine_says_what_it_loads(shell, corpus, tmp_path):
    _, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *SMALL, "--engine", "torch")
    assert "wordvec: loading: PyTorch" in err
    assert "compiling" not in err


def test_tests_are_taken_after_each_epoch_and_their_scores_are_said(shell, corpus, tmp_path):
    (tmp_path / "pairs.tsv").write_text("red\tgreen\t9\nred\tblue\t1\nred\tsea\t2\n", encoding="utf-8")
    (tmp_path / "analogies.txt").write_text("red green blue sea\n", encoding="utf-8")
    tests = [tmp_path / "pairs.tsv", tmp_path / "analogies.txt"]
    flags = ["--evaluate", *tests, "-o", tmp_path / "m.wv"]
    status, _, err = shell("train", corpus, *SMALL, *flags)
    assert status == 0
    assert err.count("pairs.tsv: Spearman's rho") == 2
    assert "over 2 pairs (of 3)" in err
    assert "analogies.txt: no score, as the vocabulary lacks words of each of its 1 questions" in err
    scores = wordvec.load(tmp_path / "m.wv").training[-2]["scores"]
    assert scores["analogies.txt"] == {
        "name": "analogies.txt",
        "kind": "analogies",
        "value": None,
        "asked": 0,
        "of": 1,
    }


def test_a_window_may_be_the_text(shell, corpus, tmp_path):
    small = SMALL[: SMALL.index("--window")]
    for name, window in (("text", "text"), ("wide", "5")):
        fixed = ["--window-reach", "fixed"] if window == "5" else []
        status, _, err = shell(
            "train", corpus, "-o", tmp_path / f"{name}.wv", *small, "--window", window, *fixed
        )
        assert status == 0, err
    of_texts, wide = (wordvec.load(tmp_path / f"{name}.wv") for name in ("text", "wide"))
    assert of_texts.config["window"] == "text"
    assert wide.config["window"] == 5
