"""Model card: the README.md of a model folder, which says what it is, how to load it, and how it was made.

Its tables come from the settings and the training records of the run; what is not known is left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from wordvec.config import Config
from wordvec.errors import ConfigError
from wordvec.evaluation.kinds import SCORES
from wordvec.storage.plain_json import to_json
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordVocabulary

__all__ = ["corpus_table", "epochs_table", "machine_table", "model_card", "settings_table", "time_table"]

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
| `vectors.safetensors` | `input`, {input}{output}: {numbers}, a row for each word{buckets}{positions} |
| `vocabulary.parquet` | `word` and `count`, in the order of the rows |
| `config.json` | the settings of the training run |
| `training.jsonl` | the records of training, one a line |
"""

LIMITS = """\
A word's vector comes from the words around it in the training text. So the vectors have that text's topics, its time
and its prejudices, also those about groups of people: test for these before you use the vectors in a decision about
people. A word with several meanings has one vector; the vector of a rare word is little better than chance.

The license depends on the text, so none is stated here. If you publish the vectors, add a line `license: ...` to the
lines at the top."""

MAX_EPOCHS = 20  # rows; longer runs show some of the epochs between the first and the last
OF_THE_MACHINE = ("threads", "engine", "device")  # recorded as the machine resolved their defaults
Record = Mapping[str, Any]
Rows = Iterable[Sequence[str]]

CORPUS_FACTS = {
    "words_read": "words in the text",
    "distinct_words": "distinct words",
    "vocabulary": "words in the vocabulary",
    "words": "words to train on: in the vocabulary, and not held out",
    "held_out_words": "words held out for the validation loss",
    "texts": "texts",
    "corpus_sha256": "SHA-256 of the text as word ids",
    "held_out_sha256": "SHA-256 of the held-out text as word ids",
}


