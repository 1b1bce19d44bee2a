"""Lines: put any text into lines that every trainer reads alike.

gensim's `corpus_file` mode cuts what follows the 10,000th word of a line, deals lines out to its workers,
and splits at ASCII whitespace in one place and at Unicode whitespace in another. A file of short lines whose
words are separated by single spaces means the same to everyone.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO, cast

from wordvec.phrases.finding import find_phrases

__all__ = ["PHRASES_JOINED", "beginning", "cut_lines", "joined", "named", "prepare", "stem"]

WORDS_PER_LINE = 1000
PHRASES_JOINED = ", phrases joined"  # ends the name of a corpus
READ_CHARACTERS = 1 << 20
OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def prepare(corpus: Path, folder: Path) -> Path:
    """Write `corpus` in lines of at most 1000 words into `folder`, unless it is there already."""
    status = corpus.stat()
    key = hashlib.sha256(f"{corpus.resolve()}:{status.st_size}:{status.st_mtime_ns}".encode()).hexdigest()[
        :12
    ]
    prepared = folder / f"{stem(corpus)}-{key}.txt"
    if not prepared.exists():
        unfinished = prepared.with_suffix(".unfinished")
        with open_text(corpus) as text, unfinished.open("w", encoding="utf-8", newline="\n") as output:
            output.writelines(" ".join(words) + "\n" for words in cut_lines(text, WORDS_PER_LINE))
        unfinished.replace(prepared)
    return prepared


def beginning(prepared: Path, megabytes: float | None, folder: Path) -> Path:
    """The whole lines of the first `megabytes` of a prepared corpus, as a file in `folder`; None for all of it."""
    if megabytes is None:
        return prepared
    part = folder / f"{prepared.stem}-{megabytes:g}MB.txt"
    left = int(megabytes * 1e6)
    with prepared.open("rb") as lines, part.open("wb") as output:
        for line in lines:
            left -= len(line)
            if left < 0:
                break
            output.write(line)
    return part


def joined(prepared: Path, folder: Path) -> Path:
    """A prepared corpus with its phrases joined, as wordvec finds them by default, as a file in `folder`."""
    part = folder / f"{prepared.stem}-phrases.txt"
    phrases = find_phrases(prepared)
    with prepared.open(encoding="utf-8") as lines, part.open("w", encoding="utf-8", newline="\n") as output:
        output.writelines(" ".join(phrases.join(line.split())) + "\n" for line in lines)
    return part


def named(corpus: Path, megabytes: float | None, *, has_phrases: bool = False) -> str:
    """The name of a corpus, and how much of it is used.

    >>> named(Path("data/text.txt.gz"), 20, has_phrases=True)
    'text.txt.gz, the first 20 MB, phrases joined'
    """
    of_it = "" if megabytes is None else f", the first {megabytes:g} MB"
    return f"{corpus.name}{of_it}{PHRASES_JOINED if has_phrases else ''}"


def stem(corpus: Path) -> str:
    """The name of a file without any of its endings.

    >>> stem(Path("data/enwiki100m.az.txt.gz"))
    'enwiki100m'
    """
    return corpus.name.split(".")[0]


def open_text(path: Path) -> TextIO:
    """Open plain, gz, bz2 or xz text; bytes that are not UTF-8 become replacement characters."""
    opener = OPENERS.get(path.suffix, open)
    return cast("TextIO", opener(path, "rt", encoding="utf-8", errors="replace", newline="\n"))


def cut_lines(text: TextIO, words_per_line: int) -> Iterator[list[str]]:
    r"""Yield the words of each line, a longer one in parts of `words_per_line`; memory stays bounded.

    >>> import io
    >>> list(cut_lines(io.StringIO("one line\n\nof three words\n"), words_per_line=2))
    [['one', 'line'], ['of', 'three'], ['words']]
    """
    words: list[str] = []
    cut_word = ""
    while piece := text.readline(READ_CHARACTERS):
        line_ends = piece.endswith("\n")
        piece = cut_word + piece
        words += piece.split()
        cut_word = "" if piece[-1].isspace() else words.pop()
        in_full_lines = len(words) - len(words) % words_per_line
        for start in range(0, in_full_lines, words_per_line):
            yield words[start : start + words_per_line]
        words = words[in_full_lines:]
        if line_ends and words:
            yield words
            words = []
    if cut_word:
        words.append(cut_word)
    if words:
        yield words
