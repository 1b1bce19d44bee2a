"""The Hugging Face hub: models pushed to it with their cards, and loaded from it where the address begins with hf://."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from wordvec.errors import ConfigError, FormatError, ResourceError
from wordvec.formats.model_card import model_card
from wordvec.formats.native import write_model
from wordvec.packages import imported
from wordvec.storage.format_table import CARD, NEEDED, PHRASES
from wordvec.text import reason_of
from wordvec.vectors.word_vectors import WordVectors
from wordvec.version import __version__

__all__ = ["PREFIX", "download", "push_to_hub"]

PREFIX = "hf://"
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
ADDRESS = re.compile(rf"{PREFIX}(?P<repository>{REPOSITORY.pattern})(?:@(?P<revision>[\w./-]+))?")


def download(address: str) -> Path:
    """Bring a model to the cache of the hub's own client, if it is not there, and tell its folder.

    Raises:
        ConfigError: the address is not hf://owner/name.
        ResourceError: it cannot be reached.
        FormatError: it is not a wordvec model.
        MissingPackageError: huggingface_hub is not installed.
    """
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise ConfigError(
            f"an address on the hub is hf://owner/name or hf://owner/name@revision, got {address!r}"
        )
    hub = imported("huggingface_hub", "the Hugging Face hub")
    with _asking(f"{address} cannot be loaded"):
        folder = Path(
            hub.snapshot_download(
                found["repository"], revision=found["revision"], allow_patterns=[*NEEDED, PHRASES]
            )
        )
    missing = [name for name in NEEDED if not (folder / name).exists()]
    if missing:
        raise FormatError(
            f"{address} is not a wordvec model, it has no {' and no '.join(missing)}; files of other formats can be "
            "downloaded from its page, and loaded then"
        )
    return folder


def push_to_hub(
    vectors: WordVectors, repository: str, *, private: bool | None = None, token: str | None = None
) -> str:
    """Upload a model, with its card, to a repository on the Hugging Face hub; create the repository if needed.

    The card and the settings are published with the model: look through `vectors.config` first.

    Args:
        vectors: the model; words, vectors, counts, settings and training records are uploaded.
        repository: "owner/name".
        private: whether only its owner sees a new repository; None leaves that to the owner's settings.
        token: one that may write; None takes that of `hf auth login` or of HF_TOKEN.

    Returns:
        The address, for `wordvec.load`.

    Raises:
        ConfigError: repository does not have the form "owner/name".
        ResourceError: the hub cannot be reached, or refuses the upload.
        MissingPackageError: huggingface_hub is not installed.

    >>> vectors = WordVectors(["paris", "rome"], [[2.0, 1.0], [4.0, 3.0]])
    >>> push_to_hub(vectors, "my-name/cities")  # doctest: +SKIP
    'hf://my-name/cities'
    >>> push_to_hub(vectors, "cities")
    Traceback (most recent call last):
    wordvec.errors.ConfigError: repository must be "owner/name", got 'cities'
    """
    if not REPOSITORY.fullmatch(repository):
        raise ConfigError(f'repository must be "owner/name", got {repository!r}')
    hub, address = imported("huggingface_hub", "the Hugging Face hub"), PREFIX + repository
    with TemporaryDirectory(prefix="wordvec-hub-") as folder:
        write_model(vectors, Path(folder, "model"))
        Path(folder, "model", CARD).write_text(
            model_card(vectors, __version__, address), encoding="utf-8", newline="\n"
        )
        with _asking(f"{address} cannot be written"), warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", "It seems that you are about to commit a data file"
            )  # the words
            client = hub.HfApi(token=token)
            client.create_repo(repository, private=private, exist_ok=True)
            client.upload_folder(
                repo_id=repository, folder_path=Path(folder, "model"), commit_message="Word vectors"
            )
    return address


@contextmanager
def _asking(what: str) -> Iterator[None]:
    """Turn what goes wrong on the way into a ResourceError of one line."""
    try:
        yield
    except Exception as problem:  # the hub's, the system's, and those of the HTTP package of the day
        raise ResourceError(
            f"{what}: {reason_of(problem)}; check the name, the network, and who is logged in (hf auth whoami)"
        ) from problem
