import wordvec
from wordvec.cli import demo
from wordvec.config import Config

SMALL = Config(dim=4, epochs=1, min_count=1, threads=1)


def test_the_demo_trains_saves_and_says_what_to_do_next(shell, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "SETTINGS", SMALL)
    monkeypatch.setattr(demo, "MAX_WORDS", 2000)
    model = tmp_path / "demo.wv"
    status, out, err = shell("demo", "--output", model)
    assert status == 0
    vectors = wordvec.load(model)
    assert len(vectors) > 100
    assert [line.split("\t")[0] for line in out.splitlines()] == [
        word for word in demo.SHOWN if word in vectors
    ]
    assert f"wordvec similar {model} network" in err


def test_the_demo_does_not_replace_what_is_not_a_model(shell, tmp_path):
    (tmp_path / "notes.txt").write_text("precious", encoding="utf-8")
    assert shell("demo", "--output", tmp_path)[0] == 1
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "precious"
