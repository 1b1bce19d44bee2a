from __future__ import annotations

import gzip
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.corpus.tables import COMPRESSORS, FILES, WORDS, json_lines, parquet, separated, texts_in, written

from wordvec.corpus import byte_stream
from wordvec.corpus.shares import share_of
from wordvec.corpus.sources import FileSource, Source, parse_source
from wordvec.errors import ConfigError, CorpusError

UNHURRIED = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
LINE_ENDS = ["\n", "\n", "\r\n", "\n\n", "\r", " \n", "\ufeff\n"]
LINES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["a", "be", "日本", "\ufeff", "é", "x" * 40]), max_size=4),
        st.sampled_from(LINE_ENDS),
    ),
    max_size=12,
)


def text_of(lines: list[tuple[list[str], str]], ends_line: bool) -> bytes:
    text = "".join(" ".join(words) + end for words, end in lines)
    return (text if ends_line else text.rstrip("\n")).encode()


def shares(source: Source, ranks: int, **options: Any) -> list[list[list[str]]]:
    """The texts of each rank's share."""
    column = getattr(source, "column", None)
    return [texts_in(share_of(source, rank, ranks, **options), column) for rank in range(ranks)]


def joined(parts: list[list[list[str]]]) -> list[list[str]]:
    return [text for part in parts for text in part]


