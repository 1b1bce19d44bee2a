"""`wordvec tune`: settings that suit a text and what its vectors are for."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from wordvec.cli.evaluate import score_cells
from wordvec.cli.options import NO_FLAGS, ConfigFlags, check_sources, given, unfolded
from wordvec.cli.output import JsonFlag, print_columns, print_json, say
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.tuning.parts import Report
    from wordvec.tuning.result import TuningResult

__all__ = ["app"]

STUDY = ".study.jsonl"

app = App(
    name="tune",
    usage="Usage: wordvec tune [OPTIONS] SOURCES... --for TEST...",
    help_epilogue="""Examples:
  wordvec tune corpus.txt.gz --for questions-words.txt --budget 10m --output tuned.json
  wordvec tune sessions.txt --for next-item --space window=1..10 --dim 100 --output tuned.json""",
)


@app.default
@unfolded
def tune(
    *sources: Annotated[str, Parameter(allow_leading_hyphen=True)],  # a lone - is standard input
    tests: Annotated[list[str] | None, Parameter(name=["--for"], consume_multiple=True, negative=())] = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    budget: str | None = None,
    trials: int | None = None,
    space: Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())] = None,
    only: Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())] = None,
    max_slowdown: float | None = None,
    sampler: Literal["tpe", "random"] = "tpe",
    samples: bool = True,
    study: Path | None = None,
    plot: Path | None = None,
    as_json: JsonFlag = False,
    config: Path | None = None,
    column: str | None = None,
    weight: str | None = None,
    input_format: Literal["text", "csv", "tsv", "jsonl", "parquet"] | None = None,
    encoding: str = "utf-8",
    errors: Literal["strict", "replace", "ignore"] = "strict",
    tokenizer: Literal["whitespace", "words", "alphanumeric", "punctuation"] | None = None,
    phrases: Path | None = None,
    temporary_folder: Path | None = None,
    flags: ConfigFlags = NO_FLAGS,
) -> None:
    """Find settings that suit a text and what its vectors are for, and save them for wordvec train --config.

    Trials train on samples of the text first, and the best ones on all of it. Half of each test's questions choose the
    settings; the scores that are printed are of the other half, beside those of the defaults.

    Args:
        sources: files, folders, glob patterns in quotes, URLs (s3://, gs://, https://, hf://), or - for standard input
        tests: what the vectors are for: files of tests, as for wordvec evaluate, of which the mean score counts; or
            next-item, the last items of the text's own sessions, one session a line
        output: where to save the best settings, as JSON; what was tried is kept beside it, in OUTPUT.study.jsonl, from
            which the same command goes on
        budget: how long to search: 90s, 10m (default), 1h ...
        trials: how many settings to try, instead; with the same --seed and --threads 1, the same answer each time
        space: bounds of settings, in place of the usual ones: dim=50..200 architecture=skipgram,cbow
        only: search only these settings: dim window
        max_slowdown: how many times as long as the defaults a training may take, about; 1 for no longer
        sampler: what draws the settings: tpe, which begins with what has done well elsewhere and learns from the trials
            before; or random
        samples: train on samples of the text first; --no-samples trains each trial on all of it
        study: where to keep what was tried, instead
        plot: draw what was tried: a file that ends in .png, .svg or .pdf
        as_json: print one JSON document
        config: a file of settings to begin with, from wordvec tune
        column: the column of Parquet, CSV, TSV or JSON-lines files that holds the text, as strings or lists of words
        weight: the column of Parquet, CSV, TSV or JSON-lines files that says how often each text counts, as a whole
            number
        input_format: format of the files (default: by their names and contents)
        encoding: encoding of files other than Parquet, as Python names it: utf-16, cp1252, gb18030 ...
        errors: bytes that are invalid in the encoding: strict, stop with an error; replace, use U+FFFD; ignore, leave
            them out
        tokenizer: how to split a text into words: whitespace (default), words, alphanumeric or punctuation
        phrases: a file of phrases to join in the text, from wordvec phrases, found with the same tokenizer
        temporary_folder: where to keep the encoded corpus meanwhile, 12 bytes per word (default: the system's)
        flags: settings that stay as they are given; all others of the space are searched
    """
    from wordvec.config import Config
    from wordvec.formats.config_file import read_config
    from wordvec.tuning.space import read_range
    from wordvec.tuning.tune import tune as search

    check_sources(app, sources)
    if not sources:
        raise ConfigError("there is no text to tune for: give a file, a folder, or - for standard input")
    if not tests:
        raise ConfigError("--for is missing: what the vectors are for: a file of tests, or next-item")
    _check_places(output, plot)
    saved = None if config is None else read_config(config)
    result = search(
        sources[0] if len(sources) == 1 else list(sources),
        tests,
        budget=budget,
        trials=trials,
        space=dict(map(read_range, space or ())),
        only=[name.replace("-", "_") for name in only or ()],
        max_slowdown=max_slowdown,
        sampler=sampler,
        samples=samples,
        study=study or (output and output.with_name(output.name + STUDY)),
        config=None if saved is None else Config(**saved.settings),
        column=column,
        weight=weight,
        input_format=input_format,
        encoding=encoding,
        errors=errors,
        tokenizer=tokenizer or (saved and saved.tokenizer),
        phrases=phrases,
        temporary_folder=temporary_folder,
        progress=True,
        **given(flags),
    )
    if output is not None:  # first, as the reader of stdout may stop early
        result.save(output)
    if plot is not None:
        result.plot(plot)
    _print(result, as_json=as_json)
    _say_summary(result, sources, output)
    if result.is_interrupted:
        where = (
            ""
            if output is None
            else f"; the best settings so far are in {output}; to go on, give the same command"
        )
        raise KeyboardInterrupt(f"the search ended early{where}")


def _check_places(output: Path | None, plot: Path | None) -> None:
    """Check, before reading anything, that the outputs can be written."""
    from wordvec.storage.atomic import writing
    from wordvec.visualization.output_kinds import check_plot_target, plot_format

    for path in (output, plot):
        if path is not None:
            with writing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
    if output is not None and output.is_dir():
        raise ConfigError(f"--output {output} is a folder; give the name of a file, such as tuned.json")
    if plot is not None:
        check_plot_target(plot)
        if plot_format(plot) == "html":
            raise ConfigError(f"--plot must end in .png, .svg or .pdf, got {plot}")


def _print(result: TuningResult, *, as_json: bool) -> None:
    if as_json:
        print_json(result.to_plain())
        return
    rows = [row for report in result.reports for row in _report_rows(report)]
    print_columns([("test", "score of", "settings", "score", "95 % interval", "questions"), *rows])
    print_columns(result.table())


def _report_rows(report: Report) -> Iterator[tuple[str, ...]]:
    questions = f"{report.questions:,}"
    for name, estimate in (("tuned", report.tuned), ("defaults", report.defaults)):
        yield report.name, report.measure, name, *score_cells(estimate), questions
    if report.baseline is not None:
        yield report.name, report.measure, "most frequent", f"{report.baseline:.3f}", "", questions
    if report.difference is not None:
        by, low, high, p = report.difference
        sure = f"p {p:.3f}" if p >= 0.001 else "p < 0.001"
        measure = f"{report.measure}, {sure}"
        yield report.name, measure, "difference", f"{by:+.3f}", f"{low:+.3f} to {high:+.3f}", questions


def _say_summary(result: TuningResult, sources: tuple[str, ...], output: Path | None) -> None:
    if not all(report.is_held_out for report in result.reports):
        say(
            "warning: a test of one number has chosen the settings, too, so its score is too high to be reported"
        )
    if not result.is_of_all_text:
        say(
            f"warning: the budget was too small to train on all of the text; the scores are of {result.best.share:.0%} "
            "of it: raise --budget"
        )
    slowdown = result.slowdown
    takes = "" if slowdown is None else f", which train {slowdown:.1f} times as long as the defaults"
    best = "the defaults" if result.best.number == 0 else f"trial {result.best.number}"
    say(f"{len(result.trials) - 1:,} trials; the best settings are those of {best}{takes}")
    if output is not None:
        command = shlex.join(["wordvec", "train", *sources, "--config", str(output)])
        say(f"saved to {output}; to train: {command} --output model.wv")
