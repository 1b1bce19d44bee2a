"""The documentation tells what the code does: figures come from measured results, examples from real flags."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wordvec.cli.app import VERBS, app
from wordvec.config import Config

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MATHEMATICS = (ROOT / "docs" / "mathematics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "docs/benchmarks.md", "docs/recipes.md"])
def test_each_quoted_figure_stands_in_a_result_that_was_measured(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    quoted = text.split("<!-- results -->")[1].split("<!-- end of results -->")[0]
    rows = [line for line in quoted.splitlines() if line.startswith(("|", "- ")) and re.search(r"\d", line)]
    measured = "\n".join(
        result.read_text(encoding="utf-8") for result in (ROOT / "benchmarks" / "results").glob("*.md")
    )
    assert rows
    for row in rows:
        assert row in measured


def test_each_command_in_the_readme_is_one_that_exists() -> None:
    commands = re.findall(r"^(?: +|\$ )wordvec (.+)$", README, flags=re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        app.parse_args(command.split(), exit_on_error=False, print_error=False)


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/benchmarks.md",
        "docs/custom-objectives.md",
        "docs/decisions/README.md",
        "docs/fine-tuning.md",
        "docs/formats.md",
        "docs/from-gensim.md",
        "docs/from-the-ground-up.md",
        "docs/feeding.md",
        "docs/guides/comparing-corpora.md",
        "docs/guides/domain-embeddings.md",
        "docs/guides/graph-nodes.md",
        "docs/guides/recommendation.md",
        "docs/guides/semantic-search.md",
        "docs/map.md",
        "docs/judging.md",
        "docs/mathematics.md",
        "docs/phrases.md",
        "docs/recipes.md",
        "docs/runs.md",
        "docs/serving.md",
    ],
)
def test_each_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)  # code has brackets of its own
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (ROOT / page).parent.joinpath(target).exists(), target


def test_each_file_named_in_the_mathematics_exists() -> None:
    files = set(re.findall(r"`((?:\w+/)+\w+\.py)`", MATHEMATICS))
    assert len(files) >= 20
    for file in files:
        assert (ROOT / "src" / "wordvec" / file).exists(), file


def test_the_settings_named_in_the_mathematics_exist() -> None:
    for setting in (
        "dim",
        "window",
        "negatives",
        "subsample",
        "subsample_formula",
        "subsample_quantile",
        "subsample_scope",
        "window_reach",
        "window_edges",
        "noise_power",
        "noise_table",
        "negative_sharing",
        "negatives_avoid",
        "skipgram_input",
        "pooling",
        "initialization",
        "reduction",
        "batch_size",
        "learning_rate",
        "final_learning_rate",
    ):
        assert re.search(rf"`{setting}[=`]", MATHEMATICS), setting
        assert hasattr(Config(), setting)


def test_the_changelog_names_every_verb() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for verb in VERBS:
        assert f"`{verb}`" in changelog or f"wordvec {verb}" in changelog
