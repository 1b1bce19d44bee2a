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
    from wordvec.visualization.map_files import Atlas

__all__ = [
    "METHOD_NAMES",
    "analogy_answer",
    "comparison_answer",
    "embeddings_answer",
    "error_answer",
    "evaluation_answer",
    "expression_answer",
    "info_answer",
    "map_answer",
    "models_answer",
    "neighbor_list",
    "ngrams_answer",
    "odd_answer",
    "phrases_answer",
    "prediction_answer",
    "search_answer",
    "sentences_answer",
    "similar_answer",
    "stability_answer",
    "vectors_answer",
    "vocabulary_answer",
    "word_answer",
    "word_comparison_answer",
    "word_place",
]

Answer = dict[str, Any]

FIRST_WORDS = 10  # of a model
MAP_EXTENT, MAP_DECIMALS = 100.0, 3
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


def error_answer(
    code: str,
    message: str,
    parameter: str | None = None,
    got: str | None = None,
    allowed: str | None = None,
    near: Sequence[str] = (),
    column: int | None = None,
) -> Answer:
    """Why there is no answer; `column` only where an expression is wrong.

    >>> error_answer("unknown_word", "'kimg' is unknown", "word", "kimg", near=["king"])["error"]["near"]
    ['king']
    """
    error = {"code": code, "message": message, "parameter": parameter, "got": got, "allowed": allowed}
    return {"error": {**error, "near": list(near), **({} if column is None else {"column": column})}}


def expression_answer(
    expression: str, terms: Iterable[tuple[str, float]], neighbors: Iterable[Neighbor]
) -> Answer:
    """The words nearest to a sum of weighted words.

    >>> expression_answer("king - man", [("king", 1.0), ("man", -1.0)], [])["terms"][1]
    {'word': 'man', 'weight': -1.0}
    """
    listed = [{"word": word, "weight": weight} for word, weight in terms]
    return {"expression": expression, "terms": listed, "neighbors": neighbor_list(neighbors)}


def odd_answer(words: Sequence[str], centrality: Iterable[Neighbor]) -> Answer:
    """The word that fits least among others, and how near each is to the mean of all, the most typical first.

    >>> from wordvec.vectors.top_k import Neighbor
    >>> odd_answer(["tea", "axe"], [Neighbor("tea", 0.9), Neighbor("axe", 0.1)])["odd"]
    'axe'
    """
    listed = neighbor_list(centrality)
    return {"words": list(words), "odd": listed[-1]["word"], "similarities": listed}


def vocabulary_answer(query: str, vectors: WordVectors, ids: Iterable[int], total: int) -> Answer:
    """Words that match a query, with their ranks, from 1, and counts where these are known.

    >>> from wordvec import WordVectors
    >>> vocabulary_answer("o", WordVectors(["oak"], [[1.0]], counts=[7]), [0], total=1)["words"]
    [{'word': 'oak', 'rank': 1, 'count': 7}]
    """
    return {"query": query, "words": [word_place(vectors, one) for one in ids], "total": total}


def word_place(vectors: WordVectors, word_id: int) -> Answer:
    """A word, its rank, from 1, and how often it occurs in the corpus, where that is known."""
    count = None if vectors.counts is None else int(vectors.counts[word_id])
    return {"word": vectors.words[word_id], "rank": word_id + 1, "count": count}


def word_answer(vectors: WordVectors, word: str, *, stability: float | None = None) -> Answer:
    """What a model knows of a word: its rank, its frequency, and the n-grams that it is made of.

    >>> from wordvec import WordVectors
    >>> word_answer(WordVectors(["oak", "ash"], [[1.0], [2.0]], counts=[3, 1]), "oak")[
    ...     "occurrences_per_million"
    ... ]
    750000.0
    """
    from wordvec.vocabulary.subwords import SubwordVocabulary, ngrams

    vocabulary, counts = vectors.vocabulary, vectors.counts
    is_known = word in vocabulary
    place = word_place(vectors, vocabulary.id_of(word)) if is_known else {}
    count = place.get("count")
    share = None if counts is None or count is None else count / max(1, int(counts.sum())) * 1e6
    has_ngrams = isinstance(vocabulary, SubwordVocabulary)
    return {
        "word": word,
        "rank": place.get("rank"),
        "count": count,
        "occurrences_per_million": share,
        "stability": stability,
        "in_vocabulary": is_known,
        "ngrams": ngrams(word, vocabulary.rules)
        if isinstance(vocabulary, SubwordVocabulary) and has_ngrams
        else None,
    }


