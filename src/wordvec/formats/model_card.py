"""The README.md of a model folder: what it is, how to load it, how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wordvec.formats.plain_json import to_json
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["model_card"]

TEMPLATE = """\
---
library_name: wordvec
tags: [word2vec, word-vectors, feature-extraction]
---
# Word vectors: {num_words:,} words, {dim:,} dimensions

Made by [wordvec](https://pypi.org/project/wordvec/) {version}{corpus}.

```python
import wordvec

vectors = wordvec.load("path/to/this/folder")
vectors.most_similar(vectors.words[0])
```

| file | what it holds |
| --- | --- |
| `vectors.safetensors` | `input`, the word vectors{output}: float32, a row for each word |
| `vocabulary.parquet` | `word` and `count`, in the order of the rows |
| `config.json` | the settings of the training run |
| `training.jsonl` | what training reported, one record a line |
"""


def model_card(vectors: WordVectors, version: str) -> str:
    """Write the card as Markdown, with the front matter of the Hugging Face hub.

    >>> print(model_card(WordVectors(["a"], [[1.0]], counts=[7]), "0.1.0").splitlines()[4])
    # Word vectors: 1 words, 1 dimensions
    """
    corpus = ""
    if vectors.counts is not None:
        corpus = f", from a text in which these words occur {vectors.counts.sum():,} times"
    card = TEMPLATE.format(
        num_words=len(vectors),
        dim=vectors.dim,
        version=version,
        corpus=corpus,
        output="" if vectors.output_matrix is None else ", and `output`, with which training can go on",
    )
    if vectors.config:
        card += _table("Settings", vectors.config)
    if vectors.training:
        card += _table("Last report of the training", vectors.training[-1])
    return card


def _table(title: str, facts: Mapping[str, Any]) -> str:
    lines = [f"\n## {title}\n", "| name | value |", "| --- | --- |"]
    for name, fact in facts.items():
        cell = to_json(fact).replace("|", "\\|")
        lines.append(f"| {name} | {cell} |")
    return "\n".join(lines) + "\n"
