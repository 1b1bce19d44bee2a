"""The footer of a Parquet file: what it says of codecs, and no byte of it that ends the process."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wordvec.errors import FormatError
from wordvec.formats.native import read_vocabulary, write_vocabulary
from wordvec.formats.parquet import column_chunks

NUM_WORDS = 5
TABLE = pa.table({"word": [str(number) for number in range(NUM_WORDS)], "count": np.arange(NUM_WORDS)})


def codecs(file: io.BytesIO) -> set[str]:
    return {chunk.codec for group in column_chunks(file) for chunk in group}


def written(**settings: Any) -> io.BytesIO:
    file = io.BytesIO()
    pq.write_table(TABLE, file, **settings)
    file.seek(3)
    return file


@pytest.mark.parametrize("packing", ["snappy", "gzip", "brotli", "lz4", "zstd"])
def test_a_codec_is_reported_as_pyarrow_tells_it(packing: str) -> None:
    file = written(compression=packing)
    told = pq.read_metadata(file).row_group(0).column(0).compression
    file.seek(3)
    assert codecs(file) == {told}
    assert file.tell() == 3


def test_every_column_of_every_row_group_is_looked_at() -> None:
    file = written(compression={"word": "none", "count": "zstd"}, row_group_size=2)
    assert codecs(file) == {"UNCOMPRESSED", "ZSTD"}


def with_footer(footer: bytes) -> io.BytesIO:
    return io.BytesIO(b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1")


TWICE = b"\x49\x0c\x09\x08\x0c\x00"  # field 4 a list of nothing; again field 4, as the number 4 in full


@pytest.mark.parametrize(
    ("footer", "said"),
    [
        (b"", "cut short"),
        (b"\x00", "does not say how"),
        (b"\x49\x1c\x00\x00", "does not say how"),  # a row group without columns
        (b"\x49\x15\x02\x00", "does not say how"),  # a number in place of a row group
        (TWICE, "twice"),
        (b"\x05\x80\x80\x08\x02\x00", "one that cannot be"),  # field 2**16, which 16 bits take for 0
        (b"\x15" + b"\xff" * 12, "too many digits"),
        (b"\x18\xff\xff\x7f", "cut short"),
        (b"\x19\xfc\xff\xff\xff\x7f", "cut short"),  # a list of 2**28 structures
        (b"\x1f", "unknown kind"),
        (b"\x1c" * 2000, "nested too deeply"),
        (b"\x19" * 2000, "nested too deeply"),
    ],
)
def test_what_is_not_a_footer_is_reported(footer: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        codecs(with_footer(footer))


def test_a_footer_longer_than_the_file_is_reported() -> None:
    with pytest.raises(ValueError, match="longer than the file"):
        codecs(io.BytesIO(b"PAR1" + struct.pack("<I", 2**31) + b"PAR1"))


@pytest.mark.slow
def test_no_changed_byte_of_a_vocabulary_ends_the_process(tmp_path: Path) -> None:
    """At some of them, the C++ code of pyarrow aborts it, where Python asks a row group for its columns."""
    path = tmp_path / "vocabulary.parquet"
    write_vocabulary(TABLE["word"].to_pylist(), np.arange(NUM_WORDS), path, path)
    content = path.read_bytes()
    refused = 0
    for place, byte in enumerate(content):
        for changed in {0, 2, 255, byte ^ 1, byte ^ 16, byte ^ 64} - {byte}:
            path.write_bytes(content[:place] + bytes([changed]) + content[place + 1 :])
            try:
                read_vocabulary(path, max_words=NUM_WORDS)
            except FormatError:
                refused += 1
    assert refused > len(content)