def vectors_answer(words: Sequence[str], vectors: Any) -> Answer:
    """The vectors of words, (n, D).

    >>> import numpy as np
    >>> vectors_answer(["oak"], np.array([[0.5, 1.0]], np.float32))
    {'dim': 2, 'vectors': [{'word': 'oak', 'vector': [0.5, 1.0]}]}
    """
    listed = [{"word": word, "vector": vector} for word, vector in zip(words, vectors.tolist(), strict=True)]
    return {"dim": int(vectors.shape[1]), "vectors": listed}


def word_comparison_answer(
    word: str, models: Sequence[str], one: Sequence[Neighbor], other: Sequence[Neighbor]
) -> Answer:
    """What two models say of a word: the neighbors in both, those that both have, and those of one alone.

    >>> from wordvec.vectors.top_k import Neighbor
    >>> before, after = (
    ...     [Neighbor("fruit", 0.9), Neighbor("pie", 0.8)],
    ...     [Neighbor("phone", 0.9), Neighbor("pie", 0.5)],
    ... )
    >>> answer = word_comparison_answer("apple", ["1990", "2020"], before, after)
    >>> answer["shared"], answer["gained"], answer["lost"], answer["overlap"]
    (['pie'], ['phone'], ['fruit'], 0.3333333333333333)
    """
    before, after = [near.word for near in one], [near.word for near in other]
    shared = [name for name in before if name in set(after)]
    union = len(set(before) | set(after))
    return {
        "word": word,
        "models": list(models),
        "neighbors": [neighbor_list(one), neighbor_list(other)],
        "shared": shared,
        "gained": [name for name in after if name not in set(before)],
        "lost": [name for name in before if name not in set(after)],
        "overlap": len(shared) / union if union else 0.0,
    }


def embeddings_answer(model: str, vectors: Sequence[list[float] | str], num_tokens: int) -> Answer:
    """Vectors of texts in the form that clients of OpenAI's API read.

    >>> embeddings_answer("news", [[0.5]], num_tokens=2)["usage"]
    {'prompt_tokens': 2, 'total_tokens': 2}
    """
    data = [{"object": "embedding", "index": place, "embedding": one} for place, one in enumerate(vectors)]
    usage = {"prompt_tokens": num_tokens, "total_tokens": num_tokens}
    return {"object": "list", "data": data, "model": model, "usage": usage}


def models_answer(models: Sequence[tuple[str, WordVectors, Answer]]) -> Answer:
    """The models of a server, the default first: name, vectors, and what else is known of each.

    >>> from wordvec import WordVectors
    >>> models_answer([("trees", WordVectors(["oak"], [[1.0]]), {"sentences": False})])["models"][0]["words"]
    1
    """
    from wordvec.vocabulary.subwords import SubwordVocabulary

    listed = [
        {
            "name": name,
            "words": len(vectors),
            "dim": vectors.dim,
            "counts": vectors.counts is not None,
            "subwords": isinstance(vectors.vocabulary, SubwordVocabulary),
            "output_vectors": vectors.output_matrix is not None,
            **more,
            "first_words": vectors.words[:FIRST_WORDS],
        }
        for name, vectors, more in models
    ]
    return {"default": models[0][0], "models": listed}


def sentences_answer(
    word: str,
    other: str | None,
    total: int,
    sentences: Iterable[tuple[str, str, int, Sequence[Sequence[int]]]],
) -> Answer:
    """Sentences with a word, or with two: text, file, line, and which characters of the text are the words.

    >>> sentences_answer("tea", None, 7, [("Green tea.", "a.txt", 3, [(6, 9)])])["sentences"]
    [{'text': 'Green tea.', 'file': 'a.txt', 'line': 3, 'spans': [[6, 9]]}]
    """
    listed = [
        {"text": text, "file": file, "line": line, "spans": [list(span) for span in spans]}
        for text, file, line, spans in sentences
    ]
    return {"word": word, "other": other, "total": total, "sentences": listed}


def map_answer(state: str, found: Atlas | None = None, *, progress: float = 0.0, message: str = "") -> Answer:
    """A map, moved and scaled so that its longer side goes from 0 to 100; or how far it is.

    >>> map_answer("drawing", progress=0.5, message="half of it")
    {'state': 'drawing', 'progress': 0.5, 'message': 'half of it'}
    """
    if found is None:
        how_far = {} if state == "none" else {"progress": progress}
        return {"state": state, **how_far, "message": message or None}
    points = found.points.astype("float64") - found.points.min(axis=0)
    points = (points * (MAP_EXTENT / (points.max() or 1.0))).round(MAP_DECIMALS)
    return {
        "state": state,
        "method": found.method,
        "words": found.words,
        "x": points[:, 0].tolist(),
        "y": points[:, 1].tolist(),
        "groups": found.groups.tolist(),
        "group_names": found.group_names,
    }
