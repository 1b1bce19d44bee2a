"""Tune: read the text once, try settings on samples of it and then on all of it, report. Start reading here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from wordvec.config import Config
from wordvec.corpus.sources import SourceLike
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.engines.choose import choose_engine
from wordvec.errors import ConfigError
from wordvec.evaluation.next_items import Sessions
from wordvec.evaluation.word_tests import WordTest, read_test
from wordvec.phrases.phrases import Phrases
from wordvec.pipeline.progress_display import ProgressOption, following
from wordvec.pipeline.run_log import Progress
from wordvec.pipeline.train import train
from wordvec.planning.request import TrainingRequest, interval, request_for
from wordvec.sampling.seeds import Purpose, generator
from wordvec.settings import check_count
from wordvec.storage.atomic import locked_output
from wordvec.storage.temporary import folder_for_corpora
from wordvec.training.corpora import encode
from wordvec.tuning.budgeted_search import A_FUNCTION, Budget, Search
from wordvec.tuning.parts import OwnTest, TestFunction, TuningTest, in_parts
from wordvec.tuning.result import TuningResult
from wordvec.tuning.samples import TuningText, cut_last_items, shares_of_text
from wordvec.tuning.space import Range, SearchSpace, search_space
from wordvec.tuning.study import SamplerName, Study
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["NEXT_ITEM", "tune"]

NEXT_ITEM = "next-item"  # the test that is made from the text itself
MAX_SESSIONS = 20_000  # half of them choose, half are reported
DEFAULT_BUDGET = "10m"

TestLike = str | PathLike[str] | TestFunction


def tune(
    source: SourceLike,
    tests: TestLike | Sequence[TestLike],
    *,
    budget: str | None = None,
    trials: int | None = None,
    space: Mapping[str, Range] | None = None,
    only: Sequence[str] = (),
    max_slowdown: float | None = None,
    sampler: SamplerName = "tpe",
    samples: bool = True,
    study: str | PathLike[str] | None = None,
    config: Config | None = None,
    column: str | None = None,
    input_format: str | None = None,
    encoding: str = "utf-8",
    errors: str = "strict",
    weight: str | None = None,
    tokenizer: str | Tokenizer | Any | None = None,
    phrases: Phrases | str | PathLike[str] | None = None,
    temporary_folder: str | Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    progress: ProgressOption = "auto",
    **settings: Any,
) -> TuningResult:
    """Find settings that suit a text, by what its vectors are for.

    The text is read once. Each trial trains on a sample of it, and goes on to a larger one, and to all of it, where its
    score is among the best third (successive halving; Li et al., 2020). Settings are drawn by Optuna. Half of a test's
    questions choose the settings, the other half says how good they are.

    Args:
        source: as for `wordvec.train`.
        tests: what the vectors are for, one or several, whose mean counts. Files, as for `wordvec evaluate`
            (docs/judging.md). "next-item", made from the source, one session a text: is the last item among the ten
            that the others predict? Functions from `WordVectors` to a score, or to a list with one for each question,
            the higher the better.
        budget: how long to search, such as "90s", "10m" (the default) or "1h", with the reading of the text.
        trials: how many settings to try beside the defaults; with the same seed and one thread, or `deterministic`, the
            answer is the same each time.
        space: bounds of settings to search, in place of the usual ones: (lowest, highest), or a list of choices.
        only: search only these settings (default: dim, window, negatives, noise_power, subsample, min_count,
            learning_rate, epochs, architecture, objective, and max_n, for subwords).
        max_slowdown: how many times as long as the defaults a training may take, by an estimate; 1 for no longer
            (default: with a budget of time, a sixth of it for one training on all of the text; else any).
        sampler: "tpe", which begins with settings that have done well elsewhere, and learns from the trials before; or
            "random".
        samples: False trains each trial on all of the text at once.
        study: a file that keeps what was tried, in JSON lines; where it exists, the search goes on from it.
        config: settings of all trials, where nothing else is searched or given.
        column: which column of tables, or key of dicts, is the text; as for `wordvec.train`, as the next six.
        input_format: of the files (default: by their names and contents).
        encoding: of files, but for Parquet.
        errors: what is done with bytes that are not of the encoding: "strict", "replace" or "ignore".
        weight: which column of tables, or key of dicts, says how often each text counts.
        tokenizer: a built-in one by name, or a function from a text to its words.
        phrases: phrases to join in the text, or the path of their file.
        temporary_folder: where the encoded text is kept, 4 bytes a word, and twice that for its parts.
        on_progress: called with a record several times a second.
        progress: as for `wordvec.train`.
        settings: settings of `Config`, by name: what is given stays as it is.

    Returns:
        The best settings, what was tried, and the scores beside the defaults. Ctrl-C ends the search early, with the
        best so far.

    Raises:
        ConfigError: a setting is unknown or out of range, or two arguments contradict each other.
        CorpusError: the text cannot be read, or there is too little of it.
        EvaluationError: a test cannot be read, or the text lacks its words.
        FormatError: the study is not one, or damaged.
        KeyboardInterrupt: Ctrl-C came before anything was learned.
        MissingPackageError: Optuna is not installed (`pip install 'wordvec[tune]'`).

    >>> import wordvec
    >>> texts = [["sun", "warm", "day"], ["moon", "cold", "night"]] * 50
    >>> def nearness(vectors):
    ...     return vectors.similarity("sun", "day")
    >>> result = wordvec.tune(texts, nearness, trials=2, only=["window", "epochs"], threads=1, dim=10)
    >>> len(result.trials), result.config.dim, result.best.score >= result.trials[0].score
    (3, 10, True)
    """
    arguments: dict[str, Any] = {
        "column": column,
        "input_format": input_format,
        "encoding": encoding,
        "errors": errors,
        "weight": weight,
        "tokenizer": tokenizer,
        "phrases": phrases,
        "temporary_folder": temporary_folder,
    }
    request = request_for(source, settings, config=config, **arguments)
    found = search_space(request.config, settings, space, only)
    asked = [tests] if isinstance(tests, str | PathLike) or callable(tests) else list(tests)
    _check(request, asked, trials, max_slowdown, sampler)
    began = time.monotonic()
    seconds = None if trials is not None and budget is None else _seconds_of(budget or DEFAULT_BUDGET)
    limits = Budget(trials, None if seconds is None else began + seconds, began)
    path = None if study is None else Path(study)
    with following(progress, on_progress) as report, folder_for_corpora(temporary_folder) as folder:
        text, judges = _prepared(request, found, asked, folder, report)
        open_study = partial(
            Study,
            found,
            seed=request.config.seed,
            sampler=sampler,
            path=path,
            identity=_identity(request, found, text, judges, sampler, samples=samples),
        )
        shares = shares_of_text(text.corpus.num_words, uses_samples=samples)
        with nullcontext() if path is None else locked_output(path):
            search = Search(
                found,
                text,
                judges,
                open_study(shares),
                shares,
                limits,
                max_slowdown,
                report,
                _name_of(request.tokenizer),
            )
            return search.run(partial(train, source, **arguments))


def _name_of(tokenizer: str | Tokenizer) -> str:
    return tokenizer if isinstance(tokenizer, str) else A_FUNCTION


def _seconds_of(budget: str) -> float:
    found = interval(budget, "budget")
    if not found.seconds:
        raise ConfigError(
            f"budget must be a time, such as 90s, 10m or 1h, got {budget!r}; or give trials, a number"
        )
    return found.seconds


def _check(
    request: TrainingRequest,
    tests: Sequence[TestLike],
    trials: int | None,
    max_slowdown: float | None,
    sampler: str,
) -> None:
    """Refuse what cannot be done before anything is read."""
    config = request.config
    if not tests:
        raise ConfigError(
            "there is nothing to choose settings by; give a test: a file, 'next-item' or a function (tests, --for)"
        )
    if trials is not None:
        check_count("trials", trials, "how many settings to try")
    is_number = isinstance(max_slowdown, int | float) and not isinstance(max_slowdown, bool)
    if max_slowdown is not None and not (is_number and 0 < max_slowdown < float("inf")):
        raise ConfigError(
            f"max_slowdown must be a number above 0, got {max_slowdown!r}; 1 is the time of the defaults"
        )
    if sampler not in ("tpe", "random"):
        raise ConfigError(f"sampler must be 'tpe' or 'random', got {sampler!r}")
    if config.keeps_best or config.validation:
        raise ConfigError(
            "validation, keep and patience choose among the epochs of a run, and a search among runs; leave them out, "
            "and give them to the training after it"
        )
    if NEXT_ITEM in tests and config.unknown == "gap":
        raise ConfigError(
            "unknown='gap' keeps the places of unknown items, which next-item cannot ask for; leave it out"
        )
    choose_engine(config)


def _prepared(
    request: TrainingRequest,
    space: SearchSpace,
    tests: Sequence[TestLike],
    folder: Path,
    report: Callable[[Progress], None],
) -> tuple[TuningText, list[TuningTest]]:
    """The text, encoded for all trials, and the tests, in parts."""
    config = replace(space.base, min_count=space.min_count)
    read = {
        test: read_test(Path(test))
        for test in tests
        if isinstance(test, str | PathLike) and test != NEXT_ITEM
    }
    corpora = encode(
        request.text, folder, config, request.tokenizer, phrases=request.phrases, on_progress=report
    )
    vocabulary, corpus = corpora.vocabulary, corpora.training
    if NEXT_ITEM in tests:
        chance = generator(config.seed, Purpose.TUNING_TESTS)
        corpus, sessions = cut_last_items(corpus, MAX_SESSIONS, chance, folder)
        counts = vocabulary.counts.copy()
        np.subtract.at(counts, [session[-1] for session in sessions], 1)
        vocabulary = replace(vocabulary, counts=counts)
        words = vocabulary.words
        read[NEXT_ITEM] = WordTest(
            NEXT_ITEM, Sessions([tuple(words[item] for item in session) for session in sessions])
        )
    text = TuningText(vocabulary, corpus, folder, space.base, corpora.max_text_length)
    random_numbers = np.random.default_rng(config.seed).normal(size=(len(vocabulary), 2))
    known = WordVectors(vocabulary.words, random_numbers.astype(np.float32), counts=vocabulary.counts)
    judges: list[TuningTest] = [
        OwnTest(test, getattr(test, "__name__", type(test).__name__), config.seed)
        if callable(test)
        else in_parts(read[test], known, config.seed)
        for test in tests
    ]
    names = [judge.name for judge in judges]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise ConfigError(f"scores are recorded by the names of tests, got two called {repeated}; rename one")
    return text, judges


def _identity(
    request: TrainingRequest,
    space: SearchSpace,
    text: TuningText,
    judges: Sequence[TuningTest],
    sampler: str,
    *,
    samples: bool,
) -> dict[str, Any]:
    """What must be the same where a search goes on from its file."""
    settings = {name: value for name, value in asdict(space.base).items() if name != "threads"}
    return {
        "text": text.corpus.digest(),
        "tests": [judge.name for judge in judges],
        "settings": settings,
        "space": list(map(str, space.parameters)),
        "sampler": sampler,
        "samples": samples,
        "tokenizer": _name_of(request.tokenizer),
    }
