import json
import sys
from dataclasses import asdict, fields, replace

import pytest

import wordvec
from wordvec.config import Config
from wordvec.errors import MissingPackageError, ResourceError
from wordvec.recipes.catalog import RECIPES, recipe

TEXT = "red green blue\nblue green\nred red green blue\n" * 40
QUICK = ["--dim", "4", "--epochs", "2", "--threads", "1", "--min-count", "2", "--subsample", "0"]


@pytest.fixture
def corpus(tmp_path):
    file = tmp_path / "corpus.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def published(monkeypatch):
    """The published data is here, whichever it is; returns what was loaded of it."""
    loaded = []

    import datasets

    def load_dataset(repository, *_, split, **__):
        loaded.append((repository, split))
        texts = TEXT.splitlines()[: 20 if split == "validation" else None]
        return datasets.Dataset.from_dict({"sentence": texts, "text": texts})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return loaded


@pytest.fixture
def nothing_is_loaded(monkeypatch):
    def refuse(*arguments, **settings):
        raise AssertionError("a dry run loads no data and does no run")

    monkeypatch.setattr("datasets.load_dataset", refuse)
    monkeypatch.setattr("wordvec.pipeline.train.encode", refuse)


def planned(shell, *arguments):
    status, out, _ = shell("train", *arguments, "--dry-run", "--json")
    assert status == 0
    return json.loads(out)


def test_a_recipe_trains_on_a_text_of_ones_own(shell, corpus, tmp_path):
    status, out, err = shell(
        "train", "--recipe", "d2l-ptb", corpus, "-o", tmp_path / "m.wv", *QUICK, "--watch", "red"
    )
    assert status == 0
    assert out.startswith("red\t")
    assert "epoch 2 of 2: train loss" in err  # a share is held out
    assert "published data" not in err
    settings = wordvec.load(tmp_path / "m.wv").config
    flags = {"dim": 4, "epochs": 2, "threads": 1, "min_count": 2, "subsample": 0, "validation": 0.01}
    expected = asdict(replace(recipe("d2l-ptb").config, **flags))
    chosen = {"engine": "numba", "device": settings["device"]}
    assert {name: settings[name] for name in expected} == expected | chosen


def test_without_a_text_the_published_data_is_loaded_and_stderr_says_so(shell, published, tmp_path):
    flags = [*QUICK, "--watch", "red"]
    status, _, err = shell("train", "--recipe", "d2l-ptb", "-o", tmp_path / "m.wv", *flags)
    assert status == 0
    assert "loading the published data of this recipe: ptb-text-only/ptb_text_only" in err
    assert published == [
        ("ptb-text-only/ptb_text_only", "train"),
        ("ptb-text-only/ptb_text_only", "validation"),
    ]


@pytest.mark.parametrize("folder", ["m.wv", "m.wv.checkpoint"])
def test_a_folder_in_the_way_is_refused_before_anything_is_loaded(shell, published, tmp_path, folder):
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "thesis.txt").write_text("precious", encoding="utf-8")
    status, _, err = shell("train", "--recipe", "wikitext103", "-o", tmp_path / "m.wv", *QUICK)
    assert status == 1
    assert folder in err
    assert published == []


