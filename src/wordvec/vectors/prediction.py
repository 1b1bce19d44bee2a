"""Prediction: the words most likely beside some words, by both matrices, as training scored them.

A context's hidden row h is the mean of its words' input vectors (their sum where CBOW was trained so), and word w
scores u_w · h, with u_w its output vector. gensim's `predict_output_word` is the same. Where CBOW was trained on words
made of n-grams, h is the mean of all rows of all words, as it was then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.foreign_names import explains_names
from wordvec.settings import check_count
from wordvec.vocabulary.vocabulary import Vocabulary

if TYPE_CHECKING:
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["Prediction", "Predictor", "predict", "predictions"]

# V words, R rows, D dimensions, C contexts, P positions around a word, k answers for each context
Floats = NDArray[np.float32]
Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

SCORES_PER_BLOCK = 2**22  # 32 MiB in float64
ROWS_PER_BLOCK = 16_384


class Prediction(NamedTuple):
    """A word, and its share of the softmax over all words; compares equal to a plain tuple."""

    word: str
    score: float  # in [0, 1]; those of all words sum to 1


class Predictor(NamedTuple):
    """What predicts words: both matrices, and how training put contexts together."""

    vocabulary: Vocabulary
    rows: Floats  # (R, D)  input rows
    output_matrix: Floats  # (V, D)
    is_sum: bool  # hidden rows are sums of input vectors, not means
    counts_rows: bool  # means are of all rows that make the words, so a word counts as often as it has rows
    position_weight: Reals | None  # (D,)  the mean of what positions multiply input vectors by

    @classmethod
    def of(
        cls,
        vocabulary: Vocabulary,
        rows: Floats,
        output_matrix: Floats | None,
        position_weights: Floats | None,
        config: Mapping[str, Any] | None,
    ) -> Predictor:
        """Take what a model keeps.

        Raises:
            ConfigError: it has no output vector for each word.
        """
        settings = config or {}
        if output_matrix is None:
            if settings.get("objective") == "hierarchical":
                raise ConfigError(
                    "hierarchical softmax learns vectors for the nodes of a tree, not an output vector for each word, "
                    "so this model cannot predict words; train with objective='negative'"
                )
            raise ConfigError(
                "prediction needs the output vectors, and these vectors have none: load the model folder that training "
                "saved; files of word2vec, GloVe and others hold input vectors alone"
            )
        is_cbow = settings.get("architecture") == "cbow"
        is_sum = is_cbow and settings.get("pooling") == "sum"
        weight = None if position_weights is None else position_weights.mean(axis=0, dtype=np.float64)
        return cls(vocabulary, rows, output_matrix, is_sum, is_cbow and not is_sum, weight)

    def predict(
        self,
        contexts: Sequence[Sequence[str]],
        k: int,
        *,
        exclude: Sequence[str] = (),
        exclude_context: bool = False,
        skip_unknown: bool = False,
        search_limit: int | None = None,
    ) -> list[list[Prediction]]:
        """The k words with the highest scores beside each context; an empty list for a context without words.

        Raises:
            ConfigError: k or search_limit is not valid, or a context is a str.
            UnknownWordError: a word has no vector, and `skip_unknown` is False.
        """
        check_count("k", k, "how many words to predict")
        if search_limit is not None:
            check_count("search_limit", search_limit, "how many of the most frequent words may be predicted")
        asked = [self._known(context, skip_unknown=skip_unknown) for context in contexts]
        barred = self.vocabulary.find_ids(list(exclude))
        own = [self.vocabulary.find_ids(words) if exclude_context else barred[:0] for words in asked]
        num_words = len(self.output_matrix)
        limit = num_words if search_limit is None else min(search_limit, num_words)
        found: list[list[Prediction]] = []
        per_block = max(1, SCORES_PER_BLOCK // num_words)
        for first in range(0, len(asked), per_block):
            block = asked[first : first + per_block]
            scores = self.scores(self.hidden_rows(block))  # (C, V)
            shares = _softmax(scores)
            candidates = scores[:, :limit]
            for row, ids in enumerate(own[first : first + per_block]):
                out = np.concatenate([barred, ids])
                candidates[row, out[(out >= 0) & (out < limit)]] = -np.inf
            best, has_score = _highest(candidates, k)
            for row, words in enumerate(block):
                ids = best[row][has_score[row]] if len(words) else best[row][:0]
                found.append(
                    [
                        Prediction(self.vocabulary.words[word], share)
                        for word, share in zip(ids.tolist(), shares[row, ids].tolist(), strict=True)
                    ]
                )
        return found

    def hidden_rows(self, contexts: Sequence[Sequence[str]]) -> Reals:
        """The hidden row of each context, (C, D): a word that stands there twice counts twice; no words are zeros.

        Raises:
            UnknownWordError: a word has no vector.
        """
        number_of: dict[str, int] = {}
        numbers = [number_of.setdefault(word, len(number_of)) for context in contexts for word in context]
        hidden = np.zeros((len(contexts), self.rows.shape[1]))
        if not numbers:
            return hidden
        words = list(number_of)
        vectors = self.vocabulary.vectors_of(words, self.rows).astype(np.float64)
        counts = self.vocabulary.num_rows_of(words) if self.counts_rows else np.ones(len(words), np.int64)
        sizes = np.array([len(context) for context in contexts])
        has_words = sizes > 0
        starts = (np.cumsum(sizes) - sizes)[has_words]
        hidden[has_words] = np.add.reduceat(vectors[numbers] * counts[numbers, None], starts, axis=0)
        if not self.is_sum:
            hidden[has_words] /= np.add.reduceat(counts[numbers], starts)[:, None]
        if self.position_weight is not None:
            hidden *= self.position_weight
        return hidden

    def scores(self, hidden: Reals) -> Reals:
        """The score of each word with each hidden row, (C, V), summed in float64."""
        scores = np.empty((len(hidden), len(self.output_matrix)))
        for start in range(0, len(self.output_matrix), ROWS_PER_BLOCK):
            block = self.output_matrix[start : start + ROWS_PER_BLOCK].astype(np.float64)
            np.matmul(hidden, block.T, out=scores[:, start : start + ROWS_PER_BLOCK])
        return scores

    def _known(self, context: Sequence[str], *, skip_unknown: bool) -> list[str]:
        if isinstance(context, str):
            raise ConfigError(
                f"a context must be a list of words, got the str {context[:40]!r}: [{context[:40]!r}]"
            )
        words = list(context)
        unknown = next((word for word in words if not self.vocabulary.has_vector(word)), None)
        if unknown is None:
            return words
        if skip_unknown:
            return [word for word in words if self.vocabulary.has_vector(word)]
        self.vocabulary.id_of(unknown)  # says that it is unknown, or not a word
        raise UnknownWordError(f"{unknown!r} has no vector")


@explains_names
def predict(
    self: WordVectors,
    context: Sequence[str],
    k: int = 10,
    *,
    exclude: Sequence[str] = (),
    exclude_context: bool = False,
    search_limit: int | None = None,
) -> list[Prediction]:
    """Predict the k words most likely beside some words, as training learned to do (gensim: predict_output_word).

    Word w scores u_w · h, with u_w its output vector and h the mean of the context's input vectors: their sum, if CBOW
    was trained with `pooling="sum"`; times the mean of the position weights, if the model has some. Where CBOW was
    trained on words made of n-grams, a word counts in that mean as often as it has rows.

    Scores are the softmax over all words. For a model of the full softmax these are probabilities, apart from the
    biases, which a model does not keep. For one of negative sampling they order words, but are not probabilities: its
    products estimate how much likelier a word is here than in the noise.

    Args:
        self: the model, as a method of which this is called.
        context: words, in any order; one that is repeated counts as often.
        k: how many words to predict, at least 1.
        exclude: words that must not be predicted.
        exclude_context: whether the context's own words must not be predicted, either.
        search_limit: predict only the N most frequent words; None: any.

    Returns:
        The words and their scores, the highest first; fewer than k of few words.

    Raises:
        ConfigError: the model has no output vectors, as after hierarchical softmax; there is no context; or k or
            search_limit is not valid.
        UnknownWordError: a word of the context has no vector.

    >>> from wordvec import WordVectors
    >>> words, matrix = ["tea", "milk", "nails"], [[1, 0], [1, 0.2], [0, 1]]
    >>> WordVectors(words, matrix, output_matrix=[[2, 0], [3, 0], [0, 4]]).predict(["tea"], k=1)
    [Prediction(word='milk', score=0.70...)]
    """
    if not isinstance(context, str) and not len(context):
        raise ConfigError("a context must have at least one word, got none")
    return self.predictions(
        [context], k, exclude=exclude, exclude_context=exclude_context, search_limit=search_limit
    )[0]


@explains_names
def predictions(
    self: WordVectors,
    contexts: Sequence[Sequence[str]],
    k: int = 10,
    *,
    exclude: Sequence[str] = (),
    exclude_context: bool = False,
    skip_unknown: bool = False,
    search_limit: int | None = None,
) -> list[list[Prediction]]:
    """Predict the k words most likely beside each of many contexts at once; see `predict`.

    Args:
        self: the model, as a method of which this is called.
        contexts: lists of words.
        k: how many words to predict beside each, at least 1.
        exclude: words that must not be predicted.
        exclude_context: whether a context's own words must not be predicted, either.
        skip_unknown: leave out words that have no vector, instead of raising an error.
        search_limit: predict only the N most frequent words; None: any.

    Returns:
        For each context, words and scores, the highest first; an empty list where no word is left.

    Raises:
        ConfigError: as of `predict`; or a context is a str.
        UnknownWordError: a word has no vector, and `skip_unknown` is False.

    >>> from wordvec import WordVectors
    >>> words, matrix = ["tea", "milk", "nails"], [[1, 0], [1, 0.2], [0, 1]]
    >>> shop = WordVectors(words, matrix, output_matrix=[[2, 0], [3, 0], [0, 4]])
    >>> [found[0].word for found in shop.predictions([["tea"], ["nails"]], exclude=["nails"])]
    ['milk', 'tea']
    """
    predictor = Predictor.of(
        self.vocabulary, self.rows, self.output_matrix, self.position_weights, self.config
    )
    return predictor.predict(
        contexts,
        k,
        exclude=exclude,
        exclude_context=exclude_context,
        skip_unknown=skip_unknown,
        search_limit=search_limit,
    )


def _softmax(scores: Reals) -> Floats:
    """The share of each word, (C, V)."""
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return np.asarray(shares, np.float32)


def _highest(scores: Reals, k: int) -> tuple[Ints, NDArray[np.bool_]]:
    """The columns of the k highest scores of each row, highest first, equal ones by their number; which are finite."""
    rounded = scores.astype(np.float32)  # so that how BLAS orders a sum decides no tie
    k = min(k, rounded.shape[1])
    lowest = np.partition(rounded, rounded.shape[1] - k, axis=1)[:, rounded.shape[1] - k]
    best = np.empty((len(rounded), k), np.int64)
    for row, threshold in enumerate(lowest):
        columns = np.flatnonzero(rounded[row] >= threshold)
        best[row] = columns[np.lexsort((columns, -rounded[row, columns]))[:k]]
    return best, np.isfinite(np.take_along_axis(rounded, best, axis=1))
