"""The benchmark of the sentence index: its questions are asked, and the page has their figures."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measured import conditions_of, moment

from benchmarks import sentence_index
from wordvec.corpus.sources import FileSource
from wordvec.serving.sentence_index import SentenceIndex, build_index


def test_the_page_has_a_row_for_each_question(tmp_path: Path) -> None:
    corpus, path = tmp_path / "corpus.txt", tmp_path / "a.index"
    corpus.write_text("The king met the queen of New York.\n" * 3)
    build_index(FileSource(str(corpus)), "words", path, {})
    index = SentenceIndex(path)
    asked = [sentence_index.ask(index, word, other, 3) for word, other in sentence_index.QUESTIONS]
    totals = {(one["word"], one["other"]): one["total"] for one in asked}
    assert totals["king", "queen"] == totals["new_york", None] == totals["the", "of"] == 3
    assert totals["anarchism", None] == 0
    result = conditions_of({"the text": corpus}) | moment()
    result |= {"seconds": [1.0, 2.0], "cpu_seconds": [1.0, 2.0], "peak_bytes": [2e8, 3e8], "questions": asked}
    result |= {"text_bytes": 1e8, "index_bytes": 2e8, "opening_ms": 0.5}
    page = sentence_index.page_of(result)
    assert "| king + queen | 3 |" in page
    assert "median 1.5 s (1.0 to 2.0, 2 runs)" in page
    assert "peak memory 300 MB" in page
