import io
import json
import sys
from pathlib import Path

import pytest

import wordvec
from wordvec.pipeline import resume as pipeline_resume
from wordvec.pipeline.checkpoints import recipe_in
from wordvec.training.progress import TrainingProgress

TEXT = "red green blue\nblue green\nred red green blue\n" * 10
SMALL = {"dim": 4, "epochs": 4, "threads": 1, "window": 2, "subsample": 0}


class Stop(Exception):  # noqa: N818
    pass


@pytest.fixture
def corpus(tmp_path):
    file = tmp_path / "corpus.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


def stop_after(epoch, how):
    def on_progress(progress):
        if isinstance(progress, TrainingProgress) and progress.is_epoch_end and progress.epoch == epoch:
            raise how

    return on_progress


def begin(source, checkpoint, **settings):
    """A run that breaks off after two of four epochs."""
    with pytest.raises(Stop):
        wordvec.train(source, checkpoint=checkpoint, on_progress=stop_after(2, Stop), **SMALL, **settings)
    return checkpoint


@pytest.fixture
def checkpoint(corpus, tmp_path):
    return begin(corpus, tmp_path / "m.wv.checkpoint")


@pytest.fixture
def interrupted(monkeypatch):
    """Ctrl-C after the third epoch."""
    go_on = pipeline_resume.resume

    def resume(*arguments, on_progress, **settings):
        def report(progress):
            on_progress(progress)
            stop_after(3, KeyboardInterrupt)(progress)

        return go_on(*arguments, on_progress=report, **settings)

    monkeypatch.setattr("wordvec.pipeline.resume.resume", resume)


def test_the_model_comes_where_the_run_would_have_saved_it(shell, checkpoint, corpus, tmp_path):
    status, out, err = shell("resume", checkpoint)
    assert (status, out) == (0, "")
    assert "3 words x 4, 180 words in" in err  # of the two epochs that were left
    vectors = wordvec.load(tmp_path / "m.wv")
    assert vectors.matrix.tobytes() == wordvec.train(corpus, **SMALL).matrix.tobytes()
    assert vectors.training[-1]["event"] == "done"
    assert vectors.training[-1]["words_trained"] == 360
    assert not checkpoint.exists()


def test_the_output_may_be_named(shell, checkpoint, tmp_path):
    assert shell("resume", checkpoint, "-o", tmp_path / "other.txt")[0] == 0
    assert (tmp_path / "other.txt").read_bytes().startswith(b"3 4\n")
    assert not (tmp_path / "m.wv").exists()
    assert not checkpoint.exists()


@pytest.mark.parametrize("name", ["run", ".checkpoint"])
def test_the_output_must_be_named_where_the_name_does_not_tell(shell, corpus, tmp_path, name):
    checkpoint = begin(corpus, tmp_path / name)
    status, _, err = shell("resume", checkpoint)
    assert status == 2
    assert "is not OUTPUT.checkpoint, so it does not say where to save; give --output" in err
    assert shell("resume", checkpoint, "--output", tmp_path / "m.wv")[0] == 0
    assert not checkpoint.exists()


def test_ctrl_c_keeps_the_checkpoint_and_the_last_line_says_how_to_resume(
    shell, corpus, tmp_path, interrupted, monkeypatch
):
    checkpoint, output = begin(corpus, tmp_path / "my model.checkpoint"), tmp_path / "my model"
    status, _, err = shell("resume", checkpoint)
    assert status == 130
    assert err.endswith(
        f"wordvec: interrupted; the vectors so far are in {checkpoint}; to resume: wordvec resume '{output}'\n"
    )
    assert not output.exists()
    assert wordvec.load(checkpoint).training[-1]["epoch"] == 3
    monkeypatch.undo()
    assert shell("resume", output)[0] == 0
    assert wordvec.load(output).matrix.tobytes() == wordvec.train(corpus, **SMALL).matrix.tobytes()


@pytest.mark.parametrize("has_output", [True, False])
def test_the_model_names_its_checkpoint(shell, corpus, tmp_path, has_output):
    if has_output:  # of an earlier run
        wordvec.train(corpus, **SMALL, seed=2).save(tmp_path / "m.wv")
    begin(corpus, tmp_path / "m.wv.checkpoint")
    assert shell("resume", tmp_path / "m.wv")[0] == 0
    whole = wordvec.train(corpus, **SMALL)
    assert wordvec.load(tmp_path / "m.wv").matrix.tobytes() == whole.matrix.tobytes()


