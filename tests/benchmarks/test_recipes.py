"""A recipe's figures are those of the run, and the article's loss is the article's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from benchmarks.article_loss import ArticleLoss
from torch import nn

import wordvec
from benchmarks import recipes
from wordvec.models.architectures import SkipGram, Windows
from wordvec.models.negative_sampling import NegativeSampling
from wordvec.models.word2vec import Word2Vec
from wordvec.recipes.catalog import RECIPES

# as d2l's recipe has it: the center predicts its contexts, each center's loss is a mean over its own pairs
LIKE_D2L = {
    "engine": "torch",
    "device": "cpu",
    "skipgram_input": "center",
    "negative_sharing": "pair",
    "reduction": "example_mean",
    "optimizer": "adam",
    "learning_rate": 1e-9,
    "final_learning_rate": 0,
    "initialization": "normal",
    "subsample": 0,
    "min_count": 1,
    "negatives": 3,
    "noise_power": 0,
    "dim": 4,
    "threads": 1,
}


def article_loss(texts: list[list[str]], **settings: object) -> tuple[dict, list[dict]]:
    heard = ArticleLoss()
    with heard.listening():
        vectors = wordvec.train(
            texts,
            config=wordvec.Config(**(LIKE_D2L | settings)),
            on_progress=lambda progress: getattr(progress, "is_epoch_end", False) and heard.end_epoch(),
        )
    return heard.result(), [record for record in vectors.training if record["event"] == "epoch"]


def test_where_all_centers_have_as_many_pairs_both_losses_are_the_same():
    result, records = article_loss([["a", "b"], ["c", "d"], ["b", "d"]] * 20, epochs=2)
    assert result["by_epoch"] == pytest.approx([record["epoch_loss"] for record in records], rel=1e-5)
    assert result["all_epochs"] == pytest.approx(np.mean(result["by_epoch"]), rel=1e-6)


def test_a_center_with_many_contexts_counts_as_much_as_one_with_few():
    vectors = torch.tensor([[0.0], [0.0], [2.0]])
    model = Word2Vec(
        nn.Embedding.from_pretrained(vectors, freeze=False),
        SkipGram("center"),
        NegativeSampling(nn.Embedding.from_pretrained(vectors + 1)),
    )
    windows = Windows(
        centers=torch.tensor([1, 2]),  # the vectors 0 and 2
        contexts=torch.tensor([[2, 0, 0], [1, 1, 1]]),
        is_context=torch.tensor([[True, False, False], [True, True, True]]),
        negatives=torch.tensor([[[0]] * 3, [[2]] * 3]),
    )
    heard = ArticleLoss()
    with heard.listening():
        model(windows)
        heard.end_epoch()
    first = np.log(2)  # two terms of score 0
    second = (np.log1p(np.exp(-2)) + np.log1p(np.exp(6))) / 2  # three true pairs of score 2, three noise of 6
    assert heard.result()["by_epoch"] == pytest.approx([(first + second) / 2])


def test_held_out_text_is_not_heard():
    texts = [["a", "b", "c"]] * 50
    result, (record,) = article_loss(texts, epochs=1, validation=0.4, window=2, window_reach="fixed")
    assert "validation_loss" in record
    assert result["by_epoch"] == pytest.approx([record["epoch_loss"]], rel=1e-5)
    assert result["by_epoch"] != pytest.approx([record["validation_loss"]], rel=1e-5)


def test_nothing_is_heard_afterwards():
    heard = ArticleLoss()
    with heard.listening():
        pass
    wordvec.train([["a", "b"]] * 9, config=wordvec.Config(**LIKE_D2L))
    heard.end_epoch()
    with pytest.raises(ZeroDivisionError):
        heard.result()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    draw = np.random.default_rng(1)
    path = tmp_path / "text.txt"
    path.write_text("\n".join(" ".join(draw.choice(["chip", "intel", "of", "in"], 9)) for _ in range(200)))
    return path


def measure(monkeypatch: pytest.MonkeyPatch, corpus: Path, *arguments: str) -> dict:
    line = ["recipes", "--corpus", str(corpus), "--results", str(corpus.parent), *arguments]
    monkeypatch.setattr("sys.argv", line)
    recipes.main()
    return json.loads((corpus.parent / "recipes.json").read_text())


SMALL = ("--set", "dim=4", "threads=1", "subsample=0", "device=cpu")


def test_each_epoch_has_its_losses_and_changed_settings_are_reported(
    monkeypatch: pytest.MonkeyPatch, corpus: Path, capsys: pytest.CaptureFixture[str]
):
    entries = measure(monkeypatch, corpus, "--recipe", "d2l-ptb", *SMALL, "epochs=3", "engine=torch")
    entry = entries["d2l-ptb, torch engine"]
    assert [epoch["epoch"] for epoch in entry["epochs"]] == [1, 2, 3]
    assert all(epoch["validation_loss"] > 0 for epoch in entry["epochs"])
    assert len(entry["article_loss"]["by_epoch"]) == 3
    page = capsys.readouterr().out
    assert "| epoch | s | loss | validation loss | loss as the article has it |" in page
    assert f"{entry['article_loss']['all_epochs']:.4f}" in page
    assert "not the recipe's: dim 4, threads 1, subsample 0, device cpu, epochs 3, engine torch" in page
    assert sorted(near for near, _ in entry["epochs"][-1]["neighbors"]["chip"]) == ["in", "intel", "of"]
    assert "- chip: " in page


def test_the_results_of_other_recipes_stay(monkeypatch: pytest.MonkeyPatch, corpus: Path):
    before = measure(monkeypatch, corpus, "--recipe", "d2l-ptb", *SMALL, "epochs=1")
    watch = ["--watch", "intel", "--validation-file", str(corpus)]
    after = measure(monkeypatch, corpus, "--recipe", "text8-sgns", *watch, *SMALL, "epochs=1")
    assert list(after) == ["d2l-ptb", "text8-sgns"]
    assert after["d2l-ptb"] == before["d2l-ptb"]
    assert after["d2l-ptb"]["article_loss"] is None  # compiled kernels do not tell it
    assert after["text8-sgns"]["article_loss"] is None
    assert list(after["text8-sgns"]["epochs"][0]["neighbors"]) == ["intel"]
    page = (corpus.parent / "recipes.md").read_text()
    assert "## d2l-ptb" in page
    assert "## text8-sgns" in page


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("epochs=1", ("epochs", 1)),
        ("optimizer=adam", ("optimizer", "adam")),
        ("max_vocab=None", ("max_vocab", None)),
    ],
    ids=["number", "word", "none"],
)
def test_settings_are_written_as_in_python(text: str, setting: tuple):
    assert recipes._setting(text) == setting


def test_a_setting_without_a_value_is_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        recipes._parser().parse_args(["--recipe", "d2l-ptb", "--corpus", "text", "--set", "epochs"])
    assert "must be NAME=VALUE, got 'epochs'" in capsys.readouterr().err


def test_each_recipe_stands_beside_what_was_reported():
    assert recipes.REPORTED.keys() == RECIPES.keys()


def test_a_result_of_another_engine_stands_beside_that_of_the_recipe_s_own():
    own, other = ({"settings": {"engine": engine}} for engine in ("numba", "torch"))
    assert recipes.name_of("wikitext103", own) == "wikitext103"
    assert recipes.name_of("wikitext103", other) == "wikitext103, torch engine"
