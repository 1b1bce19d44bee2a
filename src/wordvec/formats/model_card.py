"""The README.md of a model folder: what it is, how to load it, and how it was made, from the records of the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wordvec.formats.card_tables import (
    as_plain_text,
    corpus_table,
    epochs_table,
    machine_table,
    settings_table,
    time_table,
)
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["model_card"]

HEAD = """\
---
library_name: wordvec
pipeline_tag: feature-extraction
tags: [word2vec, word-vectors, feature-extraction]
---
# Word vectors: {num_words:,} words, {dim:,} dimensions

Saved by [wordvec](https://pypi.org/project/wordvec/) {version}{corpus}.

```python
import wordvec  # pip install {package}

vectors = wordvec.load("{address}")
vectors.most_similar(vectors.words[0])
```

| file | what it holds |
| --- | --- |
| `vectors.safetensors` | `input`, the word vectors{output}: float32, a row for each word |
| `vocabulary.parquet` | `word` and `count`, in the order of the rows |
| `config.json` | the settings of the training run |
| `training.jsonl` | what training reported, one record a line |
"""

LIMITS = """\
The vectors know of each word the company that it keeps in the text they were made from. They have that text's topics,
its time and its prejudices, those about groups of people among them: look for these before the vectors help to decide
about anybody. A word with several meanings has one vector; a rare word's is hardly more than chance.

No licence is stated here, as that depends on the text. Who publishes the vectors adds a line `license: ...` to the
lines at the top."""


def model_card(vectors: WordVectors, version: str, address: str = "path/to/this/folder") -> str:
    """Write the card as Markdown, with the front matter of the Hugging Face hub.

    What is not known, as of vectors from another program's file, is left out.

    Args:
        vectors: with their settings and training records, where they have any.
        version: of wordvec, now; the one that trained them is in their records.
        address: where they are loaded from.

    >>> print(model_card(WordVectors(["a"], [[1.0]], counts=[7]), "0.1.0").splitlines()[5])
    # Word vectors: 1 words, 1 dimensions
    """
    corpus = ""
    if vectors.counts is not None:
        corpus = f", from a text in which these words occur {vectors.counts.sum():,} times"
    head = HEAD.format(
        num_words=len(vectors),
        dim=vectors.dim,
        version=version,
        address=address,
        package="'wordvec[hub]'" if address.startswith("hf://") else "wordvec",
        corpus=corpus,
        output="" if vectors.output_matrix is None else ", and `output`, with which training can go on",
    )
    sections = [f"## {title}\n\n{text}\n" for title, text in _sections(vectors) if text]
    return "\n".join([head, *sections])


def _sections(vectors: WordVectors) -> Iterator[tuple[str, str]]:
    records = vectors.training
    yield "Text", corpus_table(_first(records, "corpus"))
    yield "Settings", settings_table(vectors.config or {})
    epochs = [record for record in records if record.get("event") == "epoch"]
    if epochs:
        yield "Training", f"{_how_it_ended(records[-1], vectors.config or {})}\n\n{epochs_table(epochs)}"
    end = records[-1] if records else {}
    yield "Time", time_table(end)
    yield "Machine", machine_table(end)
    yield "Limits", LIMITS


def _first(records: list[dict[str, Any]], event: str) -> Mapping[str, Any]:
    return next((record for record in records if record.get("event") == event), {})


def _how_it_ended(last: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    said = ["Losses are means over the pairs of an epoch; validation is on text that was not trained on."]
    if last.get("event") == "interrupted":
        said.insert(0, "The run was interrupted before its end.")
    if last.get("stopped_early"):
        said.append(f"Training was stopped early: {as_plain_text(str(last['stopped_early']))}.")
    if settings.get("keep") == "best" or settings.get("patience") is not None:
        by = as_plain_text(str(settings.get("best_by", "validation_loss")).replace("_", " "))
        said.append(f"The vectors are those of the best epoch so far, by {by}.")
    return " ".join(said)
