import io
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wordvec.visualization.map_files import write_atlas
from wordvec.visualization.output_kinds import is_atlas
from wordvec.visualization.word_map import WordMap

MAP = WordMap(
    words=["oak", "cod", "\N{FISH}\t<b>"],
    points=np.array([[0.5, -1], [2, 3], [4, 5]], dtype=np.float32),
    groups=np.array([0, 1, 1]),
    neighbors=np.array([[1, 2], [2, 0], [1, 0]]),
    cosines=np.array([[0.25, -0.5], [1, 0.25], [1, -0.5]], dtype=np.float32),
    counts=np.array([9, 5, 2**40]),
)


def written(word_map):
    file = io.BytesIO()
    write_atlas(word_map, file)
    return pq.read_table(file)


def test_the_columns_are_those_that_embedding_atlas_takes():
    table = written(MAP)
    assert table.column_names == ["text", "x", "y", "neighbors", "group", "count"]
    assert table.to_pylist()[2] == {
        "text": "\N{FISH}\t<b>",
        "x": 4.0,
        "y": 5.0,
        "neighbors": {"ids": [1, 0], "distances": [0.0, 1.5]},
        "group": r"cod, 🐟\t<b>",
        "count": 2**40,
    }
    assert [row["ids"] for row in table["neighbors"].to_pylist()] == MAP.neighbors.tolist()


def test_types_are_those_that_its_command_reads():
    """Ids and distances are stacked to matrices there, so each row has as many."""
    schema = written(MAP).schema
    neighbors = pa.struct([("ids", pa.list_(pa.int64())), ("distances", pa.list_(pa.float32()))])
    assert [schema.field(name).type for name in ("text", "x", "y", "neighbors")] == [
        pa.string(),
        pa.float32(),
        pa.float32(),
        neighbors,
    ]
    rows = written(MAP)["neighbors"].to_pylist()
    assert np.stack([row["ids"] for row in rows]).shape == (3, 2)
    assert np.stack([row["distances"] for row in rows]).shape == (3, 2)


def test_a_group_is_named_so_that_nothing_turns_or_breaks_the_line():
    turned = MAP._replace(words=["\u202ekao", "a\nb", "c"])
    assert set(written(turned)["group"].to_pylist()) == {"\\u202ekao", "a\\nb, c"}


def test_without_counts_there_is_not_a_such_column():
    assert "count" not in written(MAP._replace(counts=None)).column_names


def test_a_file_of_ours_is_known_again_and_others_are_not(tmp_path):
    with (tmp_path / "ours.parquet").open("wb") as file:
        write_atlas(MAP, file)
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "theirs.parquet")
    assert is_atlas(tmp_path / "ours.parquet")
    assert not is_atlas(tmp_path / "theirs.parquet")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, names are Unicode")
def test_a_file_of_ours_is_known_in_a_folder_whose_name_is_not_utf_8(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    with (folder / "ours.parquet").open("wb") as file:
        write_atlas(MAP, file)
    assert is_atlas(folder / "ours.parquet")
