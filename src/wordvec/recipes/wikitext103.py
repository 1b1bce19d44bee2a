"""wikitext103: skip-gram with 50 negatives on WikiText-103, the "from the ground up" article."""

from __future__ import annotations

from wordvec.config import Config
from wordvec.recipes.recipe import PublishedData, Recipe

__all__ = ["WIKITEXT103"]

WIKITEXT103 = Recipe(
    name="wikitext103",
    title="Word2vec with PyTorch from the ground up, on WikiText-103",
    about=(
        "An article with its repository: skip-gram, 50 negatives, a subsampling threshold taken from the text, "
        "train and validation loss, test words after each epoch, a checkpoint of the best epoch. It reported 42 to 43 "
        "minutes an epoch (about 77.5 million tokens) on a hosted GPU."
    ),
    config=Config(
        min_count=50,
        unknown="gap",
        unknown_word="<unk>",
        skipgram_input="center",
        dim=300,
        initialization="normal",
        window=8,
        window_reach="fixed",
        window_edges="skip",
        subsample_quantile=0.85,
        subsample_formula="smooth",
        subsample_scope="window",
        negatives=50,
        noise_power=1.0,
        noise_table=5_000_000,
        epochs=5,
        batch_size=100,
        batch_unit="texts",
        optimizer="sparse_adam",
        reduction="mean",
        learning_rate=1e-3,
        schedule="constant",
        keep="best",
        engine="torch",
    ),
    tokenizer="alphanumeric",
    data=PublishedData("Salesforce/wikitext", "wikitext-103-v1", validation_split="validation"),
    validation=0.01,
    watch=("military", "music", "river", "1945", "university"),
    checkpoint_every="1epoch",
    differences=(
        "The pairs of a window share their 50 noise words; --negative-sharing pair draws them for each pair.",
        "A noise word that is a target of the window is drawn again.",
        "Windows, subsampling and noise are drawn afresh in each epoch, not once.",
        "Adam moves only the rows that a batch touched (sparse_adam), as in d2l-ptb; the original moves all.",
        "The most frequent word keeps its place; the original's special token took it.",
        "noise_power is 1, as the article has it; its repository has 0.75 (--noise-power 0.75).",
    ),
)
