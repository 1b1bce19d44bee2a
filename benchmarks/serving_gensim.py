"""gensim behind FastAPI: an endpoint that calls `most_similar`, on vectors that are mapped.

python -m benchmarks.serving_gensim VECTORS.kv PORT threads     # as most write it: FastAPI runs it in its threads
python -m benchmarks.serving_gensim VECTORS.kv PORT in-turn     # one request after the other, in the event loop
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI, HTTPException
from gensim.models import KeyedVectors

__all__ = ["make_app"]

Answer = dict[str, list[tuple[str, float]]]


def make_app(vectors: KeyedVectors, way: str) -> FastAPI:
    """The application."""
    app = FastAPI()

    def neighbors(word: str, k: int = 10) -> Answer:
        """The words nearest to a word."""
        if word not in vectors.key_to_index:
            raise HTTPException(404, f"unknown word {word}")
        return {"neighbors": [(name, float(cosine)) for name, cosine in vectors.most_similar(word, topn=k)]}

    async def in_turn(word: str, k: int = 10) -> Answer:
        """The same, while nothing else is done."""
        return neighbors(word, k)

    app.get("/v1/neighbors", response_model=None)(neighbors if way == "threads" else in_turn)

    @app.get("/ready")
    def ready() -> str:
        """Whether it answers."""
        return "ready"

    return app


if __name__ == "__main__":
    file, port, way = sys.argv[1:]
    loaded = KeyedVectors.load(file, mmap="r")
    loaded.fill_norms()
    uvicorn.run(
        make_app(loaded, way), host="127.0.0.1", port=int(port), log_level="warning", access_log=False
    )
