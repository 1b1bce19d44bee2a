from __future__ import annotations

import io
import pickle
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from wordvec.corpus.decoding import check_not_binary
from wordvec.errors import CorpusError


def zip_of(*names: str, content: str = "harbor", compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


def tar_of(text: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("harbor.txt")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return file.getvalue()


def numpy_of() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def arrow_of() -> bytes:
    file = io.BytesIO()
    table = pa.table({"text": ["harbor"]})
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return file.getvalue()


def sqlite_of(folder: Path) -> bytes:
    database = sqlite3.connect(folder / "harbor.db")
    database.execute("create table texts (text)")
    database.commit()
    database.close()
    return (folder / "harbor.db").read_bytes()


MADE = {
    "a zip archive": zip_of("harbor.txt"),
    "a zip archive of many": zip_of("a.txt", "b.txt", compression=zipfile.ZIP_DEFLATED),
    "a zip archive of none": zip_of(),
    "an Office document": zip_of("[Content_Types].xml", "word/document.xml"),
    "an OpenDocument file": zip_of("mimetype", content="application/vnd.oasis.opendocument.text"),
    "an EPUB book": zip_of("mimetype", content="application/epub+zip"),
    "a tar archive": tar_of(b"harbor\n"),
    "a NumPy array": numpy_of(),
    "an Arrow file": arrow_of(),
    "a Python pickle": pickle.dumps(["harbor", "ship"]),
    "a Python pickle of a dict": pickle.dumps({"harbor": 5}, protocol=2),
    "a 7z archive": b"7z\xbc\xaf\x27\x1c\x00\x04",
    "a RAR archive": b"Rar!\x1a\x07\x01\x00",
    "compressed by lz4": b"\x04\x22\x4d\x18\x64\x40\xa7",
    "compressed by compress": b"\x1f\x9d\x90\x68\xc2",
    "compressed twice by gzip": b"\x1f\x8b\x08\x00",
    "a PDF document": b"%PDF-1.7\n%\xb5\xb5\xb5\xb5\n1 0 obj",
    "a document of an older Office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16),
    "a PNG picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "a JPEG picture": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "a GIF picture": b"GIF87a\x01\x00\x01\x00",
    "a WebP picture": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "a recording": b"ID3\x04\x00\x00",
    "a program": b"\x7fELF\x02\x01\x01\x00",
    "a program of Windows": b"MZ\x90\x00\x03\x00",
}


@pytest.mark.parametrize("kind", MADE)
def test_a_binary_kind_is_called_by_its_name(kind: str) -> None:
    name = kind.split(" of ")[0] if kind not in MADE or " of an older" not in kind else kind
    with pytest.raises(CorpusError, match=rf"harbor\.dat is not text, but {name}.*; \w+"):
        check_not_binary(MADE[kind][:512], "harbor.dat")


def test_a_database_is_called_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="an SQLite database; write a query's rows to a CSV file"):
        check_not_binary(sqlite_of(tmp_path)[:512], "harbor.db")


@pytest.mark.parametrize(
    "text",
    [
        "MZ begins programs",
        "GIF89a is a format",
        "ORC or goblin",
        "%PDF-1.7 begins documents",
        "Rar! a cry",
        "“NUMPY” is a name",
        "RIFF-RAFF WEBP",
        "PK is a pair of letters",
        "7z and rar",
        "",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_text_that_begins_with_the_letters_of_a_binary_kind_is_text(text: str, encoding: str) -> None:
    check_not_binary(text.encode(encoding), "harbor.txt")
