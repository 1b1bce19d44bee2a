"""WordVectors: words with their vectors, and the questions that they answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.vectors.neighbors import NOBODY, first_non_finite_row, top_k, unit_rows
from wordvec.vectors.spelling import UnknownWordMessage
from wordvec.vectors.torch_embedding import embedding_of, embedding_of_tokens

if TYPE_CHECKING:
    from torch.nn import Embedding

__all__ = ["Neighbor", "WordVectors"]

# V words, D dimensions
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)


class Neighbor(NamedTuple):
    """A word and its cosine with what was asked for; compares equal to a plain tuple."""

    word: str
    similarity: float  # in [-1, 1]


class WordVectors:
    """Words, each with a vector: row i of the matrix belongs to word i. Never changed once made.

    Arrays of the right type are not copied; what is given out is read-only (copy it to change it).

    Args:
        words: at least one, each of them once; by habit, the most frequent first.
        matrix: (V, D) input vectors, all finite; these answer the queries.
        counts: (V,) how often each word occurs in the corpus, where that is known.
        output_matrix: (V, D) output vectors, which training needs and queries do not.
        config: the settings of the training run, as plain data.
        training: what training reported, one record a report.

    Raises:
        ConfigError: the parts do not fit together.

    >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
    >>> len(cities), "paris" in cities, cities["rome"].tolist()
    (3, True, [4.0, 3.0])
    >>> cities.most_similar("paris", k=1)
    [Neighbor(word='rome', similarity=0.983869...)]
    """

    def __init__(
        self,
        words: Iterable[str],
        matrix: ArrayLike,
        *,
        counts: ArrayLike | None = None,
        output_matrix: ArrayLike | None = None,
        config: Mapping[str, Any] | None = None,
        training: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self.words = _checked_words(words)
        self._ids = {word: row for row, word in enumerate(self.words)}
        if len(self._ids) < len(self.words):
            twice = next(word for row, word in enumerate(self.words) if self._ids[word] != row)
            raise ConfigError(f"each word must be given once, got {twice!r} more than once")
        self.matrix: Floats = _checked_matrix("matrix", matrix, self.words)  # (V, D)
        self.output_matrix: Floats | None = None  # (V, D)
        if output_matrix is not None:
            self.output_matrix = _checked_matrix("output_matrix", output_matrix, self.words, self.dim)
        self.counts = None if counts is None else _checked_counts(counts, len(self.words))  # (V,)
        self.config = None if config is None else dict(config)
        self.training = [dict(record) for record in training]

    @property
    def dim(self) -> int:
        """The numbers in each vector."""
        return int(self.matrix.shape[1])

    @cached_property
    def unit_matrix(self) -> Floats:
        """The vectors at length 1, (V, D), so that a dot product is a cosine; a zero vector stays zero."""
        return _read_only(unit_rows(self.matrix))

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __repr__(self) -> str:
        return f"WordVectors({len(self):,} words x {self.dim})"

    def __getitem__(self, word: str) -> Floats:
        vector: Floats = self.matrix[self._id(word)]
        return vector

    def ids(self, words: Iterable[str]) -> Ints:
        """Look up the row of each word.

        Raises:
            UnknownWordError: a word is not in the vocabulary; the message has the closest spellings.
        """
        return np.array([self._id(word) for word in words], dtype=np.int64)

    def _id(self, word: str) -> int:
        if not isinstance(word, str):
            raise UnknownWordError(
                f"a word must be a str, got {type(word).__name__}; "
                "lookup([...]) takes several words, matrix[...] takes rows"
            )
        try:
            return self._ids[word]
        except KeyError:
            raise UnknownWordError(UnknownWordMessage(word, self.words)) from None

    def lookup(self, words: Sequence[str]) -> Floats:
        """Collect the vectors of several words, (n, D), in the order asked for.

        >>> WordVectors(["a", "b"], [[1.0, 2.0], [3.0, 4.0]]).lookup(["b", "a", "b"]).tolist()
        [[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]
        """
        vectors: Floats = self.matrix[self.ids(_several(words))]
        return vectors

    def similarity(self, a: str, b: str) -> float:
        """Compute the cosine of two words; 0 where one has a zero vector.

        >>> WordVectors(["up", "down"], [[0.0, 2.0], [0.0, -1.0]]).similarity("up", "down")
        -1.0
        """
        first, second = self.unit_matrix[self.ids([a, b])].astype(np.float64)
        return float(np.clip(first @ second, -1.0, 1.0))

    def most_similar(
        self, positive: str | Sequence[str] = (), negative: str | Sequence[str] = (), *, k: int = 10
    ) -> list[Neighbor]:
        """Find the k words nearest to some words, and away from others.

        The query is the sum of the positive words' unit vectors minus the negative ones' (3CosAdd); its own
        words are never in the answer, which is shorter than k where the vocabulary is.

        >>> axes = WordVectors(["king", "man", "woman", "queen"], [[1, 1], [1, 0], [-1, 0], [-1, 1]])
        >>> axes.most_similar(positive=["king", "woman"], negative=["man"], k=1)[0].word
        'queen'
        """
        plus, minus = self.ids(_several(positive)), self.ids(_several(negative))
        if len(plus) + len(minus) == 0:
            raise ConfigError("most_similar needs at least one word, positive or negative; got none")
        unit = self.unit_matrix
        query = unit[plus].sum(axis=0, dtype=np.float64) - unit[minus].sum(axis=0, dtype=np.float64)  # (D,)
        own = np.concatenate([plus, minus])
        best = top_k(unit, unit_rows(query[None, :]), k, exclude=[own.tolist()])
        return [
            Neighbor(self.words[row], float(score))
            for row, score in zip(best.ids[0], best.scores[0], strict=True)
            if row != NOBODY
        ]

    def analogy(self, a: str, b: str, c: str, k: int = 1) -> list[Neighbor]:
        """Find the k best words d for which a is to b as c is to d.

        >>> axes = WordVectors(["king", "man", "woman", "queen"], [[1, 1], [1, 0], [-1, 0], [-1, 1]])
        >>> axes.analogy("man", "king", "woman")[0].word
        'queen'
        """
        return self.most_similar(positive=[b, c], negative=[a], k=k)

    def to_embedding(self, *, freeze: bool = True) -> Embedding:
        """Copy the vectors into a `torch.nn.Embedding`, whose ids are the rows of the matrix.

        Args:
            freeze: keep the vectors as they are; False lets an optimizer train them on.

        Raises:
            MissingPackageError: torch is not installed.
        """
        return embedding_of(self.matrix, freeze=freeze)

    def embedding_for(
        self, tokens: Sequence[str], *, padding: str | None = None, freeze: bool = False, seed: int = 0
    ) -> Embedding:
        """Make a `torch.nn.Embedding` whose row i is the vector of tokens[i], to start a network from.

        Tokens without a vector get normal random numbers, as spread as those of the known tokens' vectors are on
        average. For a Hugging Face model whose hidden size is `dim`:

            tokens = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
            model.set_input_embeddings(vectors.embedding_for(tokens))

        Args:
            tokens: the network's tokens in the order of their ids, spelled as the words are.
            padding: the token that fills up short sentences; its row is zero and gets no gradient.
            freeze: keep all rows as they are; False lets an optimizer train them on.
            seed: start of the random draws, which leave torch's own generator alone.

        Raises:
            ConfigError: tokens is no list of tokens, or padding is not among them.
            UnknownWordError: none of the tokens has a vector.
            MissingPackageError: torch is not installed.

        >>> cities = WordVectors(["paris", "rome"], [[2.0, 1.0], [4.0, 3.0]])
        >>> layer = cities.embedding_for(["<pad>", "rome", "paris"], padding="<pad>")
        >>> layer.weight.tolist()
        [[0.0, 0.0], [4.0, 3.0], [2.0, 1.0]]
        """
        return embedding_of_tokens(tokens, self._ids, self.matrix, padding=padding, freeze=freeze, seed=seed)

    def save(self, path: str | PathLike[str], format: str | None = None) -> None:  # noqa: A002
        """Write the vectors to a file or a model folder; the same as `wordvec.formats.detect.save`.

        Args:
            path: `.bin` is word2vec's binary file, `.txt` and `.vec` its text file, all else our folder.
            format: "native", "word2vec-binary", "word2vec-text" or "glove", whatever the path ends in.

        Raises:
            FormatError: it cannot be written; what was there before is still there.
        """
        # The one import that goes up: formats stand on WordVectors, and users look for `save` here.
        from wordvec.formats.detect import save

        save(self, path, format)


def _several(words: str | Sequence[str]) -> Sequence[str]:
    return [words] if isinstance(words, str) else words


def _read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    view: NDArray[Scalar] = array.view()
    view.setflags(write=False)
    return view


def _checked_words(words: Iterable[str]) -> list[str]:
    checked = list(words)
    if not checked:
        raise ConfigError("words must hold at least one word, got none")
    for row, word in enumerate(checked):
        if not isinstance(word, str):
            raise ConfigError(f"words must be str, got {word!r} at row {row}")
    return checked


def _checked_matrix(name: str, matrix: ArrayLike, words: list[str], dim: int | None = None) -> Floats:
    checked = np.ascontiguousarray(matrix, dtype=np.float32)
    rows, wanted = len(words), "(at least 1)" if dim is None else dim
    if checked.ndim != 2 or len(checked) != rows or checked.shape[1] != (dim or max(1, checked.shape[1])):
        raise ConfigError(f"{name} must have the shape ({rows} words, {wanted}), got {np.shape(matrix)}")
    broken = first_non_finite_row(checked)
    if broken is not None:
        raise ConfigError(f"{name} must be finite, got NaN or infinity in row {broken} ({words[broken]!r})")
    return _read_only(checked)


def _checked_counts(counts: ArrayLike, num_words: int) -> Ints:
    checked = np.ascontiguousarray(counts)
    if checked.dtype.kind not in "iu" or checked.shape != (num_words,):
        raise ConfigError(
            f"counts must be {num_words} integers, one for each word, got {checked.dtype} {checked.shape}"
        )
    return _read_only(checked.astype(np.int64, copy=False))
