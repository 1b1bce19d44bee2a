"""Catalog: the four published systems as recipes, and how to look one up by name."""

from __future__ import annotations

import difflib

from wordvec.config import Config
from wordvec.errors import ConfigError
from wordvec.recipes.recipe import PublishedData, Recipe

__all__ = ["D2L_PTB", "RECIPES", "TEXT8_SGNS", "TINY_SOFTMAX", "WIKITEXT103", "recipe"]

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
        shuffle_texts=False,
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
        optimizer="adam",
        reduction="mean",
        learning_rate=1e-3,
        schedule="constant",
        keep="best",
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
        "The most frequent word keeps its place; the original's special token took it.",
        "noise_power is 1, as the article has it; its repository has 0.75 (--noise-power 0.75).",
    ),
)

D2L_PTB = Recipe(
    name="d2l-ptb",
    title="Pretraining word2vec, a chapter of Dive into Deep Learning, on the Penn Treebank",
    about=(
        "By Zhang, Lipton, Li and Smola: skip-gram, 5 negatives for each context, minibatches "
        "padded and masked, each example's loss a mean over its own words. Its editions since July 2021 report a loss "
        "of 0.41 after 5 epochs, that of 2020 one of 0.33; near chip are intel and microprocessor."
    ),
    config=Config(
        min_count=10,
        unknown_word="<unk>",
        shuffle_texts=False,
        skipgram_input="center",
        dim=100,
        initialization="xavier",
        window=5,
        subsample=1e-4,
        subsample_formula="paper",
        negatives=5,
        negative_sharing="pair",
        negatives_avoid="targets",
        noise_power=0.75,
        epochs=5,
        batch_size=512,
        shuffle=True,
        optimizer="adam",
        reduction="example_mean",
        learning_rate=0.002,
        schedule="constant",
        keep="best",
    ),
    tokenizer="whitespace",
    data=PublishedData(
        "ptb-text-only/ptb_text_only",
        revision="refs/convert/parquet",
        column="sentence",
        validation_split="validation",
    ),
    validation=0.01,
    watch=("chip",),
    differences=(
        "Contexts and noise are drawn afresh in each epoch, not once.",
        "There is a validation loss, too, and the vectors of its best epoch are kept.",
        "The edition of 2020 took <unk> for a word (unknown_word=None), at a learning rate of 0.01.",
    ),
)

TEXT8_SGNS = Recipe(
    name="text8-sgns",
    title="Skip-gram word2vec with negative sampling, a course notebook, on text8",
    about=(
        "A notebook of a deep-learning course: skip-gram written as a module with its own loss, 16 words whose "
        "neighbors are printed while training, half frequent and half rarer, and a t-SNE picture at the end."
    ),
    config=Config(
        min_count=6,
        shuffle_texts=False,
        skipgram_input="center",
        dim=300,
        initialization="uniform",
        window=5,
        subsample=1e-5,
        subsample_formula="paper",
        negatives=5,
        negative_sharing="pair",
        noise_power=0.75,
        epochs=5,
        batch_size=512,
        optimizer="adam",
        reduction="mean",
        learning_rate=3e-3,
        schedule="constant",
    ),
    tokenizer="punctuation",
    data=PublishedData("afmck/text8", train_split="train+validation+test"),  # together, they are text8
    validation=0.01,
    watch_sample=16,
    map_words=380,
    differences=(
        "Batches do not cut windows, and a window reaches its maximum.",
        "Noise words equal to their target are drawn again.",
        "The loss uses logsigmoid, not the logarithm of a sigmoid, which underflows.",
        "Neighbors come with cosines, not with distances called similarity.",
        "One hundredth of the text is held out for a validation loss; the notebook has none.",
    ),
)

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
        shuffle_texts=False,
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

RECIPES = {one.name: one for one in (WIKITEXT103, D2L_PTB, TEXT8_SGNS, TINY_SOFTMAX)}


def recipe(name: str) -> Recipe:
    """Look a recipe up by its name, to read it or to change it with `dataclasses.replace`.

    Args:
        name: "wikitext103", "d2l-ptb", "text8-sgns" or "tiny-softmax"; each is described in docs/recipes.md.

    Returns:
        The recipe; give it, or its name, to `wordvec.train(recipe=...)`.

    Raises:
        ConfigError: no recipe has that name.

    >>> recipe("d2l-ptb").config.dim
    100
    """
    if name not in RECIPES:
        close = difflib.get_close_matches(name, RECIPES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(RECIPES)}"
        raise ConfigError(f"there is no recipe {name!r}; {hint}")
    return RECIPES[name]
