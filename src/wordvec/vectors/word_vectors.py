"""WordVectors: words with their vectors, and the questions that they answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordvec.foreign_names import explains_names
from wordvec.phrases.phrases import Phrases
from wordvec.vectors import checks, directions, prediction
from wordvec.vectors.analogy import Method, best_analogies, check_direction_of_analogy, questions_of
from wordvec.vectors.directions import Queries, Terms
from wordvec.vectors.ngrams import nearest_ngrams
from wordvec.vectors.top_k import Neighbor, Search, cosines_with, named, named_all, nearer_rows
from wordvec.vectors.torch_embedding import embedding_of, embedding_of_tokens
from wordvec.vocabulary.vocabulary import Vocabulary

if TYPE_CHECKING:
    from torch.nn import Embedding

__all__ = ["Neighbor", "WordVectors"]

# V words, R rows, D dimensions, P positions around a word, Q queries
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


class WordVectors:
    """Words, each with a vector: row i of `matrix` is the vector of word i. Never changed once made.

    All parts that you get are read-only, or copies. A matrix of float32 is not copied: do not change it afterwards.

    Args:
        words: at least one, each of them once; by convention, most frequent first. Or a `Vocabulary`.
        matrix: (V, D) input vectors, all finite, which answer the queries; with a vocabulary, the rows it asks for.
        counts: (V,) how often each word occurs in the corpus, where that is known.
        output_matrix: (V, D) output vectors, which training needs and queries do not.
        position_weights: (P, D) what CBOW multiplies the vector at each position of a window by, if it learned that.
        config: the settings of the training run, as plain data.
        training: what training reported, one record a report.
        phrases: those that were joined in the corpus, if any were; `phrases.join(tokens)` joins them in other texts.

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
        words: Iterable[str] | Vocabulary,
        matrix: ArrayLike,
        *,
        counts: ArrayLike | None = None,
        output_matrix: ArrayLike | None = None,
        position_weights: ArrayLike | None = None,
        config: Mapping[str, Any] | None = None,
        training: Iterable[Mapping[str, Any]] = (),
        phrases: Phrases | None = None,
    ) -> None:
        self._vocabulary, self._rows = checks.checked_parts(words, matrix)
        self._output_matrix = checks.checked_output_matrix(output_matrix, self.words, self.dim)
        self.position_weights: Final = checks.checked_position_weights(position_weights, self.dim)
        self._counts = None if counts is None else checks.checked_counts(counts, len(self.words))
        self._config = None if config is None else deepcopy(dict(config))
        self._training = [deepcopy(dict(record)) for record in training]
        self.phrases: Final = phrases

    @property
    def words(self) -> list[str]:
        """All words, in the order of their ids; read-only: sort or change a copy of it."""
        return self._vocabulary.words

    @property
    def vocabulary(self) -> Vocabulary:
        """The ids of words, and which rows make a word's vector."""
        return self._vocabulary

    @property
    def matrix(self) -> Floats:
        """The input vectors, (V, D), which answer the queries: row i is the vector of `words[i]`; read-only."""
        return self._matrix

    @cached_property
    def _matrix(self) -> Floats:
        return self._vocabulary.all_vectors(self._rows)

    @property
    def rows(self) -> Floats:
        """What the vocabulary makes vectors of, (R, D): `matrix` itself, but with subwords, also rows of n-grams."""
        return self._rows

    @property
    def output_matrix(self) -> Floats | None:
        """The output vectors, (V, D), if they were kept; read-only."""
        return self._output_matrix

    @property
    def counts(self) -> Ints | None:
        """How often each word occurs in the corpus, (V,), if that is known; read-only."""
        return self._counts

    @property
    def config(self) -> dict[str, Any] | None:
        """The settings of the training run, if there was one: a copy, which may be changed."""
        return deepcopy(self._config)

    @property
    def training(self) -> list[dict[str, Any]]:
        """What training reported, one record a report: a copy, which may be changed."""
        return deepcopy(self._training)

    @property
    def dim(self) -> int:
        """How many numbers each vector has: D."""
        return int(self._rows.shape[1])

    @cached_property
    def unit_matrix(self) -> Floats:
        """The vectors at length 1, (V, D), so that a dot product is a cosine; a zero vector stays zero."""
        return checks.read_only(directions.unit_rows(self.matrix))

    @cached_property
    def _search(self) -> Search:
        return Search(self.unit_matrix)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._vocabulary

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __repr__(self) -> str:
        return f"WordVectors({len(self):,} words x {self.dim})"

    def __getitem__(self, word: str) -> Floats:
        """The vector of a word, (D,), read-only.

        Args:
            word: one word; `lookup` takes several.

        Returns:
            The vector, (D,): a row of the matrix, or of a word with subwords the mean of its rows, known or not.

        Raises:
            UnknownWordError: the word has no vector; the message has the closest spellings.

        >>> WordVectors(["paris", "rome"], [[2.0, 1.0], [4.0, 3.0]])["rome"].tolist()
        [4.0, 3.0]
        """
        return self._vocabulary.vector_of(word, self._rows)

    def ids(self, words: str | Sequence[str]) -> Ints:
        """Look up the id of each word: its row in `matrix`.

        Args:
            words: n words, in any order, also repeated; a str is one word.

        Returns:
            The ids, (n,), each in [0, V).

        Raises:
            UnknownWordError: a word is not in the vocabulary; the message has the closest spellings.

        >>> WordVectors(["paris", "rome"], [[2.0, 1.0], [4.0, 3.0]]).ids(["rome", "paris"]).tolist()
        [1, 0]
        """
        return self._vocabulary.ids(words)

    def lookup(self, words: str | Sequence[str]) -> Floats:
        """Collect the vectors of several words in one matrix.

        Args:
            words: n words, in any order, also repeated.

        Returns:
            Their vectors, (n, D), in the order asked for.

        Raises:
            UnknownWordError: a word has no vector.

        >>> WordVectors(["a", "b"], [[1.0, 2.0], [3.0, 4.0]]).lookup(["b", "a", "b"]).tolist()
        [[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]
        """
        return self._vocabulary.vectors_of(words, self._rows)

    def similarity(self, a: str, b: str) -> float:
        """Compute the cosine of two words.

        Args:
            a: a word.
            b: another, or the same.

        Returns:
            The cosine, in [-1, 1]; 0 where one of the words has a vector of zeros.

        Raises:
            UnknownWordError: a word has no vector.

        >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
        >>> round(cities.similarity("paris", "rome"), 2)
        0.98
        """
        return float(self.similarities(a, [b])[0])

    def similarities(self, word: str, others: Sequence[str] | None = None) -> Floats:
        """Compute the cosines of a word with others, or with all words.

        Args:
            word: the word.
            others: n words; None for all V words, in the order of the matrix's rows.

        Returns:
            The cosines, (n,) or (V,), each in [-1, 1].

        Raises:
            UnknownWordError: a word has no vector.

        >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
        >>> [round(cosine, 2) for cosine in cities.similarities("paris", ["rome", "soup"]).tolist()]
        [0.98, 0.14]
        """
        if others is None:
            return cosines_with(self.unit_matrix, self._look_up([word]).units[0])
        units = self._look_up([word, *([others] if isinstance(others, str) else others)]).units
        return cosines_with(units[1:], units[0])

    def n_similarity(self, one: Sequence[str], other: Sequence[str]) -> float:
        """Compute the cosine of the mean vectors of two sets of words.

        Args:
            one: words, at least one.
            other: words, at least one.

        Returns:
            The cosine, in [-1, 1].

        Raises:
            ConfigError: a set is empty.
            UnknownWordError: a word has no vector.

        >>> axes = WordVectors(["king", "man", "woman", "queen"], [[1, 1], [1, 0], [-1, 0], [-1, 1]])
        >>> axes.n_similarity(["king", "woman"], ["man", "queen"])
        1.0
        """
        return directions.mean_cosine(self.lookup(one), self.lookup(other))

    def mean_vector(self, words: Sequence[str], weights: ArrayLike | None = None) -> Floats:
        """Average the unit vectors of some words, each with its weight: a query for `nearest`.

        Args:
            words: n words, at least one.
            weights: (n,) finite, not all zero; a negative one points away from its word. None weighs all alike.

        Returns:
            The mean, (D,).

        Raises:
            ConfigError: there is no word, or the weights do not fit.
            UnknownWordError: a word has no vector.

        >>> axes = WordVectors(["king", "man", "woman", "queen"], [[1, 1], [1, 0], [-1, 0], [-1, 1]])
        >>> axes.nearest(axes.mean_vector(["king", "man"], [1.0, -0.7]), k=1)[0].word
        'king'
        """
        return directions.weighted_mean(self._look_up(words).units, weights)

    @explains_names
    def most_similar(
        self, positive: Terms = (), negative: Terms = (), *, k: int = 10, search_limit: int | None = None
    ) -> list[Neighbor]:
        """Find the k words nearest to some words, and away from others.

        The query is the sum of the positive words' unit vectors minus the negative ones' (3CosAdd; Mikolov, Yih and
        Zweig, 2013). As in gensim, a term may also be a vector, (D,), which keeps its own length, or a pair of a word
        or a vector and its weight.

        Args:
            positive: words to be near to: a word, or a list of terms. The weight of a term is above 0 as a rule.
            negative: words to be away from; weights given here must be below 0.
            k: how many words to find, at least 1.
            search_limit: search only the N most frequent words; None searches all.

        Returns:
            The words and their cosines, the nearest first, without those of the query; fewer than k of few words.

        Raises:
            ConfigError: a term, k or search_limit is not valid, or the terms cancel out to a vector of zeros.
            UnknownWordError: a word has no vector.

        >>> axes = WordVectors(["king", "man", "woman", "queen"], [[1, 1], [1, 0], [-1, 0], [-1, 1]])
        >>> axes.most_similar(positive=["king", "woman"], negative=["man"], k=1)[0].word
        'queen'
        """
        candidates = checks.first_rows(self.unit_matrix, search_limit)
        query, own = directions.direction_of(self._look_up, self.dim, positive, negative)
        return named_all(self.words, self._search.top_k(candidates, query, k, exclude=[own]))[0]

    @explains_names
    def nearest(self, vector: ArrayLike, *, k: int = 10, search_limit: int | None = None) -> list[Neighbor]:
        """Find the k words whose vectors are nearest to a vector of yours; see `mean_vector`.

        Args:
            vector: (D,) finite numbers, not all zero.
            k: how many words to find, at least 1.
            search_limit: search only the N most frequent words; None searches all.

        Returns:
            The words and their cosines, the nearest first.

        Raises:
            ConfigError: the vector, k or search_limit is not valid.

        >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
        >>> cities.nearest([3.0, 2.0], k=1)[0].word
        'rome'
        """
        query = checks.checked_queries(np.asarray(vector)[None], self.dim)
        directions.check_direction(query[0])
        return self.neighbors(query, k=k, search_limit=search_limit)[0]

    @explains_names
    def neighbors(
        self, queries: Sequence[str] | ArrayLike, *, k: int = 10, search_limit: int | None = None
    ) -> list[list[Neighbor]]:
        """Find the k nearest words of each of many queries at once; no word is its own neighbor.

        Args:
            queries: Q words, or Q vectors, (Q, D).
            k: how many words to find, at least 1.
            search_limit: search only the N most frequent words; None searches all.

        Returns:
            For each query, words and cosines, the nearest first. A query of zeros has no direction: its list is empty.

        Raises:
            ConfigError: the vectors, k or search_limit are not valid.
            UnknownWordError: a word has no vector.

        >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
        >>> [found[0].word for found in cities.neighbors(["paris", "soup"], k=1)]
        ['rome', 'rome']
        """
        candidates = checks.first_rows(self.unit_matrix, search_limit)
        asked = directions.queries_of(self._look_up, self.dim, queries)
        own = asked.ids[:, None].tolist()  # a word is not its own neighbor
        found = named_all(self.words, self._search.top_k(candidates, asked.units, k, exclude=own))
        return [near if query.any() else [] for query, near in zip(asked.units, found, strict=True)]

    def nearest_ngrams(self, word: str, k: int = 10) -> list[Neighbor]:
        """Find the k n-grams of all words, < and > being a word's ends, that are nearest to a word, in a subword model.

        Args:
            word: a word that has a vector.
            k: how many n-grams to find, at least 1.

        Returns:
            The n-grams and their cosines, the nearest first.

        Raises:
            ConfigError: the model has no subwords, k is not valid, or the word's vector is all zeros.
            UnknownWordError: the word has no vector.

        >>> from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary
        >>> model = WordVectors(SubwordVocabulary(["is"], SubwordRules(4, 4, 9)), [[1.0, 0.0], [3.0, 0.0]])
        >>> model.nearest_ngrams("is")
        [Neighbor(word='<is>', similarity=1.0)]
        """
        return nearest_ngrams(self._vocabulary, self._rows, self[word], k)

    @explains_names
    def analogy(
        self, a: str, b: str, c: str, k: int = 1, *, method: Method = "add", search_limit: int | None = None
    ) -> list[Neighbor]:
        """Find the k best words d for which a is to b as c is to d.

        Args:
            a: a word, such as "man".
            b: what it is related to, such as "king".
            c: the word to find the counterpart of, such as "woman".
            k: how many words to find, at least 1.
            method: "add", 3CosAdd (Mikolov et al., 2013), or "mul", 3CosMul (Levy and Goldberg, 2014).
            search_limit: search only the N most frequent words; None searches all.

        Returns:
            The words and their scores, the best first, without a, b and c. Scores of "add" are cosines; of "mul", not.

        Raises:
            ConfigError: k, method or search_limit is not valid, or b - a + c of "add" is a vector of zeros.
            UnknownWordError: a word has no vector.

        >>> axes = WordVectors(["king", "man", "woman", "queen"], [[1, 1], [1, 0], [-1, 0], [-1, 1]])
        >>> axes.analogy("man", "king", "woman")[0].word
        'queen'
        """
        answers = self.analogies([(a, b, c)], k, method=method, search_limit=search_limit)[0]
        if method == "add" and not answers:
            check_direction_of_analogy(questions_of(self._look_up, [(a, b, c)]))
        return answers

    @explains_names
    def analogies(
        self,
        questions: Sequence[tuple[str, str, str]],
        k: int = 1,
        *,
        method: Method = "add",
        search_limit: int | None = None,
    ) -> list[list[Neighbor]]:
        """Answer many analogy questions at once; see `analogy`.

        Args:
            questions: Q triples (a, b, c).
            k: how many words to find for each, at least 1.
            method: "add" or "mul".
            search_limit: search only the N most frequent words; None searches all.

        Returns:
            For each question, the best words and their scores. A question whose b - a + c is a vector of zeros has an
            empty list.

        Raises:
            ConfigError: a question does not have three words, or k, method or search_limit is not valid.
            UnknownWordError: a word has no vector.

        >>> axes = WordVectors(["king", "man", "woman", "queen"], [[1, 1], [1, 0], [-1, 0], [-1, 1]])
        >>> [found[0].word for found in axes.analogies([("man", "king", "woman"), ("king", "man", "queen")])]
        ['queen', 'woman']
        """
        asked = questions_of(self._look_up, questions)
        best = best_analogies(self.unit_matrix, asked, k, method, search_limit, self._search.top_k)
        return named_all(self.words, best)

    def odd_one_out(self, words: Sequence[str]) -> str:
        """Find the word that is farthest from the mean direction of all of them.

        Args:
            words: at least one.

        Returns:
            One of the words.

        Raises:
            ConfigError: there is no word.
            UnknownWordError: a word has no vector.

        >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
        >>> cities.odd_one_out(["paris", "soup", "rome"])
        'soup'
        """
        return self.centrality(words)[-1].word

    def centrality(self, words: Sequence[str]) -> list[Neighbor]:
        """Order words by their cosine with the mean direction of all of them.

        Args:
            words: at least one.

        Returns:
            The words and their cosines, the most typical first.

        Raises:
            ConfigError: there is no word.
            UnknownWordError: a word has no vector.

        >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
        >>> [found.word for found in cities.centrality(["soup", "paris", "rome"])]
        ['rome', 'paris', 'soup']
        """
        several = [words] if isinstance(words, str) else list(map(str, words))
        cosines = directions.centralities(self._look_up(several).units)
        order = np.argsort(-cosines, kind="stable")
        return named(several, order.tolist(), cosines[order].tolist())

    def closer_than(self, word: str, other: str) -> list[Neighbor]:
        """Find all words that are nearer to a word than another word is.

        Args:
            word: the word in the middle.
            other: the word that limits the search.

        Returns:
            The words and their cosines with `word`, the nearest first.

        Raises:
            UnknownWordError: a word has no vector.

        >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
        >>> [found.word for found in cities.closer_than("paris", "soup")]
        ['rome']
        """
        rows, cosines = nearer_rows(self.unit_matrix, self._look_up([word, other]))
        return named(self.words, rows.tolist(), cosines.tolist())

    def rank(self, word: str, other: str) -> int:
        """Compute the place of a word among the neighbors of another.

        Args:
            word: the word whose neighbors count.
            other: the neighbor.

        Returns:
            1 for the nearest word, 2 for the next, and so on.

        Raises:
            UnknownWordError: a word has no vector.

        >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
        >>> cities.rank("paris", "rome"), cities.rank("paris", "soup")
        (1, 2)
        """
        return 1 + len(self.closer_than(word, other))

    def to_embedding(self, *, freeze: bool = True) -> Embedding:
        """Copy the vectors into a `torch.nn.Embedding`, whose ids are the rows of the matrix.

        Args:
            freeze: keep the vectors as they are; False lets an optimizer train them further.

        Returns:
            The embedding, with a weight of (V, D) float32.

        Raises:
            MissingPackageError: torch is not installed.

        >>> WordVectors(["paris", "rome"], [[2.0, 1.0], [4.0, 3.0]]).to_embedding().weight.tolist()
        [[2.0, 1.0], [4.0, 3.0]]
        """
        return embedding_of(self.matrix, freeze=freeze)

    def embedding_for(
        self, tokens: Sequence[str], *, padding: str | None = None, freeze: bool = False, seed: int = 0
    ) -> Embedding:
        """Make a `torch.nn.Embedding` whose row i is the vector of tokens[i], as the first layer of a network.

        Tokens without a vector get normal random numbers, with the spread of the known tokens' vectors.

        Args:
            tokens: T tokens of the network, in the order of their ids, spelled as the words are.
            padding: the token that fills up short sentences; its row is zero and gets no gradient.
            freeze: keep all rows as they are; False lets an optimizer train them further.
            seed: start of the random draws, which leave torch's own generator alone.

        Returns:
            The embedding, with a weight of (T, D) float32.

        Raises:
            ConfigError: tokens is not a list of tokens, or padding is not among them.
            UnknownWordError: none of the tokens has a vector.
            MissingPackageError: torch is not installed.

        >>> cities = WordVectors(["paris", "rome"], [[2.0, 1.0], [4.0, 3.0]])
        >>> cities.embedding_for(["<pad>", "rome"], padding="<pad>").weight.tolist()
        [[0.0, 0.0], [4.0, 3.0]]
        """
        return embedding_of_tokens(
            tokens, self._vocabulary, self._rows, padding=padding, freeze=freeze, seed=seed
        )

    predict = prediction.predict
    predictions = prediction.predictions

    def _look_up(self, words: str | Sequence[str]) -> Queries:
        return directions.look_up(self.vocabulary, self.unit_matrix, self.lookup, words)

    def save(self, path: str | PathLike[str], format: str | None = None) -> None:  # noqa: A002
        """Write the vectors to a file or a model folder; the same as `wordvec.formats.save.save`.

        Args:
            path: where to; a file or folder of ours that is already there stays until the new one is complete.
            format: a name in docs/formats.md, such as "word2vec-binary"; None: by the path's ending, or a folder.

        Raises:
            ConfigError: there is no such format.
            FormatError: the format cannot hold these vectors, or something else is at the path.
            ResourceError: the path cannot be written, or the disk is full.

        >>> from tempfile import TemporaryDirectory
        >>> import wordvec
        >>> with TemporaryDirectory() as folder:
        ...     WordVectors(["yes", "no"], [[1.0, 2.0], [3.0, 4.0]]).save(f"{folder}/model.wv")
        ...     wordvec.load(f"{folder}/model.wv")["no"].tolist()
        [3.0, 4.0]
        """
        from wordvec.formats.save import save  # the one import that goes up, as users look for `save` here

        save(self, path, format)
