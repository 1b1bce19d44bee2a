"""What users put into our folders, at any moment, is there after each save and each cleaning up."""

from pathlib import Path

import pytest

from wordvec.formats.checkpoint import Checkpoint, read_checkpoint, remove_checkpoint, write_checkpoint
from wordvec.formats.load import load
from wordvec.formats.native import write_model
from wordvec.storage import atomic
from wordvec.storage.format_table import FORMATS, MODEL_FILES, PROJECTOR
from wordvec.storage.own_files import carry_over, foreign_entries, remove_own
from wordvec.storage.temporary import new_name, remove_leftovers
from wordvec.vectors.word_vectors import WordVectors
from wordvec.visualization.map_files import write_projector

VECTORS = WordVectors(["rose", "tulip"], [[1.0, 2.0], [3.0, 4.0]])
STATE = {"step": VECTORS.matrix[0]}


def write_checkpoint_of(epoch, path):
    write_checkpoint(path, Checkpoint(VECTORS, STATE, {"epochs_done": epoch}))


@pytest.fixture(params=["swap", "two renames"])
def path(request, monkeypatch, tmp_path):
    if request.param == "two renames":
        monkeypatch.setattr(atomic, "exchange", lambda *_: False)
    write_checkpoint_of(1, tmp_path / "run.wv")
    return tmp_path / "run.wv"


def put(path, content="precious"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["notes.txt", ".hidden", "plots/loss.png", "vectors.safetensors.bak", "meta.json", "x.kept.md"]
)
def test_a_file_in_a_checkpoint_survives_all_that_follow(path, name):
    put(path / name)
    for epoch in (2, 3):
        write_checkpoint_of(epoch, path)
    assert read_checkpoint(path).run == {"epochs_done": 3}
    remove_checkpoint(path)
    write_model(VECTORS, path)
    assert (path / name).read_text(encoding="utf-8") == "precious"
    assert load(path).words == VECTORS.words
    assert not (path / "run.json").exists()
    assert [entry.name for entry in path.parent.iterdir()] == ["run.wv"]


def test_an_edited_card_is_kept_beside_the_new_one(path):
    put(path / "README.md", "license: mit")
    write_checkpoint_of(2, path)
    put(path / "README.md", "license: gpl")
    write_checkpoint_of(3, path)
    assert (path / "README.kept.md").read_text(encoding="utf-8") == "license: mit"
    assert (path / "README.kept2.md").read_text(encoding="utf-8") == "license: gpl"
    assert "Word vectors: 2 words" in (path / "README.md").read_text(encoding="utf-8")


def test_a_checkpoint_with_an_edited_card_is_not_removed(path):
    put(path / "README.md", "license: mit")
    remove_checkpoint(path)
    assert (path / "README.md").read_text(encoding="utf-8") == "license: mit"


@pytest.mark.parametrize("name", ["README.md", "run.json"])
def test_a_folder_called_like_a_file_of_ours_is_kept(path, name):
    (path / name).unlink()
    put(path / name / "thesis.txt")
    write_checkpoint_of(2, path)
    kept = path / name.replace(".", ".kept.")
    assert (kept / "thesis.txt").read_text(encoding="utf-8") == "precious"
    assert read_checkpoint(path).run == {"epochs_done": 2}


def test_a_link_that_leads_nowhere_is_kept(path):
    (path / "latest").symlink_to("nowhere")
    write_checkpoint_of(2, path)
    assert (path / "latest").readlink() == Path("nowhere")


def test_a_file_that_cannot_be_moved_is_reported_and_kept(path, monkeypatch):
    put(path / "notes.txt")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(atomic, "carry_over", refuse)
    with pytest.warns(
        UserWarning, match=r"run\.wv is saved; other files .* \(Permission denied\) and are in "
    ):
        write_checkpoint_of(2, path)
    (left,) = (entry for entry in path.parent.iterdir() if entry != path)
    assert [entry.name for entry in left.iterdir()] == ["notes.txt"]
    assert read_checkpoint(path).run == {"epochs_done": 2}


def test_a_model_without_a_hash_of_its_card_has_none_of_a_user(path):
    put(path / "config.json", '{"format": "wordvec", "format_version": 1, "settings": null}')
    put(path / "README.md", "the card of an older wordvec")
    assert foreign_entries(path, MODEL_FILES) == []
    put(path / "config.json", "{damaged")
    assert foreign_entries(path, MODEL_FILES) == []


def test_all_that_the_projector_gets_is_known(tmp_path):
    write_projector(VECTORS.words, VECTORS.matrix, tmp_path)
    assert {entry.name for entry in tmp_path.iterdir()} == PROJECTOR
    remove_own(tmp_path)
    assert not tmp_path.exists()


def test_folders_inside_are_ours_only_where_we_make_folders(tmp_path):
    for name in ("vocab", "meta.json"):
        (tmp_path / name).mkdir()
    assert [entry.name for entry in foreign_entries(tmp_path, FORMATS["spacy"].folder.own)] == ["meta.json"]
    remove_own(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["meta.json"]


def test_nothing_is_ever_moved_over_something(tmp_path):
    for folder in ("old", "new"):
        put(tmp_path / folder / "notes.txt", folder)
    carry_over(tmp_path / "old", tmp_path / "new", MODEL_FILES)
    assert (tmp_path / "new" / "notes.txt").read_text(encoding="utf-8") == "new"
    assert (tmp_path / "new" / "notes.kept.txt").read_text(encoding="utf-8") == "old"


def test_what_a_killed_save_has_begun_to_write_is_removed_with_its_folder(tmp_path):
    """Safetensors writes to a file of its own beside the one that it makes, and a kill leaves it there."""
    growing = new_name(tmp_path / "m.wv")
    growing.mkdir()
    for name in (".tmpIRMkd8", "config.json", "vocabulary.parquet"):
        (growing / name).write_text("half")
    remove_leftovers(tmp_path / "m.wv")
    assert not growing.exists()
