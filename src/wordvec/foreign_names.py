"""Foreign names: what gensim, word2vec.c, fastText and others call our settings, and how their values read here."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, ParamSpec, TypeVar

from wordvec.errors import ConfigError

P = ParamSpec("P")
R = TypeVar("R")

__all__ = ["FOREIGN", "Counterpart", "explain", "explains_names", "unknown_settings"]

TOOLS = {"gensim": "gensim", "word2vec_c": "word2vec.c", "fasttext": "fastText", "others": ""}
SHOWN = 60  # characters of a name in a message

Write = Callable[[str, Any], str]  # a setting with its value, as it is written in Python or in a shell


class Counterpart(NamedTuple):
    """One of our names, or None where wordvec has nothing like it, and what it is called elsewhere."""

    ours: str | None
    gensim: str = ""  # names with a space between
    word2vec_c: str = ""
    fasttext: str = ""
    others: str = ""
    values: Mapping[
        str, Mapping[str, tuple[str, Any]]
    ] = {}  # theirs, by name, as one of our settings with its value
    note: str = ""  # what to do where there is nothing to write


_ARCHITECTURES = {"skipgram": ("architecture", "skipgram"), "cbow": ("architecture", "cbow")}
_NO_NEGATIVES = {"0": ("objective", "hierarchical")}

FOREIGN = (
    Counterpart(
        "source",
        "sentences corpus_file",
        "train",
        "input",
        "corpus",
        note="the text comes first, without a name",
    ),
    Counterpart(
        "output",
        "",
        "output",
        "output",
        "save out",
        note="train returns vectors, and vectors.save(path) saves them",
    ),
    Counterpart("dim", "vector_size size", "size", "dim", "embedding_dim embedding_size dimensions n_dims"),
    Counterpart(
        "architecture",
        "sg",
        "cbow",
        "model",
        values={
            "sg": {"1": _ARCHITECTURES["skipgram"], "0": _ARCHITECTURES["cbow"]},
            "cbow": {"1": _ARCHITECTURES["cbow"], "0": _ARCHITECTURES["skipgram"]},
            "model": _ARCHITECTURES,
        },
    ),
    Counterpart(
        "objective",
        "hs",
        "hs",
        "loss",
        values={
            "hs": {"1": ("objective", "hierarchical"), "0": ("objective", "negative")},
            "loss": {
                "ns": ("objective", "negative"),
                "hs": ("objective", "hierarchical"),
                "softmax": ("objective", "softmax"),
            },
        },
    ),
    Counterpart(
        "pooling", "cbow_mean", values={"cbow_mean": {"1": ("pooling", "mean"), "0": ("pooling", "sum")}}
    ),
    Counterpart("min_n", "min_n", "", "minn"),
    Counterpart("max_n", "max_n", "", "maxn"),
    Counterpart("buckets", "bucket", "", "bucket"),
    Counterpart("window", "window", "window", "ws", "context_size window_size"),
    Counterpart(
        "window_reach",
        "shrink_windows",
        values={"shrink_windows": {"1": ("window_reach", "random"), "0": ("window_reach", "fixed")}},
    ),
    Counterpart(
        "negatives",
        "negative",
        "negative",
        "neg",
        "num_negatives negative_samples num_sampled",
        values={"negative": _NO_NEGATIVES, "neg": _NO_NEGATIVES},
    ),
    Counterpart("noise_power", "ns_exponent"),
    Counterpart("subsample", "sample", "sample", "t", "subsampling"),
    Counterpart("min_count", "min_count", "min-count", "minCount", "min_freq min_frequency"),
    Counterpart("max_vocab", "max_final_vocab max_vocab_size", "", "", "vocab_size max_words"),
    Counterpart("epochs", "epochs iter", "iter", "epoch", "num_epochs n_epochs iterations"),
    Counterpart("learning_rate", "alpha start_alpha", "alpha", "lr", "learn_rate rate"),
    Counterpart("final_learning_rate", "min_alpha end_alpha"),
    Counterpart("threads", "workers", "threads", "thread", "num_workers n_jobs jobs num_threads"),
    Counterpart("seed", "seed", "", "seed", "random_state random_seed"),
    Counterpart("batch_size", "", "", "", "batch minibatch"),
    Counterpart("start_from", "", "", "pretrainedVectors", "init pretrained"),
    Counterpart(None, "callbacks", note="pass a function as on_progress, which is called with each report"),
    Counterpart("k", "topn", "", "", "n top_k topk num n_neighbors"),
    Counterpart("search_limit", "restrict_vocab"),
    Counterpart(
        None,
        fasttext="wordNgrams label minCountLabel",
        note="leave it out, wordvec does not train classifiers",
    ),
    Counterpart(
        None, word2vec_c="binary", note="the name chooses the format: NAME.bin is binary, NAME.txt text"
    ),
    Counterpart(
        None,
        word2vec_c="save-vocab read-vocab",
        fasttext="saveOutput",
        note="leave it out, a model folder keeps words, counts and both matrices",
    ),
    Counterpart(None, word2vec_c="classes", note="leave it out, wordvec does not cluster words"),
    Counterpart(None, "compute_loss", "debug", "verbose", note="leave it out, losses are always reported"),
    Counterpart(None, "sorted_vocab", note="leave it out, the most frequent words always come first"),
    Counterpart(
        None, "trim_rule", note="leave it out, min_count, max_vocab and the tokenizer choose the words"
    ),
    Counterpart(
        None,
        "batch_words hashfxn null_word comment",
        fasttext="lrUpdateRate",
        note="leave it out, wordvec does not need it",
    ),
)


def _key(name: str) -> str:
    """A name without dashes, underscores and capitals, which do not count.

    >>> _key("--min-count") == _key("minCount") == _key("min_count")
    True
    """
    return name.replace("-", "").replace("_", "").lower()


def _named() -> Iterator[tuple[str, str, str, Counterpart]]:
    """Each foreign name: its key, the name, its tool, and its row."""
    for row in FOREIGN:
        for column, tool in TOOLS.items():
            for name in getattr(row, column).split():
                yield _key(name), name, tool, row


def explain(name: str, value: Any, known: Iterable[str], write: Write) -> tuple[str, str]:
    """Say which tool an unknown name comes from, and what to write instead, with its value; "" where unknown.

    >>> explain("sg", 1, ["architecture"], lambda setting, value: f"{setting}={value!r}")
    (' (gensim)', "write architecture='skipgram'")
    >>> explain("windw", 8, ["window", "dim"], lambda setting, value: f"{setting}={value!r}")
    ('', 'did you mean window?')
    """
    keys = {_key(one): one for one in known}
    matches = [match for match in _named() if match[0] == _key(name)]
    if _key(name) in keys:
        return "", f"write {write(keys[_key(name)], value)}"
    tools = ", ".join(dict.fromkeys(tool for _, _, tool, _ in matches if tool))
    whose = f" ({tools})" if tools else ""
    for key, _, _, row in matches:
        if row.ours is not None and _key(row.ours) in keys:
            return whose, f"write {_converted(key, value, row, keys, write)}"
        if row.note:
            return whose, row.note
    close = difflib.get_close_matches(_key(name), keys, n=1)
    return "", f"did you mean {keys[close[0]]}?" if close else ""


def _converted(key: str, value: Any, row: Counterpart, keys: Mapping[str, str], write: Write) -> str:
    """Our setting, with the value that does what their value does."""
    values = {_key(name): kinds for name, kinds in row.values.items()}.get(key, {})
    is_switch = any(setting == row.ours for setting, _ in values.values())
    theirs = str(int(value)) if isinstance(value, bool) else str(value).lower()
    theirs = {"true": "1", "false": "0"}.get(theirs, theirs)
    if theirs in values:
        setting, converted = values[theirs]
        return write(keys.get(_key(setting), setting), converted)
    if is_switch:
        return " or ".join(
            f"{write(keys.get(_key(setting), setting), converted)} for {choice}"
            for choice, (setting, converted) in values.items()
        )
    return write(keys[_key(row.ours or "")], value)


def unknown_settings(
    given: Mapping[str, Any], settings: Sequence[str], arguments: Sequence[str] = ()
) -> str | None:
    """Say in one line what to write instead of unknown settings or arguments; None if all are known.

    >>> unknown_settings({"dim": 5, "vector_size": 100, "workers": 4}, ["dim", "threads"])
    'vector_size (gensim) is not a setting; write dim=100; workers (gensim) is not a setting; write threads=4'
    """
    unknown = {name: value for name, value in given.items() if name not in settings}
    if not unknown:
        return None
    known = [*settings, *arguments]
    explained = [(name, *explain(name, value, known, _python)) for name, value in unknown.items()]
    parts = [
        f"{_shown(name)}{whose} is not a setting; {meaning}" for name, whose, meaning in explained if meaning
    ]
    strangers = [_shown(name) for name, _, meaning in explained if not meaning]
    if strangers:
        verb = "is not a setting" if len(strangers) == 1 else "are not settings"
        parts.append(f"{' and '.join(strangers)} {verb}; the settings are {', '.join(settings)}")
    return "; ".join(parts)


def explains_names(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function say what to write instead of an unknown argument.

    >>> @explains_names
    ... def most_similar(word, *, k=10): ...
    >>> most_similar("king", topn=5)
    Traceback (most recent call last):
    wordvec.errors.ConfigError: topn (gensim) is not an argument of most_similar; write k=5
    """
    known = list(inspect.signature(function).parameters)

    @functools.wraps(function)
    def explained(*arguments: P.args, **named: P.kwargs) -> R:
        for name, value in named.items():
            if name not in known:
                whose, meaning = explain(name, value, known, _python)
                meaning = meaning or f"its arguments are {', '.join(one for one in known if one != 'self')}"
                raise ConfigError(
                    f"{_shown(name)}{whose} is not an argument of {function.__name__}; {meaning}"
                )
        return function(*arguments, **named)

    return explained


def _python(setting: str, value: Any) -> str:
    written = repr(value)
    return f"{setting}={written if len(written) <= SHOWN else '...'}"


def _shown(name: str) -> str:
    if name.isidentifier() and len(name) <= SHOWN:
        return name
    return repr(name) if len(name) <= SHOWN else f"{name[:SHOWN]!r}..."
