import re

import numpy as np
import pytest

import wordvec
from wordvec import load
from wordvec.vectors.word_vectors import WordVectors


@pytest.fixture
def plain(tmp_path):
    vectors = WordVectors(["a", "b"], [[1.0, 0.1], [2.0, -0.0]])
    vectors.save(tmp_path / "plain.wv")
    return tmp_path / "plain.wv"


@pytest.mark.parametrize(
    ("target", "flags", "start"),
    [
        ("v.bin", [], b"2 2\na \x00"),
        ("v.txt", [], b"2 2\na 1 0.1\n"),
        ("v.vec", [], b"2 2\na 1 0.1\n"),
        ("v.txt", ["--format", "glove"], b"a 1 0.1\n"),
        ("v.dat", ["--format", "word2vec-text"], b"2 2\na 1 0.1\n"),
        ("v.npz", [], b"PK"),
        ("v.parquet", [], b"PAR1"),
    ],
)
def test_a_model_becomes_a_file_and_a_model_again(shell, plain, tmp_path, target, flags, start):
    status, out, err = shell("convert", plain, tmp_path / target, *flags)
    assert (status, out) == (0, "")
    assert err == f"wordvec: wrote {tmp_path / target}: 2 words, 2 dimensions\n"
    assert (tmp_path / target).read_bytes().startswith(start)
    assert shell("convert", tmp_path / target, tmp_path / "again.wv")[0] == 0
    assert load(tmp_path / "again.wv").matrix.tobytes() == load(plain).matrix.tobytes()


def test_what_a_format_has_no_place_for_is_said(shell, vectors, tmp_path):
    type(vectors)(["a"], [[1.0]], counts=[3], output_matrix=[[2.0]], config={"dim": 1}).save(
        tmp_path / "full.wv"
    )
    expected = "wordvec: this format cannot hold, so left out: counts, output vectors, settings\n"
    assert shell("convert", tmp_path / "full.wv", tmp_path / "v.bin")[2].endswith(expected)
    assert "left out" not in shell("convert", tmp_path / "full.wv", tmp_path / "copy.wv")[2]
    assert load(tmp_path / "copy.wv").output_matrix.tolist() == [[2.0]]