def test_without_datasets_the_message_says_what_to_install(shell, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    status, _, err = shell("train", "--recipe", "text8-sgns", "-o", tmp_path / "m.wv")
    assert status == 1
    assert "pip install 'wordvec[datasets]' (or give the path of a text to train on instead)" in err


def test_a_tokenizer_that_is_asked_for_replaces_the_recipes(shell, corpus, tmp_path):
    flags = [*QUICK, "--watch", "red", "--tokenizer", "words"]
    assert shell("train", "--recipe", "d2l-ptb", corpus, "-o", tmp_path / "m.wv", *flags)[0] == 0
    assert wordvec.load(tmp_path / "m.wv").config["tokenizer"] == "words"


@pytest.mark.parametrize(
    ("name", "flags", "every"),
    [
        ("wikitext103", [], "1epoch"),
        ("wikitext103", ["--checkpoint-every", "never"], "never"),
        ("d2l-ptb", [], "10m"),
    ],
    ids=["by the recipe", "as asked", "by default"],
)
def test_checkpoints_are_written_when_the_recipe_or_a_flag_says_so(
    shell, published, tmp_path, monkeypatch, name, flags, every
):
    given = []

    def run(request, **_):
        given.append((request.checkpoint, request.checkpoint_every))

    monkeypatch.setattr("wordvec.pipeline.train.run", run)
    with pytest.raises(AttributeError):  # the train that is not there has no vectors to save
        shell("train", "--recipe", name, "-o", tmp_path / "m.wv", *flags)
    assert given == [(tmp_path / "m.wv.checkpoint", every)]


def test_the_map_is_drawn_beside_the_model(shell, corpus, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "wordvec.cli.map.map_words", lambda model, **settings: drawn.append((model, settings))
    )
    for name in ("text8-sgns", "d2l-ptb"):
        flags = [*QUICK, "--watch", "red"]
        assert shell("train", "--recipe", name, corpus, "-o", tmp_path / f"{name}.wv", *flags)[0] == 0
    model = tmp_path / "text8-sgns.wv"
    assert drawn == [(str(model), {"output": tmp_path / "text8-sgns.wv.png", "words": 380})]


def test_without_the_packages_of_the_map_the_model_is_there_and_a_line_says_how_to_get_it(
    shell, corpus, tmp_path, monkeypatch
):
    def missing(*arguments, **settings):
        raise MissingPackageError("a map needs matplotlib: pip install 'wordvec[map]'")

    monkeypatch.setattr("wordvec.cli.map.map_words", missing)
    flags = [*QUICK, "--watch", "red"]
    status, _, err = shell("train", "--recipe", "text8-sgns", corpus, "-o", tmp_path / "m.wv", *flags)
    assert status == 0
    assert err.endswith("no picture of the words: a map needs matplotlib: pip install 'wordvec[map]'\n")
    assert len(wordvec.load(tmp_path / "m.wv")) == 3


def test_a_model_to_start_from_goes_with_a_recipe(shell, corpus, tmp_path):
    shell("train", corpus, "-o", tmp_path / "base.wv", *QUICK)
    flags = ["--start-from", tmp_path / "base.wv", "--epochs", 1, "--min-count", 2]
    flags += ["--subsample", 0, "--watch", "red"]
    assert shell("train", "--recipe", "d2l-ptb", corpus, "-o", tmp_path / "m.wv", *flags)[0] == 0
    assert wordvec.load(tmp_path / "m.wv").dim == 4


@pytest.mark.usefixtures("nothing_is_loaded")
@pytest.mark.parametrize("name", RECIPES)
def test_a_dry_run_tells_all_settings_and_where_they_come_from(shell, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = planned(shell, "--recipe", name, "--dim", 33, "--seed", 1)
    config, data = recipe(name).config, recipe(name).data
    held_out = 0.0 if data.validation_split else recipe(name).validation
    assert plan["settings"] == asdict(replace(config, dim=33, validation=held_out))
    assert set(plan["origins"]) == {field.name for field in fields(Config)}
    assert (plan["origins"]["dim"], plan["origins"]["seed"]) == ("flag", "flag")
    assert (plan["origins"]["optimizer"], plan["origins"]["threads"]) == ("recipe", "default")
    assert plan["text"] == f"{data} (Hugging Face hub)"
    assert plan["tokenizer"] == recipe(name).tokenizer
    assert (plan["watch"], plan["watch_sample"]) == (list(recipe(name).watch), recipe(name).watch_sample)
    assert plan["map_words"] == recipe(name).map_words
    assert plan["differences"] == list(recipe(name).differences)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("nothing_is_loaded")
def test_a_dry_run_is_a_table_for_readers(shell):
    status, out, err = shell(
        "train", "--recipe", "wikitext103", "--epochs", 2, "--output", "m.wv", "--watch", "sea", "--dry-run"
    )
    assert status == 0
    rows = dict(line.split("\t") for line in out.splitlines())
    assert rows["recipe"] == "wikitext103"
    assert rows["checkpoint_every"] == "1epoch"
    assert rows["validation_text"] == "validation split"
    assert rows["watch"] == "sea"
    assert rows["epochs"] == "2 (flag)"
    assert rows["negatives"] == "50 (recipe)"
    assert rows["max_vocab"] == "none (default)"
    assert set(rows) >= {field.name for field in fields(Config)}
    assert "unlike the original: A noise word that is a target" in err


@pytest.mark.usefixtures("nothing_is_loaded")
def test_a_dry_run_needs_no_recipe_and_no_text(shell):
    plan = planned(shell, "--optimizer", "adam", "--watch-sample", 3)
    assert plan["recipe"] is None
    assert plan["text"] == "nothing yet: give a path"
    assert plan["settings"]["learning_rate"] == 1e-3
    assert set(plan["origins"].values()) == {"default", "flag"}
    assert (plan["tokenizer"], plan["watch_sample"]) == ("whitespace", 3)
    assert (plan["estimate"], plan["no_estimate"]) == (None, "there is no text to look at: give a path")


@pytest.mark.usefixtures("nothing_is_loaded")
@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], "0.01 of the text, held out"),
        (["--validation", 0.125], "0.125 of the text, held out"),
        (["--validation-file", "dev.txt"], "dev.txt"),
        (["--validation", 0], None),
    ],
    ids=["by the recipe", "share", "file", "none"],
)
def test_a_dry_run_tells_what_is_validated_on(shell, corpus, tmp_path, monkeypatch, flags, expected):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dev.txt").write_text(TEXT, encoding="utf-8")
    plan = planned(shell, corpus, "--recipe", "d2l-ptb", *flags)
    assert plan["validation_text"] == expected


