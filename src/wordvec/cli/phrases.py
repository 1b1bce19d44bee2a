"""`wordvec phrases`: words that stand side by side more often than chance has it, such as new york."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from wordvec.answers import phrases_answer
from wordvec.cli.options import check_sources, unfolded
from wordvec.cli.output import JsonFlag, print_columns, print_json, say
from wordvec.errors import ConfigError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.phrases.phrases import Phrases

__all__ = ["app"]

app = App(
    name="phrases",
    usage="Usage: wordvec phrases [OPTIONS] SOURCES...",
    help_epilogue="""Examples:
  wordvec phrases corpus.txt.gz --output phrases.json --passes 2 --connector-words english
  wordvec phrases reviews.parquet --column text --scoring npmi --threshold 0.6 --k 50""",
)


@app.default
@unfolded
def phrases(
    *sources: Annotated[str, Parameter(allow_leading_hyphen=True)],  # a lone - is standard input
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    column: str | None = None,
    input_format: Literal["text", "csv", "tsv", "jsonl", "parquet"] | None = None,
    encoding: str = "utf-8",
    errors: Literal["strict", "replace", "ignore"] = "strict",
    tokenizer: Literal["whitespace", "words", "alphanumeric", "punctuation"] = "whitespace",
    min_count: int | None = None,
    threshold: float | None = None,
    scoring: Literal["word2vec", "npmi"] | None = None,
    passes: int | None = None,
    connector_words: Annotated[list[str] | None, Parameter(negative=())] = None,
    delimiter: str | None = None,
    max_pairs: int | None = None,
    threads: int | None = None,
    temporary_folder: Path | None = None,
    k: Annotated[int, Parameter(name=["--k", "-k"])] = 20,
    json: JsonFlag = False,
) -> None:
    """Find phrases in a text, print the first of them, and save them for wordvec train --phrases.

    Args:
        sources: files, folders, glob patterns in quotes, URLs (s3://, gs://, https://, hf://), or - for standard input
        output: where to save the phrases, as JSON
        column: the column of Parquet, CSV, TSV or JSON-lines files that holds the text, as strings or lists of words
        input_format: format of the files (default: by their names and contents)
        encoding: encoding of files other than Parquet, as Python names it: utf-16, cp1252, gb18030 ...
        errors: bytes that are invalid in the encoding: strict, stop with an error; replace, use U+FFFD; ignore, leave
            them out
        tokenizer: how to split a text into words; train with the same one
        min_count: what to subtract from the count of a pair; with npmi, how often its words must occur side by side
            (default: 5)
        threshold: phrases have a score above it (default: 10; with npmi, 0.5, of at most 1)
        scoring: word2vec (default), or npmi: normalized pointwise mutual information
        passes: how often to look for phrases, each time with those so far joined: 2 passes find up to four words
            (default: 1)
        connector_words: words that may be inside of phrases, but not at their ends, separated by commas; or english,
            for a, of, the and so on
        delimiter: what joins the words of a phrase (default: _)
        max_pairs: how many distinct pairs to count at a time; beyond that, the rarest are forgotten (default: 40000000,
            which takes up to 2.5 GB)
        threads: how many read and count (default: one for each core)
        temporary_folder: where to keep the text as word ids meanwhile, 4 bytes per word (default: the system's)
        k: how many phrases to print, highest score first, with their counts, scores, and an example each
        json: print all phrases, as one JSON document
    """
    from wordvec.phrases.finding import find_phrases
    from wordvec.pipeline.progress_display import following
    from wordvec.storage.atomic import writing

    check_sources(app, sources)
    if not sources:
        raise ConfigError(
            "there is no text to find phrases in: give a file, a folder, or - for standard input"
        )
    if k < 1:
        raise ConfigError(f"--k must be at least 1, got {k}")
    if output is not None:
        with writing(output):
            output.parent.mkdir(parents=True, exist_ok=True)
        if output.is_dir():
            raise ConfigError(f"--output {output} is a folder; give the name of a file, such as phrases.json")
    settings: dict[str, Any] = {
        "min_count": min_count,
        "threshold": threshold,
        "scoring": scoring,
        "passes": passes,
        "connector_words": _connectors(connector_words),
        "delimiter": delimiter,
        "max_pairs": max_pairs,
    }
    with following("auto", None) as report:
        found = find_phrases(
            sources[0] if len(sources) == 1 else list(sources),
            column=column,
            input_format=input_format,
            encoding=encoding,
            errors=errors,
            tokenizer=tokenizer,
            threads=threads,
            temporary_folder=temporary_folder,
            on_progress=report,
            **{name: value for name, value in settings.items() if value is not None},
        )
    if output is not None:  # first, as the reader of stdout may stop early
        found.save(output)
    if json:
        print_json(phrases_answer(found))
    else:
        first = sorted(found, key=lambda phrase: -phrase.score)[:k]
        print_columns((found.name(one), str(one.count), f"{one.score:.4g}", one.example) for one in first)
    _say_summary(found, output)


def _connectors(given: Sequence[str] | None) -> Sequence[str] | str | None:
    """The words of --connector-words, which may be given more than once.

    >>> _connectors(["of,the", "in"]), _connectors(["english"])
    (['of', 'the', 'in'], 'english')
    """
    if given is None:
        return None
    words = [word for words in given for word in words.split(",") if word]
    return "english" if words == ["english"] else words


def _say_summary(found: Phrases, output: Path | None) -> None:
    by_pass = ""
    if len(found.passes) > 1:
        by_pass = (
            f" ({', '.join(f'{len(one):,} in pass {number}' for number, one in enumerate(found.passes, 1))})"
        )
    saved = "" if output is None else f", saved to {output}"
    say(f"{len(found):,} phrases{by_pass} in {found.num_words:,} words{saved}")
    forgotten = max(found.pruned, default=0)
    if forgotten:
        say(
            f"warning: there were more than {found.settings.max_pairs:,} distinct pairs, so pairs seen up to "
            f"{forgotten} times were forgotten at times, and rare phrases may be missing: raise --max-pairs"
        )