@contextmanager
def bytes_read_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many bytes are read of files while this lasts."""
    read: list[int] = []

    def counted(name: str) -> Any:
        class Counted(io.FileIO):
            def read(self, size: int | None = -1) -> bytes:
                data = super().read(size)
                read.append(len(data))
                return data

        return Counted(name)

    with monkeypatch.context() as patched:
        patched.setattr(byte_stream, "open_file", counted)
        yield read


@given(
    st.lists(st.tuples(LINES, st.booleans(), st.booleans()), min_size=1, max_size=4),
    st.integers(1, 9),
    st.sampled_from([None, "utf-8-sig", "replace"]),
)
@UNHURRIED
def test_shares_of_text_are_the_text_in_order(
    tmp_path: Path, files: list[tuple[Any, bool, bool]], ranks: int, how: str | None
) -> None:
    paths = [
        str(written(tmp_path, f"{number}.txt", b"\xef\xbb\xbf" * has_mark + text_of(lines, ends_line)))
        for number, (lines, ends_line, has_mark) in enumerate(files)
    ]
    options = {"encoding": how} if how == "utf-8-sig" else {"errors": how} if how else {}
    source = parse_source(paths, **options)
    assert joined(shares(source, ranks)) == texts_in(source, None)


@given(st.integers(1, 9), st.lists(st.integers(1, 30), min_size=9, max_size=9))
@UNHURRIED
def test_shares_of_text_are_the_text_in_order_for_any_weights(
    tmp_path: Path, ranks: int, weights: list[int]
) -> None:
    path = written(tmp_path, "a.txt", b"".join(b"w%d x\n" % number for number in range(200)))
    source = FileSource(str(path))
    parts = shares(source, ranks, weights=weights[:ranks])
    assert joined(parts) == texts_in(source, None)
    sizes = np.array([len(part) for part in parts]) / 200
    assert np.abs(sizes - np.array(weights[:ranks]) / sum(weights[:ranks])).max() < 0.05


@pytest.mark.parametrize("ranks", [1, 2, 3, 8])
@pytest.mark.parametrize("name", FILES)
def test_shares_of_a_table_are_its_rows(name: str, ranks: int, tmp_path: Path) -> None:
    source = parse_source(str(written(tmp_path, name, FILES[name])), column="text")
    assert sorted(joined(shares(source, ranks))) == sorted(WORDS)


@pytest.mark.parametrize("codec", COMPRESSORS)
@pytest.mark.parametrize("name", ["a.txt", "comma.csv", "a.jsonl"])
def test_ranks_take_the_texts_of_a_compressed_file_in_turns(
    name: str, codec: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    texts = [f"t{number} x" for number in range(7)]
    data = {"a.txt": "\n".join(texts).encode(), "comma.csv": separated(texts), "a.jsonl": json_lines(texts)}
    path = written(tmp_path, name + codec, COMPRESSORS[codec](data[name]))
    source = parse_source(str(path), column=None if name == "a.txt" else "text")
    with caplog.at_level(logging.INFO, "wordvec"):
        found = shares(source, 3)
    assert [[words[0] for words in part] for part in found] == [
        ["t0", "t3", "t6"],
        ["t1", "t4"],
        ["t2", "t5"],
    ]
    reason = "its cells may have line breaks" if "csv" in name else "it is compressed"
    assert reason in caplog.records[0].getMessage()


@given(LINES, st.integers(2, 5), st.integers(1, 40))
@UNHURRIED
def test_lines_taken_in_turns_are_whole_however_they_are_cut_into_blocks(
    tmp_path: Path, lines: Any, ranks: int, block_bytes: int
) -> None:
    source = FileSource(str(written(tmp_path, "a.txt.gz", gzip.compress(text_of(lines, ends_line=False)))))
    found = [texts_in(share_of(source, rank, ranks), None, block_bytes=block_bytes) for rank in range(ranks)]
    assert sorted(joined(found)) == sorted(texts_in(source, None))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "gb18030", "utf-7"])
def test_other_encodings_are_read_from_the_beginning(encoding: str, tmp_path: Path) -> None:
    texts = [["café", f"w{number}"] for number in range(50)]
    data = "\n".join(map(" ".join, texts)).encode(encoding)
    source = parse_source(str(written(tmp_path, "a.txt", data)), encoding=encoding)
    assert sorted(joined(shares(source, 3))) == sorted(texts)


def test_a_file_of_one_byte_a_character_is_cut(tmp_path: Path) -> None:
    texts = [["café", f"w{number}"] for number in range(50)]
    path = written(tmp_path, "a.txt", "\n".join(map(" ".join, texts)).encode("cp1252"))
    source = parse_source(str(path), encoding="cp1252")
    assert joined(shares(source, 3)) == texts
    assert [len(part.turns) for part in share_of(source, 1, 3).parts] == [0]  # type: ignore[union-attr]


def test_a_rank_reads_its_own_part_of_a_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.txt", b"some words\n" * 200_000)
    source = FileSource(str(path))
    with bytes_read_of(monkeypatch) as read:
        texts_in(share_of(source, 5, 10), None)
    assert sum(read) < 240_000


def test_a_rank_reads_its_own_row_groups_alone(tmp_path: Path) -> None:
    texts = [f"word{number} " * 20 for number in range(4000)]
    path = written(tmp_path, "a.parquet", parquet(texts, row_group_size=100))
    source = FileSource(str(path), column="text")
    cut_at = [part.start for rank in range(4) for part in share_of(source, rank, 4).parts]  # type: ignore[union-attr]
    assert cut_at == [0, 1000, 2000, 3000]
    assert joined(shares(source, 4)) == [text.split() for text in texts]


def test_few_row_groups_are_cut_between_rows(tmp_path: Path) -> None:
    texts = [f"word{number} a" for number in range(100)]
    source = FileSource(str(written(tmp_path, "a.parquet", parquet(texts, row_group_size=60))), column="text")
    found = shares(source, 3)
    assert [len(part) for part in found] == [33, 34, 33]
    assert joined(found) == [text.split() for text in texts]


def test_files_are_shared_whole_where_that_is_fair(tmp_path: Path) -> None:
    paths = [str(written(tmp_path, f"{n}.txt", b"some words\n" * (100 + n))) for n in range(8)]
    source = FileSource(tuple(paths))
    read = [[(part.file, part.stop) for part in share_of(source, rank, 4).parts] for rank in range(4)]  # type: ignore[union-attr]
    assert read == [[(paths[2 * rank], None), (paths[2 * rank + 1], None)] for rank in range(4)]


def test_compressed_files_are_shared_whole_where_that_is_fair(tmp_path: Path) -> None:
    data = gzip.compress(np.random.default_rng(1).bytes(3000).hex().encode())
    paths = [str(written(tmp_path, f"{number}.txt.gz", data)) for number in range(9)]
    read = [share_of(FileSource(tuple(paths)), rank, 3).parts for rank in range(3)]  # type: ignore[union-attr]
    assert [len(parts) for parts in read] == [3, 3, 3]
    assert not any(part.turns for parts in read for part in parts)


def test_a_large_compressed_file_among_small_ones_is_taken_in_turns(tmp_path: Path) -> None:
    random_numbers = np.random.default_rng(2)
    texts = [[f"{word:x}" for word in random_numbers.integers(1 << 40, size=5)] for _ in range(3000)]
    cuts = [0, 2600, 2800, 3000]
    paths = [
        str(
            written(
                tmp_path, f"{first}.gz", gzip.compress("\n".join(map(" ".join, texts[first:stop])).encode())
            )
        )
        for first, stop in pairwise(cuts)
    ]
    found = shares(FileSource(tuple(paths)), 3)
    assert sorted(joined(found)) == sorted(texts)
    assert max(len(part) for part in found) < 1.05 * 1000


IN_MEMORY: dict[str, Callable[[], Any]] = {
    "arrow": lambda: pa.table({"text": [" ".join(words) for words in WORDS]}),
    "stream": lambda: pa.table({"text": [" ".join(words) for words in WORDS]}).to_reader(max_chunksize=2),
    "dicts": lambda: [{"text": words} for words in WORDS],
    "dict iterator": lambda: iter([{"text": words} for words in WORDS]),
    "lists": lambda: [list(words) for words in WORDS],
    "tuple": lambda: tuple(tuple(words) for words in WORDS),
    "iterator": lambda: (list(words) for words in WORDS),
    "set": lambda: {tuple(words) for words in WORDS},
}


@pytest.mark.parametrize("ranks", [2, 3, 8])
@pytest.mark.parametrize("kind", IN_MEMORY)
def test_shares_of_what_is_in_memory_are_all_of_it(kind: str, ranks: int) -> None:
    column = "text" if kind in ("arrow", "stream", "dicts", "dict iterator") else None
    found = [
        texts_in(share_of(parse_source(IN_MEMORY[kind](), column=column), rank, ranks), column)
        for rank in range(ranks)
    ]
    assert sorted(joined(found)) == sorted(WORDS)
    if kind in ("arrow", "dicts", "lists", "tuple"):
        assert joined(found) == WORDS


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_shares_of_a_data_frame_are_its_rows(library: str) -> None:
    frames = pytest.importorskip(library)
    texts = [" ".join(words) for words in WORDS]
    for frame in (frames.DataFrame({"text": texts}), frames.Series(texts)):
        source = parse_source(frame, column="text" if hasattr(frame, "columns") else None)
        assert joined(shares(source, 3)) == WORDS


def test_shares_of_a_data_set_are_its_rows() -> None:
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"text": [" ".join(words) for words in WORDS]})
    assert joined(shares(parse_source(data, column="text"), 3)) == WORDS
    stream = parse_source(data.to_iterable_dataset(), column="text")
    assert sorted(joined(shares(stream, 3))) == sorted(WORDS)


def test_rows_in_turns_keep_their_weights(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", b"text,n\n" + b"".join(b"w%d,%d\n" % (n, n) for n in range(20)))
    source = FileSource(str(path), column="text", weight="n")
    blocks = [texts_in(share_of(source, rank, 3), None) for rank in range(3)]
    assert sorted(joined(blocks)) == sorted(texts_in(source, None))


def test_a_url_is_read_from_the_middle() -> None:
    fsspec = pytest.importorskip("fsspec")
    texts = [["some", f"w{number}"] for number in range(500)]
    files = fsspec.filesystem("memory")
    files.pipe("/shared/a.txt", "\n".join(map(" ".join, texts)).encode())
    source = FileSource("memory://shared/a.txt")
    share = share_of(source, 1, 4)
    assert [part.start > 0 and not part.turns for part in share.parts] == [True]  # type: ignore[union-attr]
    assert joined(shares(source, 4)) == texts


def test_fields_of_json_lines_are_looked_for_where_the_file_begins(tmp_path: Path) -> None:
    lines = [b'{"text": "red green"}'] + [b'{"other": 1}'] * 5000 + [b'{"text": "blue"}']
    source = FileSource(str(written(tmp_path, "a.jsonl", b"\n".join(lines))), column="text")
    assert joined(shares(source, 4)) == [["red", "green"], ["blue"]]


def test_a_line_in_the_middle_of_a_file_may_begin_as_other_files_do(tmp_path: Path) -> None:
    lines = [b"first line"] * 9 + [b"%PDF-1.7", b"BZh91AY&SY", b"PK\x03\x04 zip", b"last line"]
    source = FileSource(str(written(tmp_path, "a.txt", b"\n".join(lines))))
    for ranks in range(2, 14):
        assert len(joined(shares(source, ranks))) == len(lines)


def test_a_rank_without_a_line_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = FileSource(str(written(tmp_path, "a.txt", b"word " * 1000)))
    found = shares(source, 3)
    assert [len(part) for part in found] == [1, 0, 0]
    assert "rank 1 of 3 has nothing to read" in caplog.text


def test_a_share_says_how_much_there_is_to_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", b"some words\n" * 3000)
    sizes = [share_of(FileSource(str(path)), rank, 3).num_bytes for rank in range(3)]
    assert sizes == [11_000, 11_000, 11_000]


def test_errors_name_the_place_where_a_part_begins(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", b"some words\n" * 300 + b"caf\xe9 words\n" + b"some words\n" * 9)
    with pytest.raises(
        CorpusError, match=r"a\.txt from byte 1,7\d\d is not valid UTF-8 in line 1\d\d, at byte 3,303"
    ):
        texts_in(share_of(FileSource(str(path)), 1, 2), None)


def test_every_rank_says_what_is_wrong_with_a_compressed_file(tmp_path: Path) -> None:
    data = b"some words\n" * 30 + b"caf\xe9 words\n" + b"some words\n" * 9
    source = FileSource(str(written(tmp_path, "a.gz", gzip.compress(data))))
    for rank in range(2):
        with pytest.raises(CorpusError, match=r"a\.gz is not valid UTF-8 in line 31"):
            texts_in(share_of(source, rank, 2), None)


@pytest.mark.parametrize("paths", ["-", ("a.txt", "-"), "/dev/stdin"])
def test_what_can_be_read_once_is_refused_by_name(
    paths: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "a.txt", b"red\n")
    with pytest.raises(
        CorpusError, match=r"^(standard input|/dev/stdin) can be read only once, so that 2 ranks"
    ):
        share_of(FileSource(paths), 0, 2)


@pytest.mark.parametrize(
    ("rank", "ranks", "weights", "message"),
    [
        (2, 2, None, "rank must be from 0 to ranks - 1 = 1, got 2"),
        (0, 0, None, "ranks must be a whole number from 1 on, got 0"),
        (0, 2, [1], "weights must be 2 numbers above 0"),
        (0, 2, [1, 0], "weights must be 2 numbers above 0"),
        (0, 2, [1, float("nan")], "weights must be 2 numbers above 0"),
    ],
)
def test_impossible_ranks_are_refused(rank: int, ranks: int, weights: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        share_of(FileSource("a.txt"), rank, ranks, weights=weights)


def test_a_damaged_parquet_file_is_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, "a.parquet", b"PAR1 and more PAR1")
    with pytest.raises(CorpusError, match=r"a\.parquet is not a Parquet file, or it is damaged"):
        share_of(FileSource(str(path), column="text"), 0, 2)


def test_shares_are_not_in_what_checkpoints_remember(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", b"red\ngreen\nblue\n")
    source = FileSource(str(path))
    assert share_of(source, 1, 2).facts() == source.facts()


def test_rows_of_a_file_with_empty_row_groups_are_shared(tmp_path: Path) -> None:
    table = pa.table({"text": ["a b", "c d", "e f"]})
    path = tmp_path / "a.parquet"
    with pq.ParquetWriter(path, table.schema) as writer:
        for piece in (table[:0], table[:2], table[:0], table[2:]):
            writer.write_table(piece)
    source = FileSource(str(path), column="text")
    for ranks in range(1, 6):
        assert joined(shares(source, ranks)) == [["a", "b"], ["c", "d"], ["e", "f"]]
