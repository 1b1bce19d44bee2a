"""text8-sgns: skip-gram with negative sampling on text8, a course notebook."""

from __future__ import annotations

from wordvec.config import Config
from wordvec.recipes.recipe import PublishedData, Recipe

__all__ = ["TEXT8_SGNS"]

TEXT8_SGNS = Recipe(
    name="text8-sgns",
    title="Skip-gram word2vec with negative sampling, a course notebook, on text8",
    about=(
        "A notebook of a deep-learning course: skip-gram written as a module with its own loss, 16 words whose "
        "neighbours are printed while training, half frequent and half rarer, and a t-SNE picture at the end."
    ),
    config=Config(
        min_count=6,
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
        optimizer="sparse_adam",
        reduction="mean",
        learning_rate=3e-3,
        schedule="constant",
        engine="torch",
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
        "Neighbours come with cosines, not with distances called similarity.",
        "Adam moves only the rows that a batch touched (sparse_adam), as in d2l-ptb.",
        "One hundredth of the text is held out for a validation loss; the notebook has none.",
    ),
)
