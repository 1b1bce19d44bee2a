"""Checkpoint folders: written at once, read with distrust, removed only where they are what they seem."""

import numpy as np
import pytest

import wordvec
from wordvec.errors import FormatError, ResourceError
from wordvec.formats.checkpoint import Checkpoint, read_checkpoint, remove_checkpoint, write_checkpoint
from wordvec.formats.native import write_model
from wordvec.vectors.growth import KnownWords

STATE = {
    "model/weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 7,
    "optimizer/0/step": np.array(12),
    "optimizer/0/mean": np.array([1e-300, -0.0]),
}
RUN = {"epochs_done": 2, "loss": 1 / 3, "source": ["ä.txt"], "watch": []}


@pytest.fixture
def checkpoint(full, tmp_path):
    write_checkpoint(tmp_path / "run.wv", Checkpoint(full, STATE, RUN))
    return tmp_path / "run.wv"


def test_everything_comes_back_exactly(checkpoint, full, assert_same):
    found = read_checkpoint(checkpoint)
    assert_same(found.vectors, full)
    assert found.run == RUN
    assert set(found.state) == set(STATE)
    for name, array in STATE.items():
        assert found.state[name].dtype == array.dtype
        assert found.state[name].shape == array.shape
        assert found.state[name].tobytes() == array.tobytes()


@pytest.mark.parametrize("counts", [None, np.array([9, 0, 3])])
def test_what_a_grown_model_has_known_comes_back(full, tmp_path, counts):
    known = KnownWords(["ä", "b", "c d"], counts)
    write_checkpoint(tmp_path / "run.wv", Checkpoint(full, STATE, RUN, known))
    found = read_checkpoint(tmp_path / "run.wv").known
    assert found.words == known.words
    assert (found.counts is None) == (counts is None)
    assert counts is None or found.counts.tolist() == counts.tolist()
    remove_checkpoint(tmp_path / "run.wv")
    assert not (tmp_path / "run.wv").exists()


def test_a_checkpoint_is_a_model_folder_too(checkpoint, full, assert_same):
    assert_same(wordvec.load(checkpoint), full)


def test_a_checkpoint_replaces_the_one_before_and_nothing_is_left_beside_it(checkpoint, full):
    write_checkpoint(checkpoint, Checkpoint(full, {"other": np.ones(2)}, {"epochs_done": 3}))
    found = read_checkpoint(checkpoint)
    assert list(found.state) == ["other"]
    assert found.run == {"epochs_done": 3}
    assert [entry.name for entry in checkpoint.parent.iterdir()] == ["run.wv"]


def test_a_finished_model_takes_the_place_of_a_checkpoint(checkpoint, full):
    write_model(full, checkpoint)
    with pytest.raises(FormatError, match=r"is not a checkpoint: run\.json or state\.safetensors is missing"):
        read_checkpoint(checkpoint)


@pytest.mark.parametrize("name", ["run.json", "state.safetensors"])
def test_a_folder_without_a_run_is_not_a_checkpoint(checkpoint, name):
    (checkpoint / name).unlink()
    with pytest.raises(FormatError, match=r"is not a checkpoint.*start_from, --start-from"):
        read_checkpoint(checkpoint)


def test_a_path_without_anything_is_reported(tmp_path):
    with pytest.raises(FormatError, match="nowhere does not exist; check the path"):
        read_checkpoint(tmp_path / "nowhere")


def test_a_file_is_not_a_checkpoint(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(FormatError, match="is not a checkpoint"):
        read_checkpoint(tmp_path / "file")


@pytest.mark.parametrize(
    "name", ["run.json", "state.safetensors", "vectors.safetensors", "config.json", "vocabulary.parquet"]
)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_that_is_cut_short_is_reported(checkpoint, name, share):
    content = (checkpoint / name).read_bytes()
    (checkpoint / name).write_bytes(content[: int(share * len(content))])
    with pytest.raises(FormatError, match="damaged"):
        read_checkpoint(checkpoint)


@pytest.mark.parametrize("text", ["[1, 2]", "3", "null", '"run"', "\udcff", '{"a": '], ids=ascii)
def test_a_run_that_is_not_an_object_is_reported(checkpoint, text):
    (checkpoint / "run.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(FormatError, match=r"run\.json is damaged"):
        read_checkpoint(checkpoint)


@pytest.mark.parametrize("number", [np.nan, np.inf], ids=str)
def test_a_state_that_is_not_finite_is_reported(checkpoint, full, number):
    write_checkpoint(checkpoint, Checkpoint(full, {**STATE, "odd": np.array([1, number])}, RUN))
    with pytest.raises(
        FormatError, match=r"state\.safetensors is damaged: odd has numbers that are not finite"
    ):
        read_checkpoint(checkpoint)


def test_numbers_of_an_unknown_kind_are_reported(checkpoint):
    header = b'{"x":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'
    content = len(header).to_bytes(8, "little") + header + b"\0\0"
    (checkpoint / "state.safetensors").write_bytes(content)
    with pytest.raises(FormatError, match=r"state\.safetensors is damaged"):
        read_checkpoint(checkpoint)


def test_a_checkpoint_is_removed(checkpoint):
    remove_checkpoint(checkpoint)
    assert not checkpoint.exists()


def test_a_removal_that_is_cut_short_leaves_no_half_of_a_checkpoint(checkpoint, full, monkeypatch):
    class KilledError(BaseException):
        pass

    def remove_a_part(path):
        (path / "vectors.safetensors").unlink()
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", remove_a_part)
        with pytest.raises(KilledError):
            remove_checkpoint(checkpoint)
    assert not checkpoint.exists()
    write_checkpoint(checkpoint, Checkpoint(full, STATE, RUN))
    assert [entry.name for entry in checkpoint.parent.iterdir()] == ["run.wv"]
    remove_checkpoint(checkpoint)
    assert list(checkpoint.parent.iterdir()) == []


def test_a_checkpoint_with_other_things_in_it_stays(checkpoint):
    (checkpoint / "thesis.txt").write_text("precious", encoding="utf-8")
    remove_checkpoint(checkpoint)
    assert (checkpoint / "thesis.txt").exists()
    assert (checkpoint / "run.json").exists()


@pytest.mark.parametrize("name", ["run.json", "state.safetensors"])
def test_what_is_not_a_checkpoint_is_not_removed(checkpoint, name):
    (checkpoint / name).unlink()
    remove_checkpoint(checkpoint)
    assert (checkpoint / "vectors.safetensors").exists()


def test_a_link_to_a_checkpoint_and_nothing_at_all_are_left_alone(checkpoint, tmp_path):
    (tmp_path / "link").symlink_to(checkpoint)
    remove_checkpoint(tmp_path / "link")
    remove_checkpoint(tmp_path / "nothing")
    assert (checkpoint / "run.json").exists()


def test_a_checkpoint_that_the_system_keeps_is_reported(checkpoint, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(ResourceError, match="Permission denied"):
        remove_checkpoint(checkpoint)


def test_a_folder_that_is_called_like_a_file_of_ours_stays(checkpoint):
    (checkpoint / "README.md").unlink()
    (checkpoint / "README.md").mkdir()
    (checkpoint / "README.md" / "thesis.txt").touch()
    remove_checkpoint(checkpoint)
    assert (checkpoint / "README.md" / "thesis.txt").exists()