def model_card(
    vectors: WordVectors, version: str, address: str = "path/to/this/folder", *, precision: str = "float32"
) -> str:
    """Write the card as Markdown, with the front matter of the Hugging Face hub.

    A section without facts is left out, as for vectors from another program's file.

    Args:
        vectors: their settings and training records fill the tables.
        version: of the wordvec that saves; the one that trained is in the records.
        address: the path or the hub address from which they are loaded.
        precision: of the input matrix; output vectors are written in float32 alone.

    >>> print(model_card(WordVectors(["a"], [[1.0]], counts=[7]), "0.1.0").splitlines()[5])
    # Word vectors: 1 words, 1 dimensions
    """
    corpus = ""
    if vectors.counts is not None:
        corpus = f", from a text in which these words occur {vectors.counts.sum():,} times"
    has_subwords = isinstance(vectors.vocabulary, SubwordVocabulary)
    head = HEAD.format(
        num_words=len(vectors),
        dim=vectors.dim,
        version=version,
        address=address,
        package="'wordvec[hub]'" if address.startswith("hf://") else "wordvec",
        corpus=corpus,
        input="the rows of words and of their n-grams' buckets" if has_subwords else "the word vectors",
        buckets=" and bucket; `buckets`, the numbers of these: int32" if has_subwords else "",
        positions=""
        if vectors.position_weights is None
        else "; `positions`, the weights of CBOW's positions",
        numbers=f"{precision}, with a scale for each row" if precision in ("int8", "bit") else precision,
        output=""
        if vectors.output_matrix is None or precision != "float32"
        else ", and `output`, to train them further",
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
        said.append(f"Training was stopped early: {_as_plain_text(str(last['stopped_early']))}.")
    if settings.get("keep") == "best" or settings.get("patience") is not None:
        by = _as_plain_text(str(settings.get("best_by", "validation_loss")).replace("_", " "))
        said.append(f"The vectors are those of the best epoch so far, by {by}.")
    return " ".join(said)


def corpus_table(record: Record) -> str:
    """What the text was: the record with event "corpus".

    >>> print(corpus_table({"event": "corpus", "texts": 1200}))
    | text | |
    | --- | --- |
    | texts | 1,200 |
    """
    rows = [(title, _cell(record[name])) for name, title in CORPUS_FACTS.items() if name in record]
    return _table(("text", ""), rows)


def settings_table(settings: Record) -> str:
    """All settings, those that are not the default first.

    >>> print(settings_table({"window": 5, "dim": 300}))
    | setting | value | default |
    | --- | --- | --- |
    | dim | 300 | 100 |
    | window | 5 | 5 |
    """
    defaults = {name: to_json(value) for name, value in _defaults(settings).items()} | {
        "threads": "all cores"
    }
    rows = [(name, to_json(value), defaults.get(name, "")) for name, value in settings.items()]
    rows.sort(key=lambda row: row[1] == row[2] or row[0] in OF_THE_MACHINE)  # stable
    return _table(("setting", "value", "default"), rows)


def _defaults(settings: Record) -> dict[str, Any]:
    """Of a run with the same model and optimizer, which the default learning rate depends on."""
    try:
        like = Config(optimizer=settings["optimizer"], architecture=settings["architecture"])
    except (KeyError, ConfigError):  # settings of another program, or of another version
        like = Config()
    return asdict(Config()) | {
        "tokenizer": "whitespace",
        "learning_rate": like.first_learning_rate,
    }


def epochs_table(epochs: Sequence[Record]) -> str:
    """Losses and scores after each epoch: the records with event "epoch".

    >>> print(epochs_table([{"epoch": 1, "epoch_loss": 2.5, "validation_loss": 2.25}]))
    | epoch | training loss | validation loss |
    | --- | --- | --- |
    | 1 | 2.5 | 2.25 |
    """
    has_validation = any(record.get("validation_loss") is not None for record in epochs)
    names = dict.fromkeys(name for record in epochs for name in _mapping(record.get("scores")))
    header = ["epoch", "training loss"] + ["validation loss"] * has_validation
    header += [_score_title(name, epochs) for name in names]
    rows = []
    for number in _shown(len(epochs)):
        record = epochs[number]
        row = [_cell(record.get("epoch")), _cell(record.get("epoch_loss"))]
        row += [_cell(record.get("validation_loss"))] * has_validation
        rows.append(row + [_score(_mapping(record.get("scores")).get(name)) for name in names])
    return _table(header, rows)


def _shown(num_epochs: int) -> list[int]:
    """Which epochs have a row.

    >>> _shown(3), _shown(100)[:4], _shown(100)[-1]
    ([0, 1, 2], [0, 5, 10, 16], 99)
    """
    steps = min(num_epochs, MAX_EPOCHS) - 1
    return [round(step * (num_epochs - 1) / steps) for step in range(steps + 1)] if steps > 0 else [0]


def _score_title(name: str, epochs: Sequence[Record]) -> str:
    """The name of a test, and what its score is."""
    scores = [_mapping(_mapping(record.get("scores")).get(name)) for record in epochs]
    found = [score.get("kind") for score in scores]
    kinds = [SCORES[kind] for kind in found if isinstance(kind, str) and kind in SCORES]
    return f"{name}: {kinds[0]}" if kinds else name


def _score(score: Any) -> str:
    """A score's value, and how much of what was to be asked could be asked."""
    if not isinstance(score, Mapping):
        return _cell(score)
    value = _cell(score.get("value"))
    return (
        f"{value} ({_cell(score['asked'])} of {_cell(score['of'])})"
        if {"asked", "of"} <= set(score)
        else value
    )


def time_table(end: Record) -> str:
    """How long each phase took: the last record of a run.

    >>> print(time_table({"phases": {"counting": 1.5, "training": 75}, "words_per_second": 1250000}))
    | phase | seconds |
    | --- | --- |
    | counting | 1.5 |
    | training | 75 (1,250,000 words a second) |
    """
    rows = []
    for phase, seconds in _mapping(end.get("phases")).items():
        speed = f" ({_cell(end['words_per_second'])} words a second)" if end.get("words_per_second") else ""
        rows.append((str(phase), _cell(seconds) + (speed if phase == "training" else "")))
    if "wall_seconds" in end:
        rows.append(("all", _cell(end["wall_seconds"])))
    return _table(("phase", "seconds"), rows)


def machine_table(end: Record) -> str:
    """What the run was made on, and with which versions: the last record of a run.

    >>> print(machine_table({"threads": 2, "machine": {"system": "Linux", "versions": {"numpy": "2.1"}}}))
    | machine | |
    | --- | --- |
    | system | Linux |
    | threads | 2 |
    | versions | numpy 2.1 |
    """
    machine = end.get("machine")
    facts = dict(machine) if isinstance(machine, Mapping) else {"system": machine} if machine else {}
    versions = _mapping(facts.pop("versions", None))
    rows = [(str(name), _cell(value)) for name, value in facts.items()]
    if "threads" in end:
        rows.append(("threads", _cell(end["threads"])))
    if versions:
        rows.append(("versions", ", ".join(f"{name} {number}" for name, number in versions.items())))
    return _table(("machine", ""), rows)


def _mapping(value: Any) -> Record:
    return value if isinstance(value, Mapping) else {}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value if isinstance(value, str) else to_json(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"


def _table(header: Sequence[str], rows: Rows) -> str:
    """A table of Markdown; nothing where there are no rows."""
    lines = [_line(row) for row in rows]
    return "\n".join([_line(header), _line(["---"] * len(header)), *lines]) if lines else ""


def _line(cells: Sequence[str]) -> str:
    inside = map(_as_plain_text, cells)
    return "|" + "|".join(f" {text} " if text else " " for text in inside) + "|"


def _as_plain_text(text: str) -> str:
    r"""Text of a record in one line of Markdown, in which nothing is a heading, a link or HTML.

    >>> _as_plain_text("loss <b>\n# rose | [here](x)")
    'loss &lt;b&gt; # rose \\| \\[here\\](x)'
    """
    return re.sub(r"([`\[\]|]|\\(?=[^\w\s]))", r"\\\1", html.escape(" ".join(text.split()), quote=False))
