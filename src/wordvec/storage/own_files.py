"""Own files: tell what we wrote into a folder from what a user put there, which is never lost."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Collection
from contextlib import suppress
from itertools import chain
from pathlib import Path

from wordvec.storage.format_table import CARD, CONFIG, FORMATS, PROJECTOR
from wordvec.storage.plain_json import parse_json

__all__ = ["CARD_SHA256", "carry_over", "foreign_entries", "remove_own", "sha256_of"]

CARD_SHA256 = "card_sha256"  # in config.json: of the card as we wrote it, to see whether a user has edited it
FOLDERS_INSIDE = frozenset({"vocab"})  # of spaCy's; everything else that we write into a folder is a file
UNFINISHED = re.compile(r"\.tmp\w{6}")  # what safetensors has begun to write when it was killed
ALL_OWN = PROJECTOR.union(*(format_.folder.own for format_ in FORMATS.values() if format_.folder))


def sha256_of(text: bytes) -> str:
    """Hash a model card.

    >>> sha256_of(b"# Word vectors")[:8]
    'fbc14192'
    """
    return hashlib.sha256(text).hexdigest()


def foreign_entries(folder: Path, own: Collection[str]) -> list[Path]:
    """List the entries that we have not written: other names, folders in place of files, an edited card."""
    return [entry for entry in sorted(folder.iterdir()) if not _is_own(entry, own)]


def carry_over(old: Path, new: Path, own: Collection[str]) -> None:
    """Move foreign entries from the previous version to the new one; where a name is taken, ".kept" is added.

    Raises:
        OSError: the system refuses it; what was not moved is still in the old folder.
    """
    for entry in foreign_entries(old, own):
        entry.rename(_free_name(new / entry.name))


def remove_own(folder: Path) -> None:
    """Remove the entries that we wrote into a folder, and the folder if nothing else is in it; ignore errors."""
    with suppress(OSError):
        foreign = {
            entry for entry in foreign_entries(folder, ALL_OWN) if not UNFINISHED.fullmatch(entry.name)
        }
        if not foreign:
            shutil.rmtree(folder, ignore_errors=True)
            return
        for entry in set(folder.iterdir()) - foreign:
            with suppress(OSError):
                _remove(entry)


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def _is_own(entry: Path, own: Collection[str]) -> bool:
    if entry.name not in own:
        return False
    if entry.is_symlink():
        return True  # what it points to stays
    if entry.is_dir():
        return entry.name in FOLDERS_INSIDE
    return entry.name != CARD or not _is_edited(entry)


def _is_edited(card: Path) -> bool:
    """Whether a card differs from what the settings beside it say; where they do not say it, it is ours."""
    with suppress(OSError, ValueError):
        config = parse_json((card.parent / CONFIG).read_text(encoding="utf-8"))
        if isinstance(config, dict) and CARD_SHA256 in config:
            content = card.read_bytes()
            return bool(content) and sha256_of(content) != config[CARD_SHA256]
    return False


def _free_name(path: Path) -> Path:
    """The path, or one like it where nothing is yet: README.md, README.kept.md, README.kept2.md."""
    others = (path.with_name(f"{path.stem}.kept{number}{path.suffix}") for number in ("", *range(2, 10_000)))
    return next(name for name in chain([path], others) if not _is_taken(name))


def _is_taken(path: Path) -> bool:
    return path.exists() or path.is_symlink()
