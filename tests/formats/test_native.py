import json
import math
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file, save_file

from wordvec.errors import ConfigError, FormatError
from wordvec.formats import native
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.storage.format_table import CARD, CONFIG, NEEDED, TRAINING, VECTORS, VOCABULARY
from wordvec.vectors.word_vectors import WordVectors


@pytest.fixture
def model(full, tmp_path):
    save(full, tmp_path / "model.wv")
    return tmp_path / "model.wv"


def test_everything_comes_back(full, model, assert_same):
    assert_same(load(model), full)


def test_what_is_not_known_comes_back_as_not_known(plain, tmp_path, assert_same):
    save(plain, tmp_path / "model.wv")
    assert_same(load(tmp_path / "model.wv"), plain)


def test_saved_loaded_saved_is_the_same_bytes(model, tmp_path):
    save(load(model), tmp_path / "again.wv")
    for name in (*NEEDED, CARD):
        assert (tmp_path / "again.wv" / name).read_bytes() == (model / name).read_bytes(), name


def test_a_model_is_open_files_that_other_tools_read(full, model):
    assert sorted(path.name for path in model.iterdir()) == sorted([*NEEDED, CARD])
    tensors = load_file(model / VECTORS)
    assert {name: tensor.shape for name, tensor in tensors.items()} == {"input": (16, 3), "output": (16, 3)}
    table = pq.read_table(model / VOCABULARY)
    assert table.schema.equals(pa.schema({"word": pa.string(), "count": pa.int64()}))
    assert table["word"].to_pylist() == full.words
    config = json.loads((model / CONFIG).read_text(encoding="utf-8"))
    assert (config["format"], config["format_version"]) == ("wordvec", 1)
    assert config["settings"] == full.config
    assert len((model / TRAINING).read_text(encoding="utf-8").splitlines()) == 2


def test_the_files_have_the_permissions_of_any_new_file(model, tmp_path):
    (tmp_path / "new").touch()
    modes = {path.stat().st_mode for path in [*model.iterdir(), tmp_path / "new"]}
    assert len(modes) == 1


def test_numpy_numbers_and_nan_in_records_become_json(plain, tmp_path):
    records = [{"loss": np.float32(0.5), "words": np.int64(7), "score": math.nan, "span": (1, 2)}]
    save(WordVectors(plain.words, plain.matrix, training=records), tmp_path / "model.wv")
    assert load(tmp_path / "model.wv").training == [{"loss": 0.5, "words": 7, "score": None, "span": [1, 2]}]


def test_settings_that_are_no_plain_data_are_refused(plain, tmp_path):
    with pytest.raises(FormatError, match="must be plain data"):
        save(WordVectors(plain.words, plain.matrix, config={"tokenizer": print}), tmp_path / "model.wv")
    assert list(tmp_path.iterdir()) == []


def test_a_word_that_is_not_unicode_text_is_refused(tmp_path):
    with pytest.raises(FormatError, match=r"'caf\\udce9' \(row 1\) is not valid Unicode"):
        save(WordVectors(["a", "caf\udce9"], [[1.0], [2.0]]), tmp_path / "model.wv")
    assert list(tmp_path.iterdir()) == []


def test_the_card_is_for_people_and_never_missed(model, full, assert_same):
    (model / CARD).unlink()
    assert_same(load(model), full)


@pytest.mark.parametrize("name", [VECTORS, VOCABULARY, CONFIG, TRAINING])
def test_a_missing_file_is_named(model, name):
    (model / name).unlink()
    with pytest.raises(FormatError, match=rf"model\.wv is not a complete wordvec model: {name} missing"):
        load(model)


@pytest.mark.parametrize("name", [VECTORS, VOCABULARY, CONFIG, TRAINING])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_cut_short_anywhere_is_refused_by_name(model, name, share):
    content = (model / name).read_bytes()
    (model / name).write_bytes(content[: int(len(content) * share)])
    if name == TRAINING and share == 0:
        assert load(model).training == []  # no report is a possible training
        return
    with pytest.raises(FormatError, match=rf"{name}.* damaged"):
        load(model)


