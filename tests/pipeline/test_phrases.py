import json

import numpy as np
import pytest

import wordvec
from wordvec.errors import ConfigError, FormatError

TEXTS = [f"w{n % 50} new york x{n % 50} old rivers y{n % 50}".split() for n in range(200)]
SETTINGS = {"dim": 6, "epochs": 2, "threads": 1, "subsample": 0, "min_count": 2}


@pytest.fixture(scope="module")
def phrases():
    found = wordvec.find_phrases(TEXTS, threshold=0.5)
    assert "new_york" in found
    return found


def test_training_with_phrases_is_training_on_the_joined_texts(phrases):
    vectors = wordvec.train(TEXTS, phrases=phrases, **SETTINGS)
    joined = wordvec.train([phrases.join(text) for text in TEXTS], **SETTINGS)
    assert vectors.words == joined.words
    assert "new_york" in vectors
    assert "york" not in vectors
    assert np.array_equal(vectors.matrix, joined.matrix)
    assert vectors.phrases == phrases


def test_the_text_to_validate_on_is_joined_too(phrases):
    given = wordvec.train(TEXTS, phrases=phrases, validation_source=TEXTS[:50], **SETTINGS)
    joined = [phrases.join(text) for text in TEXTS]
    expected = wordvec.train(joined, validation_source=joined[:50], **SETTINGS)
    losses = [
        [record["validation_loss"] for record in vectors.training if record["event"] == "epoch"]
        for vectors in (given, expected)
    ]
    assert losses[0] == losses[1]


def test_a_path_of_phrases_is_read(phrases, tmp_path):
    phrases.save(tmp_path / "phrases.json")
    assert wordvec.train(TEXTS, phrases=tmp_path / "phrases.json", **SETTINGS).phrases == phrases


def test_a_model_keeps_its_phrases_in_its_folder_and_other_models_have_none(phrases, tmp_path):
    vectors = wordvec.train(TEXTS, phrases=phrases, **SETTINGS)
    vectors.save(tmp_path / "model.wv")
    read = wordvec.load(tmp_path / "model.wv")
    assert read.phrases == phrases
    assert read.config["phrases"].startswith(f"{len(phrases)} in 1 passes, sha256 ")
    wordvec.train(TEXTS, **SETTINGS).save(tmp_path / "model.wv")
    assert not (tmp_path / "model.wv" / "phrases.json").exists()
    assert wordvec.load(tmp_path / "model.wv").phrases is None


def test_damaged_phrases_of_a_model_are_refused_in_one_line(phrases, tmp_path):
    wordvec.train(TEXTS, phrases=phrases, **SETTINGS).save(tmp_path / "model.wv")
    (tmp_path / "model.wv" / "phrases.json").write_text("{")
    with pytest.raises(FormatError, match=r"phrases\.json is not a file of phrases, or damaged"):
        wordvec.load(tmp_path / "model.wv")


def interrupt_after(epochs):
    def stop(progress):
        if getattr(progress, "is_epoch_end", False) and progress.epoch == epochs:
            raise KeyboardInterrupt

    return stop


def test_a_resumed_run_joins_the_same_phrases_to_the_same_bytes(phrases, tmp_path):
    whole = wordvec.train(TEXTS, phrases=phrases, **SETTINGS)
    wordvec.train(
        TEXTS, phrases=phrases, checkpoint=tmp_path / "run.wv", on_progress=interrupt_after(1), **SETTINGS
    )
    resumed = wordvec.resume(tmp_path / "run.wv", TEXTS)
    assert resumed.words == whole.words
    assert np.array_equal(resumed.matrix, whole.matrix)
    assert resumed.phrases == phrases


def test_a_checkpoint_without_its_phrases_is_not_resumed(phrases, tmp_path):
    wordvec.train(
        TEXTS, phrases=phrases, checkpoint=tmp_path / "run.wv", on_progress=interrupt_after(1), **SETTINGS
    )
    (tmp_path / "run.wv" / "phrases.json").unlink()
    with pytest.raises(FormatError, match=r"its settings and phrases\.json do not agree"):
        wordvec.resume(tmp_path / "run.wv", TEXTS)


def test_a_checkpoint_with_other_phrases_is_not_resumed(phrases, tmp_path):
    folder = tmp_path / "run.wv"
    wordvec.train(TEXTS, phrases=phrases, checkpoint=folder, on_progress=interrupt_after(1), **SETTINGS)
    parsed = json.loads((folder / "phrases.json").read_text())
    parsed["passes"][0] = [one for one in parsed["passes"][0] if one["words"] != ["new", "york"]]
    (folder / "phrases.json").write_text(json.dumps(parsed))
    with pytest.raises(wordvec.WordvecError, match=r"has changed since the checkpoint|other settings"):
        wordvec.resume(folder, TEXTS)


def test_a_model_that_is_trained_on_keeps_joining_its_phrases(phrases):
    before = wordvec.train(TEXTS, phrases=phrases, **SETTINGS)
    grown = wordvec.train(TEXTS[:100], start_from=before, **SETTINGS)
    assert grown.phrases == phrases
    assert "york" not in grown


def test_something_else_than_phrases_is_refused_before_anything_is_read():
    with pytest.raises(ConfigError, match=r"phrases must be what wordvec.find_phrases returns"):
        wordvec.train("nowhere.txt", phrases=["new york"])
