import base64
import json
import re

import numpy as np
import pyarrow.parquet as pq
import pytest

from wordvec.formats.load import load
from wordvec.vectors.word_vectors import WordVectors

pytest.importorskip("sklearn")
pytest.importorskip("openTSNE")

WORDS = [f"w{number}" for number in range(38)] + ["<b>", "two words"]


@pytest.fixture
def model(tmp_path):
    """Counts that differ from the order of the words, so that ids on the map differ from rows of the model."""
    random = np.random.default_rng(1)
    matrix = random.normal(size=(40, 6)).astype(np.float32)
    WordVectors(WORDS, matrix, counts=random.permutation(40) + 1).save(tmp_path / "model.wv")
    return tmp_path / "model.wv"


def data_on(page):
    data = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8")
    ).group(1)
    return json.loads(data)


def neighbors_on(page):
    data = data_on(page)
    ids = np.frombuffer(base64.b64decode(data["neighbors"]), dtype="<u2").reshape(len(data["words"]), -1)
    return {word: [data["words"][near] for near in row] for word, row in zip(data["words"], ids, strict=True)}


def test_a_page_has_the_words_with_their_true_neighbors(shell, model, tmp_path):
    status, out, err = shell("map", model, "-o", tmp_path / "m.html")
    assert (status, out) == (0, "")
    assert err.endswith("m.html: 40 words; open it in a browser\n")
    vectors = load(model)
    assert neighbors_on(tmp_path / "m.html") == {
        word: [near.word for near in vectors.most_similar(word, k=10)] for word in WORDS
    }
    data = data_on(tmp_path / "m.html")
    assert data["title"] == "The 40 most frequent words of model.wv"
    assert data["counts"] == list(range(40, 0, -1))
    assert "t-SNE" in data["caption"]


def test_words_to_label_come_from_the_shell_and_from_a_file_and_are_on_the_page(shell, model, tmp_path):
    (tmp_path / "list.txt").write_text("\ufefftwo words\n\nw3 \n", encoding="utf-8")
    by_count = np.argsort(-load(model).counts)
    frequent = [WORDS[row] for row in by_count[:5]]
    flags = ["--words", 5, "--label", "<b>", "--label-file", tmp_path / "list.txt", "--method", "pca"]
    assert shell("map", model, "-o", tmp_path / "m.html", *flags)[0] == 0
    data = data_on(tmp_path / "m.html")
    assert data["listed"] == ["<b>", "two words", "w3"]
    assert data["words"] == list(dict.fromkeys([*frequent, *data["listed"]]))
    assert data["title"] == "The 5 most frequent words of model.wv"
    assert "PCA" in data["caption"]


def test_near_makes_a_page_of_neighbors(shell, model, tmp_path):
    assert shell("map", model, "-o", tmp_path / "m.html", "--near", "w3", "--words", 4)[0] == 0
    expected = ["w3", *(near.word for near in load(model).most_similar("w3", k=3))]
    assert data_on(tmp_path / "m.html")["words"] == expected


def test_a_seed_makes_the_same_page_again(shell, model, tmp_path):
    for name, seed in (("a.html", 5), ("b.html", 5), ("c.html", 6)):
        assert shell("map", model, "-o", tmp_path / name, "--seed", seed)[0] == 0
    a, b, c = ((tmp_path / name).read_bytes() for name in ("a.html", "b.html", "c.html"))
    assert a == b != c


def test_a_table_for_embedding_atlas(shell, model, tmp_path):
    status, _, err = shell("map", model, "-o", tmp_path / "m.parquet", "--words", 12, "--method", "pca")
    assert status == 0
    assert err.endswith("m.parquet --text text --x x --y y --neighbors neighbors\n")
    table = pq.read_table(tmp_path / "m.parquet").to_pylist()
    assert len(table) == 12
    vectors = load(model)
    for row in table:
        near, distance = row["neighbors"]["ids"][0], row["neighbors"]["distances"][0]
        assert 1 - distance == pytest.approx(vectors.similarity(row["text"], table[near]["text"]), abs=1e-5)
    assert shell("map", model, "-o", tmp_path / "m.parquet", "--words", 3, "--method", "pca")[0] == 0
    assert len(pq.read_table(tmp_path / "m.parquet")) == 3


def test_a_folder_for_the_projector(shell, model, tmp_path):
    status, _, err = shell("map", model, "-o", tmp_path / "m.projector", "--words", 3)
    assert status == 0
    assert (
        f"show it with: tensorboard --logdir {tmp_path / 'm.projector'}, at http://localhost:6006/#proj"
        in err
    )
    assert "load tensors.tsv and metadata.tsv at https://projector.tensorflow.org" in err
    lines = (tmp_path / "m.projector" / "metadata.tsv").read_text("utf-8").splitlines()
    assert lines[0] == "word\tcount"
    word = lines[1].split("\t")[0]
    tensors = np.loadtxt(tmp_path / "m.projector" / "tensors.tsv", dtype=np.float32)
    assert (tensors[0] == load(model)[word]).all()
    assert shell("map", model, "-o", tmp_path / "m.projector", "--words", 2)[0] == 0
    assert len(np.loadtxt(tmp_path / "m.projector" / "tensors.tsv")) == 2


def test_a_list_that_is_not_text_is_refused(shell, model, tmp_path):
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    status, _, err = shell("map", model, "-o", tmp_path / "m.html", "--label-file", tmp_path / "list.txt")
    assert status == 1
    assert "list.txt is not UTF-8 text (invalid start byte); give a text file with a word in each line" in err
