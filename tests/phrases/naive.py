"""The naive twin of phrases: the same rules, in dictionaries and lists of words, as gensim reads them."""

from __future__ import annotations

import math
from collections import Counter


def pairs_of(text, connectors):
    """Each pair of a text: its words, with the connector words between them."""
    begun = []
    for word in text:
        if word in connectors:
            if begun:
                begun.append(word)
            continue
        if begun:
            yield (*begun, word)
        begun = [word]


def found_in(texts, settings):
    """The phrases of one pass: their words, counts and scores."""
    connectors = set(settings.connector_words)
    words = Counter(word for text in texts for word in text)
    pairs = Counter(pair for text in texts for pair in pairs_of(text, connectors))
    num_distinct = len(words.keys() - connectors) + len(pairs)
    num_words = words.total()
    found = {}
    for pair, count in pairs.items():
        first, last = words[pair[0]], words[pair[-1]]
        if settings.scoring == "word2vec":
            score = (count - settings.min_count) / (first * last) * num_distinct
        elif count < settings.min_count or count == num_words:
            continue
        else:
            shares = count / num_words, first / num_words, last / num_words
            score = math.log(shares[0] / (shares[1] * shares[2])) / -math.log(shares[0])
        if count >= settings.min_count and score > settings.threshold:
            found[pair] = (count, score)
    return found


def joined(text, names, connectors):
    """A text with its phrases joined, from left to right."""
    result, position = [], 0
    while position < len(text):
        end = position + 1
        if text[position] not in connectors:
            while end < len(text) and text[end] in connectors:
                end += 1
            words = tuple(text[position : end + 1])
            if words in names:
                result.append(names[words])
                position = end + 1
                continue
        result.append(text[position])
        position += 1
    return result


def passes_of(texts, settings):
    """The phrases of each pass, and the texts with all but the last pass joined."""
    passes = []
    for _ in range(settings.passes):
        found = found_in(texts, settings)
        passes.append(found)
        if not found:
            break
        names = {words: settings.delimiter.join(words) for words in found}
        texts = [joined(text, names, set(settings.connector_words)) for text in texts]
    return passes, texts
