from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wordvec.corpus.encoded import append_ids, create_id_file, open_to_rewrite
from wordvec.errors import CorpusError, ResourceError

IDS = np.array([7, -1, 5], dtype=np.int32)


def test_ids_are_appended(tmp_path: Path) -> None:
    with create_id_file(tmp_path) as file:
        append_ids(file, IDS)
        append_ids(file, IDS[:0])
        append_ids(file, IDS[::2])
    assert np.fromfile(file.name, dtype=np.int32).tolist() == [7, -1, 5, 7, 5]


def test_a_missing_folder_is_made_and_no_file_is_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    with create_id_file(folder) as one, create_id_file(folder) as other:
        assert one.name != other.name
    assert len(list(folder.iterdir())) == 2


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match=r"cannot write the encoded text to .*file: .*--temporary-folder"):
        create_id_file(tmp_path / "file")


def test_a_folder_that_may_not_be_written_to_is_refused(open_folder: Path, an_ordinary_user: Any) -> None:
    with (
        an_ordinary_user(),
        pytest.raises(ResourceError, match=r"cannot write the encoded text .*: Permission"),
    ):
        create_id_file(open_folder)


def test_a_file_is_opened_to_be_written_over_from_its_beginning(tmp_path: Path) -> None:
    with create_id_file(tmp_path) as file:
        append_ids(file, IDS)
    with open_to_rewrite(Path(file.name)) as file:
        append_ids(file, IDS[2:])
    assert np.fromfile(file.name, dtype=np.int32).tolist() == [5, -1, 5]


def test_a_file_that_somebody_has_cut_short_is_not_filled_up_with_zeros(tmp_path: Path) -> None:
    with create_id_file(tmp_path) as file:
        append_ids(file, IDS)
        os.truncate(file.name, 8)
        with pytest.raises(CorpusError, match=r"int32 is lost: it is shorter than 12 bytes"):
            append_ids(file, IDS)


def test_a_file_that_somebody_has_removed_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"gone\.int32 is lost: No such file .*--temporary-folder"):
        open_to_rewrite(tmp_path / "gone.int32")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_refused_with_the_room_needed() -> None:
    million = np.zeros(1_000_000, dtype=np.int32)
    message = r"to /dev: No space left on device; it needs about 16 MB .*MB are free; choose another folder"
    with open("/dev/full", "wb", buffering=0) as file, pytest.raises(ResourceError, match=message):  # noqa: PTH123
        append_ids(file, million, share_done=0.25)
