"""Model folders of lower precision: smaller, loaded as all others, and refused if they are damaged."""

import json

import numpy as np
import pytest

import wordvec
from wordvec.errors import ConfigError, FormatError
from wordvec.formats.safetensors_file import write_tensors
from wordvec.formats.save import save
from wordvec.vectors.shrinking import pack, unpack
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

RNG = np.random.default_rng(6)
WORDS = [f"word{number}" for number in range(400)]
MATRIX = RNG.normal(size=(400, 21)).astype(np.float32)
MODEL = WordVectors(WORDS, MATRIX, counts=range(400, 0, -1), output_matrix=MATRIX, config={"dim": 21})
LOWER = ["float16", "int8", "bit"]


@pytest.mark.parametrize("precision", LOWER)
def test_what_is_loaded_are_the_rounded_numbers(precision, tmp_path):
    save(MODEL, tmp_path / "model.wv", precision=precision)
    found = wordvec.load(tmp_path / "model.wv")
    assert np.array_equal(found.matrix, unpack(pack(MATRIX, precision), 21))
    assert (found.words, found.config) == (WORDS, {"dim": 21})
    assert np.array_equal(found.counts, MODEL.counts)
    assert found.output_matrix is None
    assert wordvec.load(tmp_path / "model.wv", limit=7).matrix.tolist() == found.matrix[:7].tolist()
    found.save(tmp_path / "again.wv")
    assert np.array_equal(wordvec.load(tmp_path / "again.wv").matrix, found.matrix)


def test_files_shrink_as_promised(tmp_path):
    sizes = {}
    for precision in ("float32", *LOWER):
        save(WordVectors(WORDS, MATRIX), tmp_path / precision, precision=precision)
        sizes[precision] = (tmp_path / precision / "vectors.safetensors").stat().st_size
    assert sizes["float16"] < 0.55 * sizes["float32"]
    assert sizes["int8"] < 0.35 * sizes["float32"]
    assert sizes["bit"] < 0.12 * sizes["float32"]


@pytest.mark.parametrize("precision", LOWER)
def test_subwords_are_loaded_too(precision, tmp_path):
    vocabulary = SubwordVocabulary(["wine", "glass", "red"], SubwordRules(3, 4, 60))
    rows = RNG.normal(size=(vocabulary.num_rows, 6)).astype(np.float32)
    save(WordVectors(vocabulary, rows), tmp_path / "model.wv", precision=precision)
    expected = WordVectors(vocabulary, unpack(pack(rows, precision), 6))
    assert np.array_equal(wordvec.load(tmp_path / "model.wv")["wines"], expected["wines"])
    limited = wordvec.load(tmp_path / "model.wv", limit=2)
    assert limited.words == ["wine", "glass"]
    assert np.array_equal(limited["wines"], expected["wines"])


def test_only_model_folders_have_a_precision(tmp_path):
    with pytest.raises(ConfigError, match=r"precision must be float32 for .*word2vec-binary"):
        save(MODEL, tmp_path / "v.bin", precision="int8")
    save(MODEL, tmp_path / "model.wv", precision="int8")
    with pytest.raises(ConfigError, match="mmap must be False"):
        wordvec.load(tmp_path / "model.wv", mmap=True)


@pytest.mark.parametrize(
    "damage",
    [
        {"precision": {"name": "int4", "dim": 21}},
        {"precision": {"name": "int8", "dim": 22}},
        {"precision": {"name": "int8", "dim": "21"}},
        {"precision": {"name": "bit", "dim": 21}},
        {"precision": {"name": ["int8"], "dim": 21}},
        {"precision": "int8"},
        {"precision": None},
        {"format_version": 4},
    ],
    ids=str,
)
def test_a_config_that_does_not_fit_is_refused(damage, tmp_path):
    path = tmp_path / "model.wv"
    save(MODEL, path, precision="int8")
    about = json.loads((path / "config.json").read_text(encoding="utf-8"))
    (path / "config.json").write_text(json.dumps(about | damage), encoding="utf-8")
    with pytest.raises(FormatError):
        wordvec.load(path)


@pytest.mark.parametrize(
    "scales", [None, np.ones(399, np.float32), np.full(400, np.nan, np.float32)], ids=str
)
def test_scales_that_do_not_fit_are_refused(scales, tmp_path):
    path = tmp_path / "model.wv"
    save(MODEL, path, precision="int8")
    tensors = {"input": pack(MATRIX, "int8").codes} | ({} if scales is None else {"input_scales": scales})
    write_tensors(tensors, path / "vectors.safetensors")
    with pytest.raises(FormatError):
        wordvec.load(path)
