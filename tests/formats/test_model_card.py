import re

import pytest

from wordvec.config import Config
from wordvec.formats.model_card import (
    corpus_table,
    epochs_table,
    machine_table,
    model_card,
    settings_table,
    time_table,
)
from wordvec.vectors.word_vectors import WordVectors


def section(card, title):
    found = re.search(rf"^## {title}\n\n(.*?)(?=^## |\Z)", card, re.DOTALL | re.MULTILINE)
    return found[1] if found else None


def changed(vectors, config=None, **of_the_last_record):
    """The same model with other settings, or with more in its last record."""
    *records, last = vectors.training
    return WordVectors(
        vectors.words,
        vectors.matrix,
        counts=vectors.counts,
        config=vectors.config if config is None else config,
        training=[*records, last | of_the_last_record],
    )


@pytest.fixture
def trained():
    """A model with records as a run of today leaves them."""
    return WordVectors(
        ["the", "sea"],
        [[1.0, 0.5], [0.25, 2.0]],
        counts=[5, 2],
        config={
            "window": 5,
            "dim": 2,
            "keep": "best",
            "threads": 2,
            "learning_rate": 0.025,
            "tokenizer": "words",
        },
        training=[
            {
                "event": "corpus",
                "words_read": 1234567,
                "distinct_words": 40,
                "texts": 7,
                "corpus_sha256": "ab12",
            },
            {"event": "report", "epoch": 1, "loss": 9.0},
            {
                "event": "epoch",
                "epoch": 1,
                "epoch_loss": 2.5,
                "validation_loss": 2.625,
                "scores": {
                    "questions-words": {"kind": "analogies", "value": 0.125, "asked": 17000, "of": 19544}
                },
            },
            {"event": "epoch", "epoch": 2, "epoch_loss": 2.25, "validation_loss": 2.375},
            {
                "event": "done",
                "phases": {"counting": 0.5, "training": 61.25},
                "words_per_second": 1500000,
                "wall_seconds": 62.5,
                "threads": 2,
                "machine": {"system": "Linux x86_64", "versions": {"wordvec": "0.1.0", "numpy": "2.1"}},
            },
        ],
    )


def test_the_card_says_what_it_is_and_how_to_load_it(full):
    card = model_card(full, "0.1.0")
    assert "# Word vectors: 16 words, 3 dimensions" in card
    assert f"occur {full.counts.sum():,} times" in card
    assert "wordvec.load(" in card
    assert "`output`" in card


def test_the_card_says_what_was_done(trained):
    card = model_card(trained, "0.1.0")
    assert "| words in the text | 1,234,567 |" in section(card, "Text")
    assert "| SHA-256 of the text as word ids | ab12 |" in section(card, "Text")
    assert section(card, "Training").splitlines()[2:] == [
        "| epoch | training loss | validation loss | questions-words: share right |",
        "| --- | --- | --- | --- |",
        "| 1 | 2.5 | 2.625 | 0.125 (17,000 of 19,544) |",
        "| 2 | 2.25 | 2.375 | |",
        "",
    ]
    assert "best epoch" in section(card, "Training")
    assert "| training | 61.25 (1,500,000 words a second) |" in section(card, "Time")
    assert "| all | 62.5 |" in section(card, "Time")
    assert "| system | Linux x86_64 |" in section(card, "Machine")
    assert "| versions | wordvec 0.1.0, numpy 2.1 |" in section(card, "Machine")
    assert "prejudices" in section(card, "Limits")
    assert "license" in section(card, "Limits")


def test_the_card_leaves_out_what_is_not_known(plain):
    card = model_card(plain, "0.1.0")
    assert "occur" not in card
    assert re.findall("^## .*", card, re.MULTILINE) == ["## Limits"]
    assert "`output`" not in card


def test_a_model_of_another_program_has_a_card_of_what_it_says(full):
    """Records without events, settings without a meaning here."""
    card = model_card(full, "0.1.0")
    assert section(card, "Training") is None
    assert section(card, "Time") is None
    assert '| architecture | "skipgram" | "skipgram" |' in section(card, "Settings")


def test_the_front_matter_is_plain_yaml_of_names_that_the_hub_knows(trained, plain):
    for vectors in (trained, plain):
        first, *lines = model_card(vectors, "0.1.0").split("\n---\n")[0].splitlines()
        assert first == "---"
        assert dict(line.split(": ") for line in lines) == {
            "library_name": "wordvec",
            "pipeline_tag": "feature-extraction",
            "tags": "[word2vec, word-vectors, feature-extraction]",
        }


