"""Answers: what is asked of word vectors, as plain data that becomes JSON; for the command line and for servers.

Each function takes what the library returned and makes a dictionary of numbers, strings, lists and dictionaries: what
the verbs print with --json. Keys are never renamed without a line in the changelog.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # so that only the verbs that need them load them
    from wordvec.evaluation.change import Changes
    from wordvec.evaluation.scores import Judged
    from wordvec.evaluation.stability import Stability
    from wordvec.phrases.phrases import Phrases
    from wordvec.vectors.prediction import Prediction
    from wordvec.vectors.top_k import Neighbor
    from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "METHOD_NAMES",
    "analogy_answer",
    "comparison_answer",
    "evaluation_answer",
    "info_answer",
    "neighbor_list",
    "ngrams_answer",
    "phrases_answer",
    "prediction_answer",
    "search_answer",
    "similar_answer",
    "stability_answer",
]

Answer = dict[str, Any]

FIRST_WORDS = 10  # of a model
METHOD_NAMES = {"add": "3CosAdd", "mul": "3CosMul"}  # of answering analogies


def neighbor_list(neighbors: Iterable[Neighbor]) -> list[Answer]:
    """Words with their cosines, nearest first.

    >>> from wordvec.vectors.top_k import Neighbor
    >>> neighbor_list([Neighbor("rome", 0.5)])
    [{'word': 'rome', 'similarity': 0.5}]
    """
    return [neighbor._asdict() for neighbor in neighbors]


def similar_answer(
    words: Sequence[str], neighbors: Iterable[Neighbor], negative: Sequence[str] = ()
) -> Answer:
    """The neighbors of a word, or of several together.

    >>> similar_answer(["paris"], [], negative=["france"])
    {'query': ['paris'], 'negative': ['france'], 'neighbors': []}
    """
    without = {"negative": list(negative)} if negative else {}
    return {"query": list(words), **without, "neighbors": neighbor_list(neighbors)}


def ngrams_answer(word: str, neighbors: Iterable[Neighbor]) -> Answer:
    """The character n-grams nearest to a word.

    >>> from wordvec.vectors.top_k import Neighbor
    >>> ngrams_answer("paris", [Neighbor("ris>", 0.5)])
    {'query': 'paris', 'ngrams': [{'ngram': 'ris>', 'similarity': 0.5}]}
    """
    return {
        "query": word,
        "ngrams": [{"ngram": near.word, "similarity": near.similarity} for near in neighbors],
    }


def analogy_answer(a: str, b: str, c: str, neighbors: Iterable[Neighbor]) -> Answer:
    """The words that are to c as b is to a.

    >>> analogy_answer("france", "paris", "italy", [])
    {'query': {'a': 'france', 'b': 'paris', 'c': 'italy'}, 'neighbors': []}
    """
    return {"query": {"a": a, "b": b, "c": c}, "neighbors": neighbor_list(neighbors)}


def prediction_answer(context: Sequence[str], predictions: Iterable[Prediction]) -> Answer:
    """The words most likely beside others, with their shares of the softmax over all words.

    >>> from wordvec.vectors.prediction import Prediction
    >>> prediction_answer(["tea"], [Prediction("milk", 0.5)])
    {'context': ['tea'], 'predictions': [{'word': 'milk', 'score': 0.5}]}
    """
    return {"context": list(context), "predictions": [found._asdict() for found in predictions]}


def search_answer(query: str, found: Iterable[tuple[int, float, str]]) -> Answer:
    """The texts nearest to a query, from their lines, cosines and what they say.

    >>> search_answer("tea", [(2, 0.5, "milk")])
    {'query': 'tea', 'texts': [{'line': 2, 'similarity': 0.5, 'text': 'milk'}]}
    """
    near = [{"line": line, "similarity": cosine, "text": text} for line, cosine, text in found]
    return {"query": query, "texts": near}


def evaluation_answer(models: Sequence[str], judged: Iterable[Judged], *, search_limit: int) -> Answer:
    """The scores of one or two models in tests, with their intervals, and the difference of two.

    Args:
        models: their names, in the order of the scores.
        judged: the tests, each by one method.
        search_limit: how many of the most frequent words analogies were asked among.

    >>> evaluation_answer(["model.wv"], [], search_limit=30_000)
    {'models': ['model.wv'], 'search_limit': 30000, 'tests': []}
    """
    return {"models": list(models), "search_limit": search_limit, "tests": [_test(one) for one in judged]}


def _test(judged: Judged) -> Answer:
    difference = judged.difference
    return {
        "name": judged.name,
        "kind": judged.kind,
        "method": None if judged.method is None else METHOD_NAMES[judged.method],
        "of": judged.of,
        "scores": [
            {
                **score._asdict(),
                "sections": {name: tally._asdict() for name, tally in score.sections.items()},
                "further": {name: estimate._asdict() for name, estimate in score.further.items()},
            }
            for score in judged.scores
        ],
        "difference": None if difference is None else {**difference._asdict(), "asked": judged.shared},
    }


def comparison_answer(found: Changes) -> Answer:
    """The words that changed most between two models, with their neighbors in both.

    >>> from wordvec.evaluation.change import Changes
    >>> comparison_answer(Changes([], shared=2, beyond_chance=None, median=0.5, median_floor=None))["median"]
    0.5
    """
    changes = [
        {**change._asdict(), "before": neighbor_list(change.before), "after": neighbor_list(change.after)}
        for change in found.changes
    ]
    return {**found._asdict(), "changes": changes}


def stability_answer(found: Stability) -> Answer:
    """How far neighbors agree between runs, by bands of frequency and for each word.

    >>> import numpy as np
    >>> from wordvec.evaluation.stability import Stability
    >>> stability_answer(Stability(["oak"], np.array([0.9])))["words"]
    [{'word': 'oak', 'agreement': 0.9}]
    """
    from wordvec.evaluation.stability import TRUSTED, bands_of

    words = zip(found.words, found.agreement.tolist(), strict=True)
    return {
        "trusted_from": TRUSTED,
        "bands": [band._asdict() for band in bands_of(found.agreement)],
        "words": [{"word": word, "agreement": agreement} for word, agreement in words],
    }


def phrases_answer(found: Phrases) -> Answer:
    """The phrases of a text, pass by pass, highest score first.

    >>> from wordvec.phrases.phrases import Phrase, Phrases
    >>> phrases_answer(Phrases(((Phrase(("new", "york"), 9, 12.0, "in new york"),),)))["phrases"]
    [{'phrase': 'new_york', 'words': ['new', 'york'], 'pass': 1, 'count': 9, 'score': 12.0, 'example': 'in new york'}]
    """
    return {
        "words": found.num_words,
        "settings": asdict(found.settings),
        "pruned": list(found.pruned),
        "phrases": [
            {
                "phrase": found.name(one),
                "words": list(one.words),
                "pass": number,
                "count": one.count,
                "score": one.score,
                "example": one.example,
            }
            for number, phrases in enumerate(found.passes, start=1)
            for one in phrases
        ],
    }


def info_answer(path: str, format_name: str, vectors: WordVectors) -> Answer:
    """What is in a model: words, dimensions, settings, and every record of its training.

    >>> from wordvec import WordVectors
    >>> info_answer("a.bin", "word2vec-binary", WordVectors(["oak"], [[1.0, 2.0]]))["dim"]
    2
    """
    return {
        "path": path,
        "format": format_name,
        "words": len(vectors),
        "dim": vectors.dim,
        "occurrences": None if vectors.counts is None else int(vectors.counts.sum()),
        "subwords": _subwords(vectors),
        "output_vectors": vectors.output_matrix is not None,
        "first_words": vectors.words[:FIRST_WORDS],
        "settings": vectors.config,
        "training": vectors.training,
    }


def _subwords(vectors: WordVectors) -> Answer | None:
    """How n-grams are cut, and how many buckets have a row; None where words have no n-grams."""
    from wordvec.vocabulary.subwords import SubwordVocabulary

    if not isinstance(vectors.vocabulary, SubwordVocabulary):
        return None
    vocabulary = vectors.vocabulary
    rows = {"used_buckets": len(vocabulary.used_buckets), "rows": vocabulary.num_rows}
    return {**vocabulary.rules._asdict(), **rows}
