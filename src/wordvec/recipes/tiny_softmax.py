"""tiny-softmax: skip-gram with the full softmax on a small vocabulary, the Tiny Word2Vec article."""

from __future__ import annotations

from wordvec.config import Config
from wordvec.recipes.recipe import PublishedData, Recipe

__all__ = ["TINY_SOFTMAX"]

TINY_SOFTMAX = Recipe(
    name="tiny-softmax",
    title="Tiny Word2Vec: an embedding, a linear layer and a softmax over all words",
    about=(
        "An article that shows word2vec with nothing left out: every prediction is scored against every word, which "
        "a pruned vocabulary makes bearable. It is written for any text; without one, the recipe takes WikiText-2."
    ),
    config=Config(
        objective="softmax",
        min_count=10,
        unknown_word="<unk>",
        skipgram_input="center",
        dim=100,
        initialization="word2vec",
        window=2,
        window_reach="fixed",
        subsample=0,
        epochs=5,
        batch_size=512,
        optimizer="adam",
        reduction="mean",
        learning_rate=1e-3,
        schedule="constant",
        engine="torch",
    ),
    tokenizer="whitespace",
    data=PublishedData("Salesforce/wikitext", "wikitext-2-v1", validation_split="validation"),
    validation=0.01,
    watch_sample=8,
    differences=(
        "The loss is a mean per pair; the article adds up a total that grows with the text.",
        "The window's right end is included, as its left one is.",
        "The most frequent word and word 0 are words like others, not padding.",
        "Vectors start small, as in word2vec.c: PyTorch's start, standard normal, is longer than what training adds.",
        "There is a validation loss, too. Dimension, window and batch size are ours, as the article leaves them open.",
    ),
)
