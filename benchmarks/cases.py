"""Cases: the named settings that trainers are compared on; corpus, threads and epochs are chosen per call."""

from __future__ import annotations

from wordvec.config import Config

__all__ = ["CASES"]

CASES = {
    "dim100": Config(dim=100, window=5, negatives=5),
    "dim300": Config(dim=300, window=5, negatives=5),
    "negatives15": Config(dim=100, window=5, negatives=15),
    "hierarchical": Config(objective="hierarchical"),
    "cbow": Config(architecture="cbow"),
    "cbow-word2vec": Config(architecture="cbow", cbow_gradient="word2vec"),
    "cbow-word2vec-in-order": Config(architecture="cbow", cbow_gradient="word2vec", shuffle_texts=False),
    "cbow-positions": Config(architecture="cbow", position_weights=True),
    "cbow-hierarchical": Config(architecture="cbow", objective="hierarchical"),
    "cbow-hierarchical-word2vec": Config(
        architecture="cbow", cbow_gradient="word2vec", objective="hierarchical"
    ),
    "spark": Config(objective="hierarchical", subsample=0),  # what Spark's own Word2Vec trains
    "subwords": Config(max_n=6),
    "cbow-subwords": Config(architecture="cbow", cbow_gradient="word2vec", max_n=6),
}