@pytest.mark.parametrize("name", [VECTORS, VOCABULARY, CONFIG, TRAINING])
def test_any_damage_ends_in_a_format_error_or_in_valid_vectors(model, name, full):
    content = (model / name).read_bytes()
    rng = np.random.default_rng(9)
    for _ in range(150):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), size=rng.integers(1, 4)):
            damaged[place] = rng.integers(0, 256)
        (model / name).write_bytes(damaged)
        try:
            vectors = load(model)
        except FormatError as problem:
            assert "model.wv" in str(problem)  # noqa: PT017
        else:
            assert len(vectors) == len(full)


def replace_tensors(model, **tensors):
    save_file(tensors, model / VECTORS)


def replace_vocabulary(model, **columns):
    pq.write_table(pa.table(columns), model / VOCABULARY)


ROWS = np.ones((16, 3), dtype=np.float32)
NAMES = [str(row) for row in range(16)]


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"input": ROWS[:15]}, r"vocabulary.parquet is damaged: it has 16 words, for 15 vectors"),
        (
            {"input": ROWS.astype(np.float64)},
            r"vectors.safetensors .*input must be float32 \(V, D\), got F64",
        ),
        ({"input": ROWS[0]}, r"vectors.safetensors .*input must be .* got F32 \(3,\)"),
        ({"output": ROWS}, r'vectors.safetensors .*no tensor "input"'),
        (
            {"input": ROWS, "output": ROWS[:, :2].copy()},
            r"model.wv is damaged: output_matrix must have the shape",
        ),
        ({"input": np.where(np.eye(16, 3), np.nan, ROWS)}, r"NaN or infinity in row 0 \('</s>'\)"),
    ],
    ids=["rows", "type", "shape", "no input", "output shape", "nan"],
)
def test_matrices_that_do_not_fit_are_refused(model, tensors, message):
    replace_tensors(model, **{name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})
    with pytest.raises(FormatError, match=message):
        load(model)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"word": NAMES}, "vocabulary.parquet is damaged"),
        ({"word": NAMES, "count": ["1"] * 16}, "vocabulary.parquet is damaged: expected strings and int64"),
        ({"word": [None, *NAMES[1:]], "count": range(16)}, "words missing"),
        ({"word": NAMES, "count": [None, *range(15)]}, "counts missing"),
        ({"word": ["a", "a", *NAMES[2:]], "count": range(16)}, "model.wv is damaged: .*'a' more than once"),
    ],
    ids=["no count", "text counts", "null word", "null count", "duplicate"],
)
def test_vocabularies_that_do_not_fit_are_refused(model, columns, message):
    replace_vocabulary(model, **{name: pa.array(column) for name, column in columns.items()})
    with pytest.raises(FormatError, match=message):
        load(model)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"format": "wordvec", "format_version": 4, "wordvec_version": "9.0"}',
            "wordvec 9.0.*--upgrade wordvec",
        ),
        ('{"format": "other"}', 'does not say "format": "wordvec"'),
        ('{"format": "wordvec", "format_version": "1"}', "format_version must be a number"),
        ('{"format": "wordvec", "format_version": 1, "settings": 3}', "settings an object"),
        ("[1]", "expected a JSON object"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (b"\xff", "config.json is damaged"),
    ],
    ids=["newer", "other", "version", "settings", "list", "broken", "deep", "bytes"],
)
def test_a_config_that_cannot_be_right_is_refused(model, content, message):
    (model / CONFIG).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FormatError, match=message):
        load(model)


def test_a_broken_record_is_named_by_its_line(model):
    with (model / TRAINING).open("a") as file:
        file.write('{"words": 30, "lo')
    with pytest.raises(FormatError, match=r"training.jsonl, line 3 is damaged"):
        load(model)


def test_a_folder_in_place_of_a_file_is_refused(model):
    (model / CONFIG).unlink()
    (model / CONFIG).mkdir()
    with pytest.raises(FormatError, match=r"config.json cannot be read: Is a directory"):
        load(model)


