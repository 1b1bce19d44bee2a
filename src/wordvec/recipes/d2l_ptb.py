"""d2l-ptb: skip-gram on the Penn Treebank, from the book Dive into Deep Learning."""

from __future__ import annotations

from wordvec.config import Config
from wordvec.recipes.recipe import PublishedData, Recipe

__all__ = ["D2L_PTB"]

D2L_PTB = Recipe(
    name="d2l-ptb",
    title="Pretraining word2vec, a chapter of Dive into Deep Learning, on the Penn Treebank",
    about=(
        "By Zhang, Lipton, Li and Smola: skip-gram, 5 negatives for each context, minibatches "
        "padded and masked, each example's loss a mean over its own words. It reported a loss of 0.33 (its MXNet "
        "edition) or 0.41 (PyTorch) after 5 epochs, and intel, microprocessor and storage near chip."
    ),
    config=Config(
        min_count=10,
        unknown_word="<unk>",
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
        optimizer="sparse_adam",
        reduction="example_mean",
        learning_rate=0.01,
        schedule="constant",
        keep="best",
        engine="torch",
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
        "Gradients are sparse, and Adam moves only the rows that a batch touched (sparse_adam).",
        "No momentum carries rare words on in batches without them, so they learn less than by `--optimizer adam`.",
        "There is a validation loss, too. It rises after two or three epochs, so the best epoch's vectors are kept.",
    ),
)
