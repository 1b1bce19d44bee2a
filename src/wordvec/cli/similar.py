"""`wordvec similar`: the nearest words."""

from __future__ import annotations

from cyclopts import App

from wordvec.cli.output import JsonFlag, print_columns, print_json

__all__ = ["app"]

app = App(
    name="similar",
    help_epilogue="""Examples:
  wordvec similar model.wv paris
  wordvec similar model.wv king queen --k 5 --json""",
)


@app.default
def similar(model: str, word: str, /, *words: str, k: int = 10, json: JsonFlag = False) -> None:
    """Print the words nearest to a word, or to several together, with their cosines.

    Args:
        model: model folder, or a file of vectors in a known format
        word: what to find neighbours of; after --, a word may begin with a dash
        words: more words, to be taken together
        k: how many neighbours
        json: print one JSON document
    """
    from wordvec.formats.detect import load

    query = [word, *words]
    neighbors = load(model).most_similar(query, k=k)
    if json:
        print_json({"query": query, "neighbors": [neighbor._asdict() for neighbor in neighbors]})
    else:
        print_columns((neighbor.word, f"{neighbor.similarity:.4f}") for neighbor in neighbors)