def test_ctrl_c_while_the_text_is_read_says_how_to_resume_too(shell, checkpoint, tmp_path, monkeypatch):
    def interrupt(*arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("wordvec.pipeline.train.encode", interrupt)
    status, _, err = shell("resume", checkpoint)
    assert status == 130
    assert err.endswith(f"; to resume: wordvec resume {tmp_path / 'm.wv'}\n")
    assert not (tmp_path / "m.wv").exists()


def test_a_checkpoint_with_other_things_in_it_is_not_removed(shell, checkpoint, monkeypatch):
    # They would be in the way of the next checkpoint, so they come after the last one.
    save = wordvec.WordVectors.save

    def save_beside_a_thesis(*arguments):
        (checkpoint / "thesis.txt").write_text("precious", encoding="utf-8")
        save(*arguments)

    monkeypatch.setattr(wordvec.WordVectors, "save", save_beside_a_thesis)
    assert shell("resume", checkpoint)[0] == 0
    assert (checkpoint / "thesis.txt").read_text(encoding="utf-8") == "precious"


def test_text_that_has_moved_is_given_again(shell, checkpoint, corpus, tmp_path):
    moved = corpus.rename(tmp_path / "moved.txt")
    status, _, err = shell("resume", checkpoint)
    assert status == 1
    assert "the text of the run is not where it was: there is no file" in err
    assert "(wordvec resume CHECKPOINT CORPUS, or --recipe NAME)" in err
    assert err.count("\n") == 1
    assert checkpoint.exists()
    assert shell("resume", checkpoint, moved)[0] == 0


def test_several_files_are_given_again_in_order(shell, corpus, tmp_path):
    more = tmp_path / "more.txt"
    more.write_text("green violet\n" * 5, encoding="utf-8")
    checkpoint = begin([corpus, more], tmp_path / "m.wv.checkpoint")
    status, _, err = shell("resume", checkpoint, more, corpus)
    assert status == 1
    assert "the text has changed since the checkpoint" in err
    assert shell("resume", checkpoint, corpus, more)[0] == 0


def test_standard_input_is_given_again(shell, corpus, tmp_path, monkeypatch):
    def put_in(text):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    put_in(TEXT)
    checkpoint = begin("-", tmp_path / "m.wv.checkpoint")
    status, _, err = shell("resume", checkpoint)
    assert status == 2
    assert "did not read its text from files, so it must be given again" in err
    put_in(TEXT)
    assert shell("resume", checkpoint, "-")[0] == 0


def test_text_to_validate_on_is_given_again(shell, corpus, tmp_path):
    held_out = tmp_path / "held-out.txt"
    held_out.write_text("green blue red\n" * 3, encoding="utf-8")
    checkpoint = begin(corpus, tmp_path / "m.wv.checkpoint", validation_source=held_out)
    moved = held_out.rename(tmp_path / "moved.txt")
    status, _, err = shell("resume", checkpoint)
    assert status == 1
    assert "the text to validate on of the run is not where it was" in err
    assert "(--validation-file)" in err
    assert shell("resume", checkpoint, "--validation-file", moved, "--temporary-folder", tmp_path)[0] == 0
    records = wordvec.load(tmp_path / "m.wv").training
    assert all("validation_loss" in record for record in records if record["event"] == "epoch")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--windw", "3"],
            "unknown option --windw; a file of that name: ./--windw. Try: wordvec resume --help",
        ),
        (["--output", "m.wv.checkpoint"], "is the checkpoint itself; choose another place"),
        (["--recipe", "d2l-ptb", "corpus.txt"], "--recipe loads the recipe's published data again"),
        (["--recipe", "d2l-ptb", "--validation-file", "corpus.txt"], "so no other text can be given"),
        (["--recipe", "d2l-bpt"], "there is no recipe 'd2l-bpt'; did you mean d2l-ptb?"),
    ],
    ids=["mistyped", "itself", "two texts", "two texts to validate on", "unknown recipe"],
)
def test_misuse_is_one_line_and_exit_status_2(shell, checkpoint, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, out, err = shell("resume", checkpoint, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert checkpoint.exists()


def test_what_is_not_a_checkpoint_is_one_line(shell, corpus, tmp_path):
    wordvec.train(corpus, **SMALL).save(tmp_path / "m.wv")
    for path, message in (
        (tmp_path / "m.wv", "is not a checkpoint"),
        (tmp_path / "nowhere", "does not exist"),
    ):
        status, _, err = shell("resume", path)
        assert status == 1
        assert message in err
        assert err.count("\n") == 1


def test_a_damaged_checkpoint_is_one_line(shell, checkpoint, tmp_path):
    facts = json.loads((checkpoint / "run.json").read_text(encoding="utf-8"))
    (checkpoint / "run.json").write_text(json.dumps({**facts, "epochs_done": "two"}), encoding="utf-8")
    status, _, err = shell("resume", checkpoint)
    assert status == 1
    assert "epochs_done cannot be 'two'" in err
    assert err.count("\n") == 1


def test_an_output_that_is_not_a_model_is_refused_before_the_text_is_read(shell, checkpoint, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("precious", encoding="utf-8")
    status, _, err = shell("resume", checkpoint, "-o", tmp_path / "home")
    assert status == 1
    assert "counting" not in err
    assert checkpoint.exists()


def publish(monkeypatch, texts_of_split):
    """Let `datasets` load these texts, whichever data set is asked for."""
    import datasets

    def load_dataset(*_, split, **__):
        texts = [" ".join(text) for text in texts_of_split(split)]
        return datasets.Dataset.from_dict({"sentence": texts, "text": texts})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)


def test_a_recipe_loads_its_data_again(shell, tmp_path, monkeypatch):
    texts = [line.split() for line in TEXT.splitlines()]
    splits = {"train": texts, "validation": texts[:6]}

    publish(monkeypatch, lambda split: splits[split])
    checkpoint = begin(texts, tmp_path / "m.wv.checkpoint", validation_source=texts[:6])
    status, _, err = shell("resume", checkpoint)
    assert status == 2
    assert "or --recipe NAME" in err
    assert shell("resume", checkpoint, "--recipe", "d2l-ptb")[0] == 0
    assert wordvec.load(tmp_path / "m.wv").training[-1]["event"] == "done"


@pytest.fixture
def maps(monkeypatch):
    """The maps that are drawn: model and picture."""
    drawn = []
    monkeypatch.setattr(
        "wordvec.cli.map.map_words", lambda model, output, **_: drawn.append((Path(model).name, output.name))
    )
    return drawn


def begin_recipe(name, corpus, checkpoint):
    with pytest.raises(Stop):
        wordvec.train(
            corpus,
            recipe=name,
            checkpoint=checkpoint,
            on_progress=stop_after(2, Stop),
            watch=["red"],
            min_count=1,
            **SMALL,
        )


@pytest.mark.parametrize(
    ("name", "expected"), [("text8-sgns", [("m.wv", "m.wv.png")]), ("d2l-ptb", [])], ids=["map", "no map"]
)
def test_a_recipe_on_a_text_of_ones_own_draws_its_map_after_it_is_resumed(
    shell, corpus, tmp_path, maps, name, expected
):
    begin_recipe(name, corpus, tmp_path / "m.wv.checkpoint")
    assert shell("resume", tmp_path / "m.wv")[0] == 0
    assert maps == expected


def test_a_recipe_that_is_named_draws_its_map_beside_the_output(shell, tmp_path, maps, monkeypatch):
    texts = [line.split() for line in TEXT.splitlines()]
    publish(monkeypatch, lambda _: texts)
    checkpoint = begin(texts, tmp_path / "m.wv.checkpoint")
    other = tmp_path / "n.wv"
    assert shell("resume", checkpoint, "--recipe", "text8-sgns", "-o", other)[0] == 0
    assert maps == [("n.wv", "n.wv.png")]


def test_a_run_of_no_recipe_draws_no_map(shell, checkpoint, maps):
    assert shell("resume", checkpoint)[0] == 0
    assert maps == []


def test_a_recipe_that_is_interrupted_again_is_still_one(shell, corpus, tmp_path, maps, interrupted):
    begin_recipe("text8-sgns", corpus, tmp_path / "m.wv.checkpoint")
    assert shell("resume", tmp_path / "m.wv")[0] == 130
    assert maps == []
    assert recipe_in(tmp_path / "m.wv.checkpoint") == "text8-sgns"


def test_a_recipe_of_another_version_is_none(shell, checkpoint, tmp_path, maps):
    facts = json.loads((checkpoint / "run.json").read_text(encoding="utf-8"))
    (checkpoint / "run.json").write_text(json.dumps({**facts, "recipe": "gone"}), encoding="utf-8")
    assert shell("resume", checkpoint)[0] == 0
    assert maps == []


def test_a_place_of_the_map_that_something_else_has_is_refused_before_the_text_is_read(
    shell, corpus, tmp_path
):
    begin_recipe("text8-sgns", corpus, tmp_path / "m.wv.checkpoint")
    (tmp_path / "m.wv.png").write_text("a holiday", encoding="utf-8")
    status, _, err = shell("resume", tmp_path / "m.wv")
    assert status == 1
    assert "m.wv.png is a file of something other than a map" in err
    assert "counting" not in err