def test_a_target_that_is_not_vectors_is_refused_before_anything_is_read(shell, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    status, _, err = shell("convert", tmp_path / "missing.wv", tmp_path / "notes.txt")
    assert status == 1
    assert "notes.txt is a file of something other than vectors; it was not touched" in err
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_file_may_be_converted_in_place(shell, plain, tmp_path):
    shell("convert", plain, tmp_path / "v.txt")
    assert shell("convert", tmp_path / "v.txt", tmp_path / "v.txt", "--format", "glove")[0] == 0
    assert (tmp_path / "v.txt").read_bytes().startswith(b"a 1")


def test_words_that_do_not_fit_fail_in_one_line(shell, model, tmp_path):
    status, _, err = shell("convert", model, tmp_path / "v.txt")
    assert status == 1
    assert "cannot hold the word 'two words' (row 6)" in err
    assert not (tmp_path / "v.txt").exists()


@pytest.mark.parametrize("target", ["v.bin", "v.txt", "v.safetensors", "v.npz", "v.parquet", "v.wv"])
def test_the_first_words_alone_may_be_converted(shell, vectors, tmp_path, target):
    plain = WordVectors([word.replace(" ", "_") for word in vectors.words], vectors.matrix)
    plain.save(tmp_path / "source.wv")
    assert shell("convert", tmp_path / "source.wv", tmp_path / target)[0] == 0
    status, _, err = shell("convert", tmp_path / target, tmp_path / "few.wv", "--limit", "2")
    assert (status, err) == (0, f"wordvec: wrote {tmp_path / 'few.wv'}: 2 words, 3 dimensions\n")
    assert load(tmp_path / "few.wv").words == plain.words[:2]


@pytest.mark.parametrize("name", ["v.safetensors", "v.npz", "v.parquet"])
def test_counts_stay_where_they_have_a_place(shell, model, tmp_path, name):
    expected = "wordvec: this format cannot hold, so left out: output vectors, settings\n"
    assert shell("convert", model, tmp_path / name)[2].endswith(expected)
    assert load(tmp_path / name).counts.tolist() == load(model).counts.tolist()


def test_a_limit_of_nothing_fails_in_one_line(shell, plain, tmp_path):
    status, _, err = shell("convert", plain, tmp_path / "v.bin", "--limit", "0")
    assert status == 2
    assert "limit must be at least 1, got 0" in err


def test_words_that_are_not_utf8_are_read_as_the_flags_say(shell, tmp_path):
    (tmp_path / "v.txt").write_bytes(b"2 2\ncaf\xe9 0.5 1\nth\xe9 1 2\n")
    status, _, err = shell("convert", tmp_path / "v.txt", tmp_path / "strict.wv")
    assert status == 1
    assert "is not valid UTF-8" in err
    for flags, words in (
        (["--encoding", "latin-1"], ["café", "thé"]),
        (["--errors", "replace"], ["caf\ufffd", "th\ufffd"]),
        (["--errors", "ignore"], ["caf", "th"]),
    ):
        assert shell("convert", tmp_path / "v.txt", tmp_path / "v.wv", *flags)[0] == 0
        assert load(tmp_path / "v.wv").words == words


def test_every_verb_that_reads_vectors_reads_other_encodings(shell, tmp_path):
    words = ["café", "thé", "sucre", "the"]
    rows = "\n".join(f"{word} 0.5 {number}" for number, word in enumerate(words))
    (tmp_path / "v.txt").write_bytes(rows.encode("cp1252"))
    (tmp_path / "pairs.tsv").write_text("café\tthé\t1\nsucre\tthe\t2\ncafé\tthe\t3\n", encoding="utf-8")
    for verb, *arguments in (
        ("info",),
        ("similar", "café"),
        ("analogy", "café", "thé", "sucre"),
        ("compare", tmp_path / "v.txt"),
        ("stability", tmp_path / "v.txt", "--k", 2),
        ("evaluate", tmp_path / "pairs.tsv"),
    ):
        command = [verb, tmp_path / "v.txt", *arguments]
        assert "is not valid UTF-8" in shell(*command)[2]
        status, out, err = shell(*command, "--encoding", "cp1252")
        assert (verb, status, "error" in err) == (verb, 0, False), err
        assert out


def test_the_encoding_of_models_says_nothing_of_a_text_to_train_on(shell, tmp_path):
    status, _, err = shell("stability", "--train", tmp_path / "any.txt", "--encoding", "latin-1")
    assert status == 2
    assert "--encoding and --errors apply to models that are loaded: leave them out with --train" in err


def test_smaller_models_say_what_they_cost(shell, tmp_path):
    random = np.random.default_rng(1)
    words = [f"word{number}" for number in range(60)]
    model = WordVectors(words, random.normal(size=(60, 8)), output_matrix=random.normal(size=(60, 8)))
    model.save(tmp_path / "model.wv")
    (tmp_path / "keep.txt").write_text("\n".join(words[:50]), encoding="utf-8")
    (tmp_path / "leave.txt").write_text("word3\nnowhere\n", encoding="utf-8")
    pairs = [
        f"{one} {other} {number}" for number, (one, other) in enumerate(zip(words, words[5:], strict=False))
    ]
    (tmp_path / "pairs.tsv").write_text("\n".join(pairs), encoding="utf-8")
    flags = [
        "--only",
        tmp_path / "keep.txt",
        "--without",
        tmp_path / "leave.txt",
        "--dim",
        6,
        "--precision",
        "int8",
    ]
    status, out, err = shell(
        "convert", tmp_path / "model.wv", tmp_path / "small.wv", *flags, "--evaluate", tmp_path / "pairs.tsv"
    )
    assert (status, out) == (0, "")
    small = wordvec.load(tmp_path / "small.wv")
    assert (len(small), small.dim, "word3" in small) == (49, 6, False)
    lines = err.splitlines()
    assert lines[0].endswith("49 words, 6 dimensions")
    assert lines[1] == "wordvec: left out: output vectors, without which wordvec predict cannot answer"
    assert re.fullmatch(r"wordvec: of the ten nearest words, \d\d\.\d% stay the same", lines[2])
    number = r"-?\d\.\d{3}"
    asked = rf"{number} \(55 asked\) before, {number} \(\d\d asked\) after"
    assert re.match(rf"wordvec: pairs.tsv, Spearman's rho: {asked}; on the same \d\d: ", lines[3])


def test_a_precision_of_other_formats_is_a_misuse(shell, model, tmp_path):
    status, _, err = shell("convert", model, tmp_path / "v.bin", "--precision", "bit")
    assert status == 2
    assert "precision must be float32" in err