def test_a_dry_run_tells_what_a_model_to_start_from_brings(shell, corpus, tmp_path):
    shell("train", corpus, "-o", tmp_path / "base.wv", *QUICK)
    for flags in ([], ["--recipe", "d2l-ptb"]):
        plan = planned(shell, corpus, "--start-from", tmp_path / "base.wv", *flags)
        assert (plan["settings"]["dim"], plan["settings"]["initialization"]) == (4, "word2vec")
        assert plan["origins"]["dim"] == "the model to start from"


@pytest.mark.usefixtures("nothing_is_loaded")
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--recipe", "glove"], "there is no recipe 'glove'"),
        (["--recipe", "d2l-ptb", "--window", 0], "window must be"),
        (["--recipe", "d2l-ptb", "--validation-file", "dev.txt"], "goes with text of your own"),
    ],
    ids=["unknown", "out of range", "nothing to validate"],
)
def test_a_dry_run_refuses_what_the_run_would_refuse(shell, flags, message):
    for dry in (["--dry-run"], ["--output", "m.wv"]):
        status, out, err = shell("train", *flags, *dry)
        assert (status, out) == (2, "")
        assert message in err


def test_a_place_of_the_map_that_something_else_has_is_refused_before_training(shell, corpus, tmp_path):
    (tmp_path / "m.wv.png").write_text("a holiday", encoding="utf-8")
    status, _, err = shell("train", "--recipe", "text8-sgns", corpus, "-o", tmp_path / "m.wv", *QUICK)
    assert status == 1
    assert "m.wv.png is a file of something other than a map; it was not touched" in err
    assert "counting" not in err


def test_a_map_that_fails_is_a_warning_as_the_vectors_are_saved(shell, corpus, tmp_path, monkeypatch):
    for problem in (ResourceError("no room"), RuntimeError("no convergence"), MemoryError()):

        def fail(*_, problem=problem, **__):
            raise problem

        monkeypatch.setattr("wordvec.cli.map.map_words", fail)
        status, _, err = shell("train", "--recipe", "text8-sgns", corpus, "-o", tmp_path / "m.wv", *QUICK)
        assert status == 0
        assert f"warning: the vectors are saved in {tmp_path / 'm.wv'}, but the step after it failed: " in err
        assert len(wordvec.load(tmp_path / "m.wv")) == 3
