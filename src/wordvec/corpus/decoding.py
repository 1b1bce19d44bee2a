"""Decoding: the text of a file as UTF-8, from any encoding; an error for other bytes, and for files without text."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from wordvec.errors import ConfigError, CorpusError
from wordvec.text import shortened

if TYPE_CHECKING:
    from wordvec.corpus.byte_stream import ByteStream

__all__ = [
    "ERRORS",
    "UTF_8",
    "Decoding",
    "TextStream",
    "check_decoding",
    "check_not_binary",
    "has_controls",
    "is_encoding",
]

ERRORS = ("strict", "replace", "ignore")

_HEAD_BYTES = 512  # shows what a file is; tar's signature ends at byte 262
_MAX_GROWTH = 3  # bytes of UTF-8 for a byte of another encoding
_MIN_BYTES, _MAX_BYTES = 16, 2**16  # decoded at a time
_MARKS = (  # a file may begin with one; first those of UTF-32, as one of them begins with a mark of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
)
_NEED_MARK = ("utf-16", "utf-32")  # it tells the order of their bytes
_OF_HOST_NAMES = ("idna", "punycode")  # Python's encodings that are of names, not of texts


class Decoding(NamedTuple):
    """How bytes become text."""

    encoding: str = "utf-8"  # as Python names it
    errors: str = "strict"  # what to do with bytes that are not of the encoding

    @property
    def is_utf8(self) -> bool:
        """Whether the encoding is UTF-8, with a mark or without."""
        return codecs.lookup(self.encoding).name in ("utf-8", "utf-8-sig")

    @property
    def keeps_bytes(self) -> bool:
        """Whether the bytes of the file are those of the text."""
        return self.is_utf8 and self.errors == "strict"


UTF_8 = Decoding()


def is_encoding(name: Any) -> bool:
    """Whether Python has an encoding of texts by this name.

    >>> is_encoding("Shift_JIS"), is_encoding("base64"), is_encoding("klingon")
    (True, False, False)
    """
    try:
        "a".encode(name)  # a LookupError also for an encoding of bytes, such as base64
        return codecs.lookup(name).name not in _OF_HOST_NAMES
    except (LookupError, TypeError, ValueError):  # Python's encoding "undefined" raises the last
        return False


def check_decoding(encoding: str, errors: str) -> None:
    """Check the name of an encoding, and the way to handle errors.

    Raises:
        ConfigError: Python does not have the encoding, or `errors` is not one of `ERRORS`.

    >>> check_decoding("utf8", "replace")
    >>> check_decoding("utf-8", "surrogateescape")
    Traceback (most recent call last):
    wordvec.errors.ConfigError: errors must be 'strict', 'replace' or 'ignore', got 'surrogateescape'; ...
    """
    if not is_encoding(encoding):
        raise ConfigError(
            f"encoding must name one of Python's text encodings, such as 'utf-8', 'utf-16', 'cp1252' or 'gb18030', "
            f"got {shortened(repr(encoding))}; see the table of standard encodings in the documentation of Python"
        )
    if errors not in ERRORS:
        *most, last = map(repr, ERRORS)
        raise ConfigError(
            f"errors must be {', '.join(most)} or {last}, got {shortened(repr(errors))}; bytes that are not of the "
            "encoding end the run, become U+FFFD, or are left out"
        )


class TextStream:
    r"""The text of a stream of bytes as UTF-8, read from start to end.

    Args:
        stream: the bytes of the file.
        decoding: how they become text. Bytes of UTF-8 are passed on unchecked where errors are strict.
        is_beginning: whether the stream begins where the file does, which may have a mark, or not be text.

    Raises:
        CorpusError: the file is not text, begins with the mark of another encoding, or has bytes that are not of the
            encoding (those of UTF-8 are left to `check_text`).

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from wordvec.corpus.byte_stream import ByteStream
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "menu.txt")
    ...     size = path.write_bytes(b"caf\xe9")
    ...     with ByteStream(str(path)) as stream:
    ...         TextStream(stream, Decoding("cp1252")).read(100).decode()
    'café'
    """

    def __init__(self, stream: ByteStream, decoding: Decoding = UTF_8, *, is_beginning: bool = True) -> None:
        if not is_beginning and decoding.is_utf8:
            decoding = decoding._replace(encoding="utf-8")  # "utf-8-sig" takes what looks like a mark away
        self._stream, self._decoding = stream, decoding
        self._decoder = codecs.getincrementaldecoder(decoding.encoding)(decoding.errors)
        self._decoded_bytes, self._decoded_lines = 0, 0  # of the file, by the decoder
        self._is_at_end = False
        self._waiting = b""  # decoded, and not read yet
        if is_beginning:
            head = stream.peek(_HEAD_BYTES)
            self._check_mark(head)
            check_not_binary(head, stream.title)

    def read(self, size: int) -> bytes:
        """Read exactly `size` bytes of UTF-8; fewer only at the end."""
        if self._decoding.keeps_bytes:
            return self._stream.read(size)
        parts = [self._waiting]
        filled = len(self._waiting)
        while filled < size and not self._is_at_end:
            # No more than is asked for, so that the file's bytes_read goes with the text that was read of it.
            num_bytes = min(max(_MIN_BYTES, (size - filled) // _MAX_GROWTH), _MAX_BYTES)
            parts.append(self._decode(self._stream.read(num_bytes)))
            filled += len(parts[-1])
        text = b"".join(parts)
        self._waiting = text[size:]
        return text[:size]

    def _check_mark(self, head: bytes) -> None:
        found = next((names for mark, *names in _MARKS if head.startswith(mark)), None)
        encoding = codecs.lookup(self._decoding.encoding).name
        if found is None and head and encoding in _NEED_MARK:
            raise CorpusError(
                f"{self._stream.title} does not begin with a byte order mark, which {self._decoding.encoding!r} needs; "
                f"give encoding='{encoding}-le' (--encoding {encoding}-le), as most files are, or '{encoding}-be'"
            )
        if found is None or encoding in found:
            return
        family = found[0]
        said = "it is read as UTF-8" if self._decoding.is_utf8 else f"encoding is {self._decoding.encoding!r}"
        raise CorpusError(
            f"{self._stream.title} begins with the byte order mark of {family.upper()}, but {said}; give "
            f"encoding={family!r} (--encoding {family})"
        )

    def _decode(self, data: bytes) -> bytes:
        """Decode the next bytes of the file; none are the end."""
        self._is_at_end = not data
        before = self._decoder.getstate()
        try:
            text = self._decoder.decode(data, final=self._is_at_end)
        except UnicodeError as problem:
            raise self._undecodable(problem, before) from problem
        self._decoded_bytes += len(data)
        self._decoded_lines += text.count("\n")
        try:
            return text.encode()
        except UnicodeEncodeError as problem:  # half of a surrogate pair, which UTF-7 and escapes can have
            if self._decoding.errors == "strict":
                line = self._decoded_lines - text.count("\n", problem.start) + 1
                raise CorpusError(
                    f"{self._stream.title} has U+{ord(text[problem.start]):04X} in line {line:,}, which is not a "
                    "character; leave it out or replace it: errors='ignore' or errors='replace' (--errors)"
                ) from problem
            return re.sub(
                "[\ud800-\udfff]", "\ufffd" if self._decoding.errors == "replace" else "", text
            ).encode()

    def _undecodable(self, problem: UnicodeError, before: tuple[bytes, int]) -> CorpusError:
        """The error that says which bytes the encoding does not have."""
        place = ""
        if isinstance(problem, UnicodeDecodeError):
            byte = self._decoded_bytes - len(before[0]) + problem.start
            decoder = codecs.getincrementaldecoder(self._decoding.encoding)("ignore")
            decoder.setstate((b"", before[1]))
            line = self._decoded_lines + decoder.decode(problem.object[: problem.start]).count("\n") + 1
            place = f" in line {line:,}, at byte {byte:,} (0x{problem.object[problem.start]:02x})"
        encoding = self._decoding.encoding
        return CorpusError(
            f"{self._stream.title} is not valid {encoding}{place}; name its encoding, or replace what is "
            "not of it: errors='replace' (--errors replace)"
        )


_DECOMPRESS = "decompress it first, or pass its text on: {} | wordvec train -"
_EXPORT = "save its text as plain text first"
_LEAVE_OUT = "name the files that are text: 'FOLDER/*.txt'"

_CONTROLS = rb"[\x00-\x08\x0e-\x1a\x7f]"  # text has whitespace and escapes for color, and none of these
_BUT = rb"(?=.*" + _CONTROLS + rb")"  # before what could begin a text, too

# How files that are not text begin (a dot is any byte) -> what they are, and what to do.
_BINARY_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis", "an OpenDocument file", _EXPORT),
    (rb"PK\x03\x04.{26}mimetypeapplication/epub", "an EPUB book", _EXPORT),
    (rb"PK\x03\x04.{26}(\[Content_Types\]|_rels/|docProps/|word/|xl/|ppt/)", "an Office document", _EXPORT),
    (rb"PK(\x03\x04|\x05\x06|\x07\x08)", "a zip archive", _DECOMPRESS.format("unzip -p FILE")),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _DECOMPRESS.format("7z e -so FILE")),
    (rb"Rar!\x1a\x07", "a RAR archive", _DECOMPRESS.format("unrar p -inul FILE")),
    (_BUT + rb".{257}ustar", "a tar archive", _DECOMPRESS.format("tar -xOf FILE")),
    (rb"\x04\x22\x4d\x18", "compressed by lz4", _DECOMPRESS.format("lz4 -dc FILE")),
    (rb"\x1f[\x9d\xa0]", "compressed by compress", _DECOMPRESS.format("gzip -dc FILE")),
    (rb"LZIP\x01", "compressed by lzip", _DECOMPRESS.format("lzip -dc FILE")),
    (rb"\x5d\x00\x00.{2}[\x00-\x0f]", "compressed by lzma", _DECOMPRESS.format("xz --format=lzma -dc FILE")),
    (rb"\x1f\x8b\x08", "compressed twice by gzip", _DECOMPRESS.format("gzip -dc FILE | gzip -dc")),
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
    r"""Whether there are control characters that text does not have.

    >>> has_controls(b"\x1b[1mred\x1b[0m\tgreen\r\n"), has_controls(b"red\x00")
    (False, True)
    """
    return re.search(_CONTROLS, data) is not None


def check_not_binary(head: bytes, title: str) -> None:
    r"""Check by its first bytes that a file is not an archive, a document, a picture or another file without text.

    Args:
        head: the first bytes of the decompressed file; 512 show every kind.
        title: what messages name.

    Raises:
        CorpusError: it is one; the message names the kind, and what to do.

    >>> check_not_binary(b"GIF89a is an old format", "notes.txt")
    >>> check_not_binary(b"GIF89a\x10\x00\x10\x00", "logo.gif")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: logo.gif is not text, but a GIF picture; name the files that are text: 'FOLDER/*.txt'
    """
    for beginning, kind, remedy in _BINARY_KINDS:
        if re.match(beginning, head, re.DOTALL):
            raise CorpusError(f"{title} is not text, but {kind}; {remedy}")
