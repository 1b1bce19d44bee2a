import re
import sys

import numpy as np
import pytest

from wordvec.vectors.word_vectors import WordVectors

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")

WORDS = ["the", "of", "oak", "elm", "ash", "cod", "eel", "ray", "tin", "zinc"]


@pytest.fixture
def forest(tmp_path):
    """Trees, fish and metals; `of` occurs least often though it stands second."""
    axes = np.eye(4, 6)[[0, 0, 1, 1, 1, 2, 2, 2, 3, 3]] + np.random.default_rng(1).normal(
        scale=0.1, size=(10, 6)
    )
    WordVectors(WORDS, axes, counts=[99, 1, *range(50, 10, -5)]).save(tmp_path / "forest.wv")
    return tmp_path / "forest.wv"


def texts(path):
    return re.findall(r"<text [^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))


def words_on(path):
    return [text for text in texts(path) if text in WORDS]


def test_a_map_of_all_words_is_a_png_unless_asked_otherwise(shell, forest, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    expected = "wordvec: t-SNE of 10 words ...\nwordvec: saved map.png: 10 words\n"
    assert shell("map", forest) == (0, "", expected)
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_the_most_frequent_words_are_those_of_the_highest_counts(shell, forest, tmp_path):
    status, _, err = shell("map", forest, "-o", tmp_path / "m.svg", "--words", 3, "--method", "pca")
    assert status == 0
    assert "PCA of 3 words" in err
    assert sorted(words_on(tmp_path / "m.svg")) == ["elm", "oak", "the"]
    assert "The 3 most frequent words of forest.wv" in texts(tmp_path / "m.svg")


def test_words_after_the_limit_are_not_drawn(shell, forest, tmp_path):
    shell("map", forest, "-o", tmp_path / "m.svg", "--limit", 3, "--method", "pca")
    assert sorted(words_on(tmp_path / "m.svg")) == ["oak", "of", "the"]


def test_without_counts_the_first_words_are_the_most_frequent(shell, tmp_path):
    WordVectors(WORDS, np.eye(10)).save(tmp_path / "v.bin")
    shell("map", tmp_path / "v.bin", "-o", tmp_path / "m.svg", "--words", 2)
    assert sorted(words_on(tmp_path / "m.svg")) == ["of", "the"]


@pytest.mark.parametrize(
    "flags", [["--only", "tin", "oak", "tin"], ["--only", "tin", "--only=oak"]], ids=["a list", "repeated"]
)
def test_words_may_be_chosen_one_by_one(shell, forest, tmp_path, flags):
    status, _, err = shell("map", forest, *flags, "-o", tmp_path / "m.svg")
    assert (status, err.splitlines()[1]) == (0, f"wordvec: saved {tmp_path / 'm.svg'}: 2 words")
    assert sorted(words_on(tmp_path / "m.svg")) == ["oak", "tin"]
    assert "2 words of forest.wv" in texts(tmp_path / "m.svg")


def test_near_draws_words_with_their_neighbors_in_turn(shell, forest, tmp_path):
    shell("map", forest, "--near", "eel", "ash", "--words", 6, "-o", tmp_path / "m.svg")
    assert sorted(words_on(tmp_path / "m.svg")) == ["ash", "cod", "eel", "elm", "oak", "ray"]
    assert "The words of forest.wv nearest to eel, ash" in texts(tmp_path / "m.svg")
    shell("map", forest, "--near", "eel", "ash", "tin", "--words", 2, "-o", tmp_path / "m.svg")
    assert sorted(words_on(tmp_path / "m.svg")) == [
        "ash",
        "eel",
        "tin",
    ]  # what was asked for by name is there


def test_a_seed_draws_the_same_map_again(shell, forest, tmp_path):
    for name, seed in (("a.png", 5), ("b.png", 5), ("c.png", 6)):
        assert shell("map", forest, "-o", tmp_path / name, "--seed", seed)[0] == 0
    a, b, c = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert a == b != c


def test_words_without_room_are_counted(shell, tmp_path):
    WordVectors([f"word{number}" for number in range(90)], np.ones((90, 2))).save(tmp_path / "v.bin")
    _, _, err = shell("map", tmp_path / "v.bin", "-o", tmp_path / "m.svg", "--method", "pca")
    shown = len([text for text in texts(tmp_path / "m.svg") if text.startswith("word")])
    assert 0 < shown < 90
    assert err.endswith(f"m.svg: 90 words, {90 - shown} of them as dots for want of room\n")


def test_a_picture_is_replaced_and_nothing_else_is(shell, forest, tmp_path):
    (tmp_path / "old.png").write_bytes(b"\x89PNG old")
    (tmp_path / "notes.svg").write_bytes(b"mine")
    assert shell("map", forest, "-o", tmp_path / "old.png")[0] == 0
    assert len((tmp_path / "old.png").read_bytes()) > 5000
    status, _, err = shell("map", forest, "-o", tmp_path / "notes.svg")
    assert status == 1
    assert "notes.svg is a file of something other than a map" in err
    assert (tmp_path / "notes.svg").read_bytes() == b"mine"


def test_a_map_that_fails_leaves_the_old_one(shell, forest, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise KeyboardInterrupt

    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "old.png").write_bytes(b"\x89PNG old")
    monkeypatch.setattr("wordvec.visualization.map_picture.draw_map", fail)
    assert shell("map", forest, "-o", tmp_path / "maps" / "old.png")[0] == 130
    assert [path.name for path in (tmp_path / "maps").iterdir()] == ["old.png"]
    assert (tmp_path / "maps" / "old.png").read_bytes() == b"\x89PNG old"


@pytest.mark.parametrize(
    ("flags", "status", "line"),
    [
        (["-o", "map.htm"], 2, "one of .png, .svg, .pdf, .html, .parquet, .projector; got map.htm"),
        (["--words", "100001"], 2, "Must be <= 100000."),
        (
            ["-o", "m.html", "--label-size", "9"],
            2,
            "--label-size is for a picture (.png, .svg, .pdf): leave it out",
        ),
        (
            ["--label", "oak"],
            2,
            "--label is for a page (.html): leave it out, or choose another ending than .png",
        ),
        (["--label-file", "x"], 2, "--label-file is for a page (.html)"),
        (["-o", "m.projector", "--method", "pca"], 2, "--method is for every map but the projector's"),
        (["-o", "m.projector", "--seed", "0"], 2, "--seed is for every map but the projector's"),
        (["-o", "m.html", "--label", "oka"], 1, "'oka' is not in the vocabulary (10 words)"),
        (
            ["-o", "m.html", "--label-file", "none.txt"],
            1,
            "none.txt does not exist; check the path",
        ),
        (["--words", "1"], 2, 'Invalid value "1" for --words. Must be >= 2.'),
        (["--words", "5001"], 2, "a picture shows at most 5,000 words, as more cannot be read; got 5,001"),
        (["--label-size", "0"], 2, "--label-size"),
        (["--seed", "-1"], 2, "--seed"),
        (["--method", "som"], 2, "--method"),
        (["--only"], 2, "--only requires at least 1"),
        (["--near"], 2, "--near requires at least 1"),
        (["--only", "oak", "--words", "9"], 2, "--only draws its own words: leave out --words or --only"),
        (["--only", "oak", "--near", "elm"], 2, "--only draws its own words: leave out --near or --only"),
        (["--only", "oak", "oak"], 2, "a map needs at least two words, got only 'oak'"),
        (["--only", "oka", "elm"], 1, "'oka' is not in the vocabulary (10 words); closest spellings: oak"),
        (["--output", "forest.wv/config.json/m.svg"], 1, "m.svg cannot be written: Not a directory"),
        (["--near", "oka"], 1, "'oka' is not in the vocabulary (10 words); closest spellings: oak"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_drawn_is_one_line(shell, forest, tmp_path, monkeypatch, flags, status, line):
    monkeypatch.chdir(tmp_path)
    got, out, err = shell("map", forest, *flags)
    assert (got, out, err.count("\n")) == (status, "", 1)
    assert line in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["forest.wv"]


@pytest.mark.parametrize(
    ("module", "package", "flags"),
    [
        ("sklearn", "scikit-learn", ["m.png"]),
        ("matplotlib", "matplotlib", ["m.png"]),
        ("openTSNE", "openTSNE", ["m.html"]),
        ("umap", "umap-learn", ["m.svg", "--method", "umap"]),
        ("umap", "umap-learn", ["m.parquet", "--method", "umap"]),
    ],
)
def test_a_missing_package_is_reported_before_the_model_is_read(
    shell, tmp_path, monkeypatch, module, package, flags
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, module, None)
    expected = f"wordvec: error: a map needs {package}: pip install 'wordvec[map]'\n"
    assert shell("map", tmp_path / "missing.wv", "-o", *flags) == (1, "", expected)


def test_a_map_of_vectors_in_another_encoding_is_drawn_as_the_flags_say(shell, tmp_path):
    words = ["chêne", "orme", "frêne", "thon", "raie", "zinc"]
    rows = np.random.default_rng(3).normal(size=(6, 4))
    lines = [f"{word} {' '.join(map(str, row))}" for word, row in zip(words, rows, strict=True)]
    (tmp_path / "v.txt").write_bytes("\n".join(lines).encode("cp1252"))
    command = ("map", tmp_path / "v.txt", "--output", tmp_path / "v.svg", "--method", "pca")
    status, _, err = shell(*command)
    assert (status, "is not valid UTF-8" in err) == (1, True)
    for flags, shown in (
        (["--encoding", "cp1252"], {"chêne", "frêne"}),
        (["--errors", "replace"], {"ch\ufffdne", "fr\ufffdne"}),
        (["--errors", "ignore"], {"chne", "frne"}),
    ):
        status, _, err = shell(*command, *flags)
        assert status == 0, err
        assert shown <= set(texts(tmp_path / "v.svg"))
