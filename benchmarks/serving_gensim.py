"""gensim behind FastAPI, as people write it: an endpoint that calls `most_similar`, on vectors that are mapped.

python -m benchmarks.serving_gensim VECTORS.kv PORT
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI, HTTPException
from gensim.models import KeyedVectors

__all__ = ["make_app"]


def make_app(path: str) -> FastAPI:
    """The application."""
    vectors = KeyedVectors.load(path, mmap="r")
    vectors.fill_norms()
    app = FastAPI()

    @app.get("/v1/neighbors")
    def neighbors(word: str, k: int = 10) -> list[tuple[str, float]]:
        """The words nearest to a word; FastAPI calls it in one of its threads."""
        if word not in vectors.key_to_index:
            raise HTTPException(404, f"unknown word {word}")
        return [(name, float(cosine)) for name, cosine in vectors.most_similar(word, topn=k)]

    @app.get("/health")
    def health() -> str:
        """Whether it answers."""
        return "ok"

    return app


if __name__ == "__main__":
    uvicorn.run(
        make_app(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False
    )
