"""What every reader of vectors promises: whatever is in a file, a right result or one clear error."""

import gzip
import json
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wordvec.errors import FormatError
from wordvec.formats.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.storage.format_table import CONFIG, MODEL_FILES, RUN, STATE, TRAINING, VECTORS, VOCABULARY

pytestmark = pytest.mark.filterwarnings("ignore:.* repeats [0-9]+ words")

FIELDS = ("a", "b", "0", "1", "-2.5", "1e39", "nan", "3", "", "x y", "\u00a0", "1_0", "0x1", "+.5", "9" * 20)
PLACES = count()

few = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
packings = st.sampled_from([bytes, gzip.compress, lambda content: gzip.compress(content)[:-3]])
lines = st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4).map(" ".join)
line_ends = st.sampled_from(["\n", " \n", "\r\n"])
rows = st.builds(lambda found, end: (end.join(found) + end).encode(), st.lists(lines, max_size=5), line_ends)
numbers = st.integers(-1, 6) | st.sampled_from([2**31, 2**63, 10**18])
headers = st.builds(lambda words, dim: b"%d %d\n" % (words, dim), numbers, numbers)
plain_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def keeps_the_promise(path, read=load):
    """Whether a file is accepted; if so, the vectors are valid, and come back from our own format."""
    vectors, message = None, ""
    try:
        vectors = read(path)
    except FormatError as problem:
        message = str(problem)
    if vectors is None:
        assert 20 < len(message) < 1500
        assert "\n" not in message
        return False
    assert vectors.matrix.shape == (len(vectors.words), vectors.dim)
    assert np.isfinite(vectors.matrix).all()
    assert len(set(vectors.words)) == len(vectors.words)
    again = path.parent / f"again-{next(PLACES)}.wv"
    save(vectors, again)
    assert (load(again).words, load(again).matrix.tobytes()) == (vectors.words, vectors.matrix.tobytes())
    return True


@few
@given(header=headers, rows=rows, pack=packings)
def test_word2vec_text(tmp_path, header, rows, pack):
    (tmp_path / "v.txt").write_bytes(pack(header + rows))
    keeps_the_promise(tmp_path / "v.txt")


@few
@given(rows=rows, pack=packings)
def test_glove(tmp_path, rows, pack):
    (tmp_path / "v.txt").write_bytes(pack(rows))
    keeps_the_promise(tmp_path / "v.txt")


@few
@given(
    header=headers, rows=st.lists(st.binary(max_size=3) | st.just(b"a \0\0\0\0"), max_size=5), pack=packings
)
def test_word2vec_binary(tmp_path, header, rows, pack):
    (tmp_path / "v.bin").write_bytes(pack(header + b"".join(rows)))
    keeps_the_promise(tmp_path / "v.bin")


@few
@given(content=st.binary(max_size=40) | st.sampled_from([b"\x80\x04.", b"PK\x03\x04", b"\x93NUMPY\x01"]))
def test_a_file_of_any_kind(tmp_path, content):
    (tmp_path / "v").write_bytes(content)
    keeps_the_promise(tmp_path / "v")


@pytest.fixture(params=["model", "checkpoint"])
def kept(full, tmp_path, request):
    """A folder with all the files of a checkpoint, and what reads it."""
    state = {"input": full.matrix, "output": full.output_matrix}
    write_checkpoint(tmp_path / "model.wv", Checkpoint(full, state, {"position": 7}))
    return (
        tmp_path / "model.wv",
        load if request.param == "model" else lambda path: read_checkpoint(path).vectors,
    )


FILES = [name for name in MODEL_FILES if name in {VECTORS, VOCABULARY, CONFIG, TRAINING, STATE, RUN}]


@few
@given(
    name=st.sampled_from(FILES), start=st.floats(0, 1), length=st.integers(0, 9), new=st.binary(max_size=9)
)
def test_a_folder_with_a_stretch_of_a_file_replaced(kept, name, start, length, new):
    folder, read = kept
    whole = (folder / name).read_bytes()
    place = round(start * len(whole))
    (folder / name).write_bytes(whole[:place] + new + whole[place + length :])
    try:
        keeps_the_promise(folder, read)
    finally:
        (folder / name).write_bytes(whole)


@few
@given(about=plain_data, record=plain_data)
def test_any_settings_and_records(kept, about, record):
    folder, read = kept
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    (folder / CONFIG).write_text(json.dumps(config | {"settings": about}), encoding="utf-8")
    (folder / TRAINING).write_text(json.dumps(record) + "\n", encoding="utf-8")
    # What settings mean must be known; what a record says may be left unknown.
    is_plain = isinstance(about, dict | None) and has_numbers_of_json(about) and isinstance(record, dict)
    assert keeps_the_promise(folder, read) == is_plain


def has_numbers_of_json(value) -> bool:
    """Whether there is no NaN or infinity in plain data, which Python writes as JSON all the same."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def test_vectors_of_one_word_are_accepted(tmp_path):
    for content in (b"1 1\na 2\n", b"a 2 3\n", b"1 1\na \0\0\0\0"):
        (tmp_path / "v").write_bytes(content)
        assert keeps_the_promise(tmp_path / "v")


def test_a_message_of_several_lines_becomes_one(full, tmp_path):
    save(full, tmp_path / "model.wv")
    vocabulary = tmp_path / "model.wv" / VOCABULARY
    whole = bytearray(vocabulary.read_bytes())
    whole[4:12] = b"\xff" * 8  # where the first page begins, of which pyarrow complains at length
    vocabulary.write_bytes(whole)
    assert not keeps_the_promise(tmp_path / "model.wv")


@few
@given(
    name=st.sampled_from(["v.safetensors", "v.npz", "v.parquet"]),
    start=st.floats(0, 1),
    length=st.integers(0, 9),
    new=st.binary(max_size=9),
)
def test_a_file_with_a_stretch_of_it_replaced(plain, tmp_path, name, start, length, new):
    words = [word.rstrip("\0") for word in plain.words]
    (tmp_path / name).unlink(missing_ok=True)
    save(type(plain)(words, plain.matrix, counts=range(len(words))), tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    place = round(start * len(whole))
    (tmp_path / name).write_bytes(whole[:place] + new + whole[place + length :])
    keeps_the_promise(tmp_path / name)
