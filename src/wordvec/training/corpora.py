"""Corpora: the encoded text of a run, to train on and to validate on, in a folder that lasts as long as the run."""

from __future__ import annotations

import platform
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.corpus.encoded import ID_FILES, EncodedCorpus
from wordvec.corpus.sources import Source
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.errors import CorpusError, ResourceError
from wordvec.sampling.seeds import Purpose, generator
from wordvec.storage.temporary import make_locked, remove_abandoned, remove_and_unlock
from wordvec.vocabulary.encoding import CountingProgress, encode_corpus, encode_with
from wordvec.vocabulary.holdout import hold_out
from wordvec.vocabulary.selection import advice_without_spaces
from wordvec.vocabulary.vocabulary import CountedVocabulary

__all__ = ["Corpora", "check_contexts", "encode", "folder_for_corpora"]

_RANDOM_LETTERS = 8  # at the end of a name by mkdtemp


class Corpora(NamedTuple):
    """A run's text, in word ids."""

    vocabulary: CountedVocabulary
    training: EncodedCorpus
    held_out: EncodedCorpus | None
    read: CountingProgress  # the last report on reading the training text


def encode(
    source: Source,
    folder: Path,
    config: Config,
    tokenizer: str | Tokenizer,
    *,
    validation_source: Source | None = None,
    keep_words: Sequence[str] = (),
    on_progress: Callable[[CountingProgress], None],
) -> Corpora:
    """Read and encode the text; set apart what is to be validated on.

    Raises:
        CorpusError: it cannot be read, or there is too little of it.
    """
    last_read: list[CountingProgress] = []

    def on_counting(progress: CountingProgress) -> None:
        last_read[:] = [progress]
        on_progress(progress)

    vocabulary, corpus = encode_corpus(
        source,
        folder=folder,
        tokenizer=tokenizer,
        min_count=config.min_count,
        max_vocab=config.max_vocab,
        unknown=config.unknown,
        unknown_word=config.unknown_word,
        keep_words=keep_words,
        threads=config.num_threads,
        on_progress=on_counting,
    )
    check_contexts(corpus, vocabulary.words, vocabulary.counts)
    held_out = None
    if validation_source is not None:
        held_out = encode_with(
            vocabulary,
            validation_source,
            folder=folder,
            tokenizer=tokenizer,
            unknown=config.unknown,
            unknown_word=config.unknown_word,
            threads=config.num_threads,
        )
    elif config.validation:
        chance = generator(config.seed, Purpose.HELD_OUT_TEXTS)
        corpus, held_out = hold_out(corpus, config.validation, chance, folder)
    return Corpora(vocabulary, corpus, held_out, last_read[0])


def check_contexts(
    corpus: EncodedCorpus,
    words: Sequence[str],  # (W,)  of the text
    counts: NDArray[np.int64],  # (W,)
) -> None:
    """Check that some word stands beside another.

    Raises:
        CorpusError: every text has one word.
    """
    if corpus.num_words == corpus.num_texts:
        advice = advice_without_spaces(words, counts) or (
            "wordvec reads one text a line: put the words of a sentence on one line"
        )
        raise CorpusError(
            f"each of the {corpus.num_texts:,} texts has one word (of those in the vocabulary), so no word has a "
            f"context to learn from; {advice}"
        )


@contextmanager
def folder_for_corpora(chosen: str | Path | None) -> Iterator[Path]:
    """A temporary folder. Those of runs that were killed, on this machine, are removed at this opportunity.

    Raises:
        ResourceError: none can be made there.
    """
    # Of this machine alone: others may use the place, too, and their locks may not be seen here.
    machine = re.sub(r"[^\w.-]", "_", platform.node())
    prefix = f"wordvec-{machine}-"
    try:
        place = Path(chosen or tempfile.gettempdir())
        remove_abandoned(filter(_is_one_of_ours, list(place.glob(f"{prefix}{'?' * _RANDOM_LETTERS}"))))
        path, lock = make_locked(lambda: Path(tempfile.mkdtemp(prefix=prefix, dir=place)))
    except OSError as problem:
        raise ResourceError(
            f"no temporary folder can be made in {chosen or 'the place for temporary files'}: {problem.strerror}; "
            "choose another one (temporary_folder, --temporary-folder)"
        ) from problem
    try:
        yield path
    finally:
        remove_and_unlock(path, lock)


def _is_one_of_ours(folder: Path) -> bool:
    """Whether there is nothing in it but encoded text."""
    try:
        return all(file.match(ID_FILES) for file in folder.iterdir())
    except OSError:
        return False
