import json

import pytest

from wordvec.vectors.word_vectors import WordVectors


def test_what_is_in_a_model_and_how_it_was_made(shell, model):
    status, out, err = shell("info", model)
    facts = dict(line.split("\t") for line in out.splitlines())
    assert (status, err) == (0, "")
    assert facts == {
        "path": str(model),
        "format": "native",
        "words": "9",
        "dimensions": "3",
        "occurrences": "90, of these words in the corpus",
        "output vectors": "yes",
        "first words": "king man woman queen paris -dash two words bell\\x07 東京",
        "setting dim": "3",
        "setting architecture": "skipgram",
        "setting max_vocab": "none",
        "loss of each epoch": "3.5 2.25",
        "corpus texts": "7",
        "done words_trained": "180",
        "done phases": "counting 0.5, training 1.25",
    }


def test_json_has_every_report(shell, model, vectors):
    _, out, _ = shell("info", model, "--json")
    facts = json.loads(out)
    assert facts["training"] == vectors.training
    assert facts["settings"] == vectors.config
    assert (facts["words"], facts["dim"], facts["occurrences"]) == (9, 3, 90)


def test_a_training_without_events_shows_its_last_record(shell, tmp_path):
    WordVectors(["a"], [[1.0]], training=[{"loss": 3}, {"loss": 2}]).save(tmp_path / "model.wv")
    out = shell("info", tmp_path / "model.wv")[1]
    assert out.splitlines()[-2:] == ["first words\ta", "training loss\t2"]


def test_files_of_others_have_less_to_tell(shell, tmp_path):
    (tmp_path / "v.txt").write_bytes(b"a 1 2\nb 3 4\n")
    _, out, _ = shell("info", tmp_path / "v.txt")
    assert "format\tglove\nwords\t2\ndimensions\t2\noccurrences\tnot known\noutput vectors\tno\n" in out
    assert "setting" not in out
    assert json.loads(shell("info", tmp_path / "v.txt", "--json")[1])["settings"] is None


@pytest.mark.parametrize(
    ("field", "shown"), [({}, "none"), ({"epoch_loss": None}, "none"), ({"epoch_loss": [2]}, "[2]")], ids=str
)
def test_an_epoch_without_a_loss_is_shown_as_none(shell, tmp_path, field, shown):
    epochs = [{"event": "epoch", **field}, {"event": "epoch", "epoch_loss": 0.5}]
    WordVectors(["a"], [[1.0]], training=epochs).save(tmp_path / "model.wv")
    out = shell("info", tmp_path / "model.wv")[1]
    assert f"loss of each epoch\t{shown} 0.5" in out.splitlines()