@pytest.mark.parametrize("rows", [16, 2], ids=["same size", "other size"])
def test_a_model_that_is_replaced_while_it_is_read_is_never_mixed(model, monkeypatch, assert_same, rows):
    newer = WordVectors([f"new{row}" for row in range(rows)], np.eye(rows, 3), config={"dim": 3})
    read_matrices, times = native._read_matrices, []

    def read_and_replace(file, *how, **more):
        times.append(file)
        matrices = read_matrices(file, *how, **more)
        if len(times) == 1:
            save(newer, model)
        return matrices

    monkeypatch.setattr(native, "_read_matrices", read_and_replace)
    assert_same(load(model), newer)
    assert len(times) == 2


def test_half_a_character_in_settings_is_refused_when_read_and_when_written(model, tmp_path):
    about = json.loads((model / CONFIG).read_text(encoding="utf-8"))
    (model / CONFIG).write_text(
        json.dumps({**about, "settings": {"unknown_word": "\ud83d"}}), encoding="utf-8"
    )
    with pytest.raises(FormatError, match=r"config\.json is damaged: half a character"):
        load(model)
    with pytest.raises(FormatError, match="must be valid Unicode text"):
        save(WordVectors(["a"], [[1.0]], config={"unknown_word": "\ud83d"}), tmp_path / "new.wv")
    (model / CONFIG).write_text(
        json.dumps({**about, "settings": {"unknown_word": "\U0001f600"}}), encoding="utf-8"
    )
    assert load(model).config == {"unknown_word": "\U0001f600"}


def test_the_reader_of_this_version_reads_this_version():
    assert native.FORMAT_VERSION == 3


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted where Linux lists them")  # noqa: PTH112
def test_reading_a_vocabulary_starts_no_thread(model):
    """One of pyarrow's that has just begun aborts a process that ends: `wordvec similar`, now and then."""
    count = "import os, numpy, pyarrow.parquet; before = os.listdir('/proc/self/task')"
    read = (
        "from pathlib import Path; from wordvec.formats.native import read_vocabulary; "
        f"read_vocabulary(Path({str(model / VOCABULARY)!r}), max_words=100)"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"{count}\n{read}\nassert os.listdir('/proc/self/task') == before"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("limit", [None, 1, 3, 1000])
def test_the_first_words_may_be_enough_and_matrices_stay_on_the_disk(model, full, assert_same, limit, mmap):
    first = WordVectors(
        full.words[:limit],
        full.matrix[:limit],
        counts=full.counts[:limit],
        output_matrix=full.output_matrix[:limit],
        config=full.config,
        training=full.training,
    )
    vectors = load(model, limit=limit, mmap=mmap)
    assert_same(vectors, first)
    for matrix in (vectors.matrix, vectors.output_matrix):
        assert isinstance(matrix.base.base, np.memmap) == mmap


def test_a_limit_of_nothing_is_refused(model):
    with pytest.raises(ConfigError, match="limit must be at least 1, got 0"):
        load(model, limit=0)


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e400", "[NaN]"])
def test_numbers_that_json_lacks_are_unknown_in_records_and_cost_no_vectors(model, value):
    before = load(model)
    (model / TRAINING).write_text(f'{{"event": "epoch", "epoch_loss": {value}}}\n', encoding="utf-8")
    vectors = load(model)
    assert vectors.matrix.tobytes() == before.matrix.tobytes()
    assert vectors.training == [{"event": "epoch", "epoch_loss": [None] if "[" in value else None}]
    save(vectors, model)
    assert load(model).training == vectors.training


@pytest.mark.parametrize("value", ["[" * 500 + "]" * 500, "nan", "1" * 5000], ids=["deep", "word", "digits"])
def test_a_record_that_could_not_be_written_again_is_refused(model, value):
    (model / TRAINING).write_text(f'{{"event": "epoch"}}\n{{"epoch_loss": {value}}}\n', encoding="utf-8")
    with pytest.raises(FormatError, match=r"training\.jsonl, line 2 is damaged"):
        load(model)