def test_an_interrupted_run_is_reported_as_one(trained):
    assert "interrupted" not in model_card(trained, "0.1.0")
    interrupted = changed(trained, event="interrupted")
    assert "interrupted before its end" in section(model_card(interrupted, "0.1.0"), "Training")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"keep": "best", "patience": None}, "best epoch so far, by validation loss."),
        ({"keep": "last", "patience": 2, "best_by": "analogies"}, "best epoch so far, by analogies."),
        ({"keep": "last", "patience": None}, None),
    ],
    ids=["best", "patience", "last"],
)
def test_the_card_says_which_epochs_vectors_they_are(trained, settings, sentence):
    found = section(model_card(changed(trained, settings), "0.1.0"), "Training")
    assert (sentence or "") in found
    assert ("best epoch" in found) == (sentence is not None)


def test_a_run_that_stopped_early_says_why(trained):
    stopped = changed(trained, stopped_early="similarity no better for 2 epochs")
    assert "stopped early: similarity no better for 2 epochs." in model_card(stopped, "0.1.0")


def test_what_differs_from_the_default_comes_first():
    settings = {"seed": 1, "dim": 300, "threads": 2, "engine": "numba", "own": "x", "optimizer": "adam"}
    settings |= {"architecture": "cbow", "learning_rate": 0.001}
    rows = [line.split(" | ")[0].strip("| ") for line in settings_table(settings).splitlines()[2:]]
    assert rows == ["dim", "own", "optimizer", "architecture", "seed", "threads", "engine", "learning_rate"]
    assert "| learning_rate | 0.001 | 0.001 |" in settings_table(settings)  # the default of adam
    assert "| learning_rate | 0.001 | 0.025 |" in settings_table({"learning_rate": 0.001})


def test_settings_that_could_not_be_set_do_not_break_the_card():
    assert '| optimizer | 7 | "sgd" |' in settings_table({"optimizer": 7, "architecture": "skipgram"})
    assert Config().first_learning_rate == 0.025


def test_a_bar_or_a_new_line_does_not_break_a_table():
    assert '| corpus | "a\\|b\\nc" | |' in settings_table({"corpus": "a|b\nc"})
    assert machine_table({"machine": {"system": "a\nb|c"}}).endswith("| system | a b\\|c |")


def test_long_runs_have_a_row_for_some_epochs_the_first_and_the_last_among_them():
    rows = epochs_table([{"epoch": number + 1, "epoch_loss": 1.5} for number in range(101)]).splitlines()[2:]
    assert (len(rows), rows[0], rows[-1]) == (20, "| 1 | 1.5 |", "| 101 | 1.5 |")


def test_losses_that_are_missing_or_no_numbers_leave_their_cells_empty_or_as_they_are():
    table = epochs_table([{"epoch": 1}, {"epoch": 2, "epoch_loss": None, "validation_loss": 2, "scores": 3}])
    assert table.splitlines()[2:] == ["| 1 | | |", "| 2 | | 2 |"]
    odd = epochs_table([{"epoch": 1, "epoch_loss": "low", "scores": {"a": 0.5, "b": {"value": 0.25}}}])
    assert odd.splitlines()[2:] == ["| 1 | low | 0.5 | 0.25 |"]


def test_machines_are_a_line_of_text_in_older_models():
    assert "| system | Linux x86_64, Python 3.11.0 |" in machine_table(
        {"machine": "Linux x86_64, Python 3.11.0"}
    )


def test_what_has_no_rows_has_no_table():
    assert [corpus_table({}), settings_table({}), time_table({}), machine_table({})] == [""] * 4


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "rose\n\n# Verified by all", "rose [home](http://x.example)"]
)
def test_a_record_cannot_add_html_headings_or_links(text):
    records = [{"event": "epoch", "epoch": 1, "epoch_loss": 2.0}, {"event": "end", "stopped_early": text}]
    card = model_card(
        WordVectors(["a"], [[1.0]], training=records, config={"best_by": text, "keep": "best"}), "1"
    )
    assert "<script" not in card
    assert "\n# Verified" not in card
    assert " [home](" not in card


@pytest.mark.parametrize("kind", [["analogies"], {"a": 1}, None, 3, "unheard of"], ids=str)
def test_a_score_of_a_kind_that_is_none_has_its_value_in_the_card(kind):
    score = {"kind": kind, "value": 0.25}
    vectors = WordVectors(
        ["a"], [[1.0]], training=[{"event": "epoch", "epoch": 1, "scores": {"pairs": score}}]
    )
    assert "| 1 |  | 0.25 |" in model_card(vectors, "1.0").replace("| |", "|  |")


@pytest.mark.parametrize(
    "value", [None, True, "x", [1], {"a": [None]}, -1, 10**400], ids=lambda value: str(value)[:9]
)
@pytest.mark.parametrize(
    "name", ["event", "epoch", "epoch_loss", "scores", "phases", "machine", "words_per_second"]
)
def test_no_odd_field_of_a_record_breaks_the_card(name, value):
    record = {"event": "epoch", "epoch": 1, "epoch_loss": 2.5, "scores": {}, "phases": {"training": 2}}
    for training in ([{**record, name: value}], [{**record, "scores": {"t": value}}], [{"event": "epoch"}]):
        assert model_card(WordVectors(["a"], [[1.0]], training=training), "1.0").startswith("---")
