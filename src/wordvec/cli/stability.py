"""`wordvec stability`: how far nearest neighbors depend on the seed, and which words not to trust."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from wordvec.answers import stability_answer
from wordvec.cli.options import NO_FLAGS, STRICT, ConfigFlags, DecodingFlags, given, unfolded
from wordvec.cli.output import JsonFlag, print_columns, print_json, say
from wordvec.errors import ConfigError, FormatError

if TYPE_CHECKING:  # not needed for --help
    from wordvec.evaluation.stability import Stability
    from wordvec.vectors.word_vectors import WordVectors

__all__ = ["app"]

FREQUENT_WORDS = 1_000  # of which the least stable are listed

app = App(
    name="stability",
    help_epilogue="""Examples:
  wordvec stability seed1.wv seed2.wv seed3.wv --output stability.tsv
  wordvec stability --train corpus.txt.gz --seeds 3 --epochs 5""",
)


@app.default
@unfolded
def stability(
    *models: str,
    train: str | None = None,
    seeds: Annotated[int, Parameter(validator=Number(gte=2))] = 3,
    tokenizer: Literal["whitespace", "words", "alphanumeric", "punctuation"] = "whitespace",
    k: Annotated[int, Parameter(name=["--k", "-k"], validator=Number(gte=1))] = 10,
    search_limit: Annotated[int, Parameter(validator=Number(gte=2))] = 30_000,
    show: Annotated[int, Parameter(validator=Number(gte=0))] = 10,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    limit: int | None = None,
    json: JsonFlag = False,
    decoding: DecodingFlags = STRICT,
    flags: ConfigFlags = NO_FLAGS,
) -> None:
    """Print how far nearest neighbors agree between runs that differ only in their seed, by word frequency.

    Args:
        models: two or more models of one text with the same settings; or none, with --train
        train: a text to train such models on; they are not saved
        seeds: number of models to train, with the seeds --seed, --seed + 1 and so on
        tokenizer: how that text is split into words
        k: number of neighbors of each word
        search_limit: compare only the N most frequent words of the first model
        show: number of words to list, the least stable among the 1,000 most frequent
        output: a TSV file for the agreement of each word
        limit: load only the N most frequent words of each model
        json: print one JSON document, with all words
        decoding: encoding of the words in files of word2vec and GloVe
        flags: the settings of training
    """
    from wordvec.evaluation.stability import TRUSTED, bands_of, stability_of
    from wordvec.formats.load import load

    if (train is None) == (not models):
        raise ConfigError("name two or more models, or a text with --train, and not both")
    if models and given(flags):
        raise ConfigError(f"{', '.join(given(flags))}: settings of training need --train")
    if train is not None and limit is not None:
        raise ConfigError("--limit applies to models that are loaded: leave it out with --train")
    if train is not None and decoding != STRICT:
        raise ConfigError(
            "--encoding and --errors apply to models that are loaded: leave them out with --train"
        )
    if output is not None:
        _check_output(output)
    found = stability_of(
        [load(model, limit=limit, **asdict(decoding)) for model in models]
        if train is None
        else _trained(train, tokenizer, seeds, flags),
        search_limit=search_limit,
        k=k,
    )
    if output is not None:  # first, as the reader of stdout may stop early
        _save(output, found)
    if json:
        print_json(stability_answer(found))
    else:
        rows = [
            (f"{band.first:,} to {band.last:,}", f"{band.agreement:.3f}", f"{band.distrusted:,}")
            for band in bands_of(found.agreement)
        ]
        print_columns([("rank", "agreement", f"words below {TRUSTED}"), *rows])
        if show:
            print_columns([("least stable", "agreement"), *_least(found, show)])
    say(
        f"agreement is the share of the {k} nearest words that two runs share; below {TRUSTED}, a word's neighbors "
        "say more about the seed than about the text"
    )


def _trained(text: str, tokenizer: str, seeds: int, flags: ConfigFlags) -> list[WordVectors]:
    from wordvec.config import Config
    from wordvec.pipeline.progress_display import ProgressDisplay
    from wordvec.pipeline.train import train

    settings = given(flags)
    first = settings.pop("seed", Config().seed)
    models = []
    for number in range(seeds):
        say(f"run {number + 1} of {seeds}")
        config = Config(**settings, seed=first + number)
        with ProgressDisplay() as display:
            models.append(train(text, config=config, tokenizer=tokenizer, on_progress=display))
        if models[-1].training[-1]["event"] == "interrupted":  # half a run says nothing about seeds
            raise KeyboardInterrupt
    return models


def _least(found: Stability, show: int) -> list[tuple[str, str]]:
    """The least stable words among the frequent ones."""
    agreement = found.agreement[:FREQUENT_WORDS]
    rows = agreement.argsort(kind="stable")[:show].tolist()
    return [(found.words[row], f"{agreement[row]:.3f}") for row in rows]


def _check_output(output: Path) -> None:
    """Check, before hours of training, that the file can be written, and replaces only one that this verb wrote."""
    from wordvec.evaluation.stability import HEADING
    from wordvec.formats.files import reading
    from wordvec.formats.save import check_writable

    if output.exists():
        with reading(output), output.open("rb") as file:
            if file.read(len(HEADING)) != HEADING.encode():
                raise FormatError(
                    f"{output} already exists, and wordvec stability did not write it; choose another --output"
                )
    check_writable(output)


def _save(output: Path, found: Stability) -> None:
    from wordvec.cli.output import one_line
    from wordvec.evaluation.stability import HEADING, TRUSTED
    from wordvec.storage.atomic import replacing_file

    rows = zip(found.words, found.agreement.tolist(), strict=True)
    with replacing_file(output) as file:
        file.write(f"{HEADING}\n".encode())
        for word, agreement in rows:
            trusted = "yes" if agreement >= TRUSTED else "no"
            file.write(f"{one_line(word)}\t{agreement:.4f}\t{trusted}\n".encode())
    say(f"saved {output}")
