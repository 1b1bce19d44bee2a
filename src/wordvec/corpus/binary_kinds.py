"""Binary kinds: archives, documents, pictures and other files that are not text, known by how they begin."""

from __future__ import annotations

import re

from wordvec.errors import CorpusError

__all__ = ["check_not_binary", "has_controls"]

_UNPACK = "unpack it first, or pass its text on: {} | wordvec train -"
_EXPORT = "save its text as plain text first"
_LEAVE_OUT = "name the files that are text: 'FOLDER/*.txt'"

_CONTROLS = rb"[\x00-\x08\x0e-\x1a\x7f]"  # text has white space and escapes for color, and none of these
_BUT = rb"(?=.*" + _CONTROLS + rb")"  # before what could begin a text, too

# How a file begins (a dot is any byte) -> what it is, and what to do.
_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis", "an OpenDocument file", _EXPORT),
    (rb"PK\x03\x04.{26}mimetypeapplication/epub", "an EPUB book", _EXPORT),
    (rb"PK\x03\x04.{26}(\[Content_Types\]|_rels/|docProps/|word/|xl/|ppt/)", "an Office document", _EXPORT),
    (rb"PK(\x03\x04|\x05\x06|\x07\x08)", "a zip archive", _UNPACK.format("unzip -p FILE")),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK.format("7z e -so FILE")),
    (rb"Rar!\x1a\x07", "a RAR archive", _UNPACK.format("unrar p -inul FILE")),
    (_BUT + rb".{257}ustar", "a tar archive", _UNPACK.format("tar -xOf FILE")),
    (rb"\x04\x22\x4d\x18", "compressed by lz4", _UNPACK.format("lz4 -dc FILE")),
    (rb"\x1f[\x9d\xa0]", "compressed by compress", _UNPACK.format("gzip -dc FILE")),
    (rb"LZIP\x01", "compressed by lzip", _UNPACK.format("lzip -dc FILE")),
    (rb"\x5d\x00\x00.{2}[\x00-\x0f]", "compressed by lzma", _UNPACK.format("xz --format=lzma -dc FILE")),
    (rb"\x1f\x8b\x08", "compressed twice by gzip", _UNPACK.format("gzip -dc FILE | gzip -dc")),
    (rb"%PDF-\d\.\d[\r\n]", "a PDF document", "save its text first: pdftotext FILE"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an older Office (.doc, .xls, .ppt)", _EXPORT),
    (
        rb"SQLite format 3\x00",
        "an SQLite database",
        "write a query's rows to a CSV file (sqlite3 -header -csv)",
    ),
    (rb"ARROW1\x00\x00", "an Arrow file", "read it with pyarrow, and give the table and the column"),
    (_BUT + rb"ORC", "an ORC file", "write it again as Parquet"),
    (rb"Obj\x01", "an Avro file", "write it again as Parquet or JSON lines"),
    (rb"\x89HDF\r\n\x1a\n", "an HDF5 file", _LEAVE_OUT),
    (rb"\x93NUMPY[\x01-\x03]", "a NumPy array", _LEAVE_OUT),
    (rb"\x80[\x02-\x05][\x8a\x95}\]c(]", "a Python pickle", "write its texts to a text file, one a line"),
    (rb"\x89PNG\r\n\x1a\n", "a PNG picture", _LEAVE_OUT),
    (rb"\xff\xd8\xff", "a JPEG picture", _LEAVE_OUT),
    (_BUT + rb"GIF8[79]a", "a GIF picture", _LEAVE_OUT),
    (_BUT + rb"RIFF.{4}WEBP", "a WebP picture", _LEAVE_OUT),
    (rb"II\*\x00|MM\x00\*", "a TIFF picture", _LEAVE_OUT),
    (_BUT + rb"(RIFF.{4}WAVE|ID3[\x02-\x04]|OggS|fLaC|.{4}ftyp)", "a recording or a video", _LEAVE_OUT),
    (_BUT + rb"(\x7fELF|MZ.{2}|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe)", "a program", _LEAVE_OUT),
)


def has_controls(data: bytes) -> bool:
    r"""Whether there are control characters that text has not.

    >>> has_controls(b"\x1b[1mred\x1b[0m\tgreen\r\n"), has_controls(b"red\x00")
    (False, True)
    """
    return re.search(_CONTROLS, data) is not None


def check_not_binary(head: bytes, title: str) -> None:
    r"""Refuse a file that is none of text, by its first bytes.

    Args:
        head: the first bytes of the unpacked file; 512 show every kind.
        title: what messages name.

    Raises:
        CorpusError: names the kind, and what to do.

    >>> check_not_binary(b"GIF89a is an old format", "notes.txt")
    >>> check_not_binary(b"GIF89a\x10\x00\x10\x00", "logo.gif")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: logo.gif is not text, but a GIF picture; name the files that are text: 'FOLDER/*.txt'
    """
    for beginning, kind, remedy in _KINDS:
        if re.match(beginning, head, re.DOTALL):
            raise CorpusError(f"{title} is not text, but {kind}; {remedy}")
