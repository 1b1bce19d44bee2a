from __future__ import annotations

import gzip
import os
import resource
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wordvec.corpus.encoded import TEXT_END, EncodedCorpus
from wordvec.corpus.sources import parse_source
from wordvec.errors import ConfigError, CorpusError, ResourceError
from wordvec.vocabulary import encoding
from wordvec.vocabulary.encoding import CountingProgress, encode_corpus
from wordvec.vocabulary.vocabulary import CountedVocabulary

SPACES = [" ", " ", " ", "  ", "\t", "\r\n", "\n", "\n", "\n\n", "\u00a0", "\u3000", " \x0b"]
WORDS = ["a", "b", "B", "be", "bee", "café", "日本", "don't", "\U0001f600", "x" * 30]


def written(folder: Path, text: str | bytes, name: str = "corpus.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def decoded(vocabulary: CountedVocabulary, corpus: EncodedCorpus) -> list[list[str]]:
    """The texts that the file of ids stands for; checks what an encoded corpus promises on the way."""
    ids = corpus.read(0, corpus.num_positions)
    assert ids.nbytes == corpus.path.stat().st_size
    ends = np.flatnonzero(ids == TEXT_END)
    assert len(ends) == corpus.num_texts == corpus.num_positions - corpus.num_words
    assert ends[-1] == len(ids) - 1
    texts = [part[part != TEXT_END] for part in np.split(ids, ends + 1)[:-1]]
    assert all(len(text) for text in texts)
    words = np.bincount(np.concatenate(texts), minlength=len(vocabulary))
    assert words.tolist() == vocabulary.counts.tolist()
    return [[vocabulary.words[word] for word in text] for text in texts]


def random_text(random_numbers: np.random.Generator) -> str:
    num_words = random_numbers.integers(60)
    words = random_numbers.choice(WORDS, size=num_words).tolist()
    spaces = random_numbers.choice(SPACES, size=num_words).tolist()
    return "".join(word + space for word, space in zip(words, spaces, strict=True)) + "a b"


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 16, 50, 10_000])
@pytest.mark.parametrize("threads", [1, 3])
def test_the_encoded_corpus_decodes_to_what_python_splits(
    block_bytes: int, threads: int, tmp_path: Path
) -> None:
    random_numbers = np.random.default_rng(block_bytes)
    for min_count in [1, 1, 2, 3]:
        texts = [random_text(random_numbers) for _ in range(3)]
        files = [written(tmp_path, text, f"{number}.txt") for number, text in enumerate([*texts, "a b " * 3])]
        lines = [line.split() for text in [*texts, "a b " * 3] for line in text.split("\n")]
        counts = Counter(word for line in lines for word in line)
        kept = [[word for word in line if counts[word] >= min_count] for line in lines]
        vocabulary, corpus = encode_corpus(
            parse_source(files),
            folder=tmp_path / "ids",
            min_count=min_count,
            threads=threads,
            block_bytes=block_bytes,
        )
        assert decoded(vocabulary, corpus) == [line for line in kept if line]


def test_everything_is_the_same_for_any_number_of_threads_and_any_block_size(tmp_path: Path) -> None:
    random_numbers = np.random.default_rng(3)
    path = written(tmp_path, " ".join(random_text(random_numbers) for _ in range(20)))
    results = [
        encode_corpus(
            parse_source(path), folder=tmp_path, min_count=2, threads=threads, block_bytes=block_bytes
        )
        for threads, block_bytes in [(1, 10_000), (4, 40), (2, 11)]
    ]
    assert len({tuple(vocabulary.words) for vocabulary, _ in results}) == 1
    assert len({corpus.path.read_bytes() for _, corpus in results}) == 1


def test_a_file_that_is_one_huge_line_loses_nothing_and_stays_one_text(tmp_path: Path) -> None:
    words = [f"w{number % 5003}" for number in range(50_000)]
    vocabulary, corpus = encode_corpus(
        parse_source(written(tmp_path, " ".join(words))), folder=tmp_path, min_count=1, block_bytes=1024
    )
    assert corpus.num_texts == 1
    assert decoded(vocabulary, corpus) == [words]


def test_a_window_never_crosses_lines_files_or_texts(tmp_path: Path) -> None:
    files = [written(tmp_path, "a b\na c", "1.txt"), written(tmp_path, "d a\n", "2.txt")]
    vocabulary, corpus = encode_corpus(parse_source(files), folder=tmp_path, min_count=1)
    assert decoded(vocabulary, corpus) == [["a", "b"], ["a", "c"], ["d", "a"]]


def test_a_megabyte_word_is_a_word(tmp_path: Path) -> None:
    word = "w" * 1_000_000
    vocabulary, corpus = encode_corpus(
        parse_source(written(tmp_path, f"a {word} b")), folder=tmp_path, min_count=1, block_bytes=4096
    )
    assert decoded(vocabulary, corpus) == [["a", word, "b"]]


def test_texts_in_which_no_word_is_left_are_dropped_over_the_borders_of_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        ["rare"],
        ["a", "seldom", "b"],
        [],
        ["odd", "strange"],
        ["b"],
        ["unique"],
        ["a", "few"],
        ["scarce"],
    ]
    for window_positions in range(1, 8):
        monkeypatch.setattr(encoding, "_WINDOW_POSITIONS", window_positions)
        vocabulary, corpus = encode_corpus(parse_source(texts), folder=tmp_path, min_count=2)
        assert decoded(vocabulary, corpus) == [["a", "b"], ["b"], ["a"]]


def test_the_vocabulary_is_cut_to_the_most_frequent_words(tmp_path: Path) -> None:
    texts = [["c"] * 5, ["b"] * 3, ["a"] * 3, ["d"] * 4, ["e"] * 2]
    vocabulary, corpus = encode_corpus(parse_source(texts), folder=tmp_path, min_count=2, max_vocab=3)
    assert vocabulary.words == ["c", "d", "a"]
    assert vocabulary.counts.tolist() == [5, 4, 3]
    assert vocabulary.counts.dtype == np.int64
    assert corpus.num_words == 12


def test_a_generator_is_read_once(tmp_path: Path) -> None:
    texts = (line.split() for line in ["a b", "c a"])
    vocabulary, corpus = encode_corpus(parse_source(texts), folder=tmp_path, min_count=1)
    assert decoded(vocabulary, corpus) == [["a", "b"], ["c", "a"]]


def lower_letters(text: str) -> list[str]:
    return ["".join(filter(str.isalpha, word)) for word in text.lower().replace("-", " ").split()]


@pytest.mark.parametrize("tokenizer", ["words", lower_letters], ids=["name", "function"])
def test_words_are_found_by_the_tokenizer_asked_for(tokenizer: Any, tmp_path: Path) -> None:
    path = written(tmp_path, "The cat; the CAT.\nthe-cat!")
    vocabulary, corpus = encode_corpus(parse_source(path), folder=tmp_path, min_count=3, tokenizer=tokenizer)
    assert decoded(vocabulary, corpus) == [["the", "cat", "the", "cat"], ["the", "cat"]]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_progress_ends_at_the_size_on_disk_and_tells_what_was_read(pack: Any, tmp_path: Path) -> None:
    path = written(tmp_path, pack(b"a b rare\n" * 500 + b"unique\n"))
    seen: list[CountingProgress] = []
    encode_corpus(parse_source(path), folder=tmp_path, min_count=5, block_bytes=256, on_progress=seen.append)
    counting = [progress for progress in seen if progress.phase == "counting"]
    assert len(counting) > 10
    assert [progress.words for progress in seen] == sorted(progress.words for progress in seen)
    assert counting[-1].bytes_done == counting[-1].bytes_total == path.stat().st_size
    assert seen[-1].phase == "encoding"
    assert seen[-1].bytes_done == seen[-1].bytes_total
    assert (seen[-1].words, seen[-1].distinct_words) == (1501, 4)


def test_the_total_of_a_stream_is_unknown(tmp_path: Path) -> None:
    seen: list[CountingProgress] = []
    encode_corpus(parse_source([["a", "b"]]), folder=tmp_path, min_count=1, on_progress=seen.append)
    assert seen[0].bytes_total is None


def test_an_interrupt_stops_the_threads_and_leaves_no_file(tmp_path: Path) -> None:
    path = written(tmp_path, "a b c\n" * 1000)

    def interrupt(progress: CountingProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode_corpus(parse_source(path), folder=tmp_path / "ids", block_bytes=64, on_progress=interrupt)
    assert not any(thread.name.startswith("wordvec-reading") for thread in threading.enumerate())
    assert list((tmp_path / "ids").iterdir()) == []


@pytest.mark.parametrize("text", ["", " \n\r\n\t", "\ufeff"], ids=["empty", "whitespace", "mark"])
def test_a_corpus_without_words_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"there are no words in .*corpus\.txt: it is empty"):
        encode_corpus(parse_source(written(tmp_path, text)), folder=tmp_path)


def test_an_empty_list_of_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there are no words in the token lists"):
        encode_corpus(parse_source([]), folder=tmp_path)


def test_a_corpus_of_rare_words_only_is_refused_with_what_to_change(tmp_path: Path) -> None:
    message = (
        r"rarer than min_count: 7 words were read, 4 of them distinct, .* 3 times; lower min_count \(now 5\)"
    )
    with pytest.raises(CorpusError, match=message):
        encode_corpus(parse_source([["a", "a", "b"], ["a", "b", "c", "d"]]), folder=tmp_path)


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [({"min_count": 3}, r"lower min_count \(now 3\)"), ({"min_count": 1, "max_vocab": 1}, "raise max_vocab")],
    ids=["min_count", "max_vocab"],
)
def test_a_vocabulary_of_one_word_is_refused(setting: Any, remedy: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"only one word .* is left.*needs two: .*{remedy}"):
        encode_corpus(parse_source([["a", "a", "b"], ["a", "b"]]), folder=tmp_path, **setting)


def test_a_file_that_is_not_text_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="not valid UTF-8"):
        encode_corpus(parse_source(written(tmp_path, b"caf\xe9")), folder=tmp_path / "ids")
    assert list((tmp_path / "ids").iterdir()) == []


def test_a_tokenizer_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tokenizer"):
        encode_corpus(parse_source(written(tmp_path, "a b")), folder=tmp_path / "ids", tokenizer="sentences")
    assert not (tmp_path / "ids").exists()


def test_a_disk_that_fills_up_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    texts = [["a", "b"] * 50_000]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(ResourceError, match=r"cannot write the encoded text to .*--temporary-folder"):
            encode_corpus(parse_source(texts), folder=tmp_path / "ids")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "ids").iterdir()) == []


def at(phase: str, happening: Callable[[], object]) -> Callable[[CountingProgress], None]:
    """Something that happens once, when some of a phase is done."""
    left = [happening]

    def on_progress(progress: CountingProgress) -> None:
        if progress.phase == phase and (progress.words or phase == "encoding") and left:
            left.pop()()

    return on_progress


def cut_short(folder: Path) -> None:
    for file in folder.iterdir():
        os.truncate(file, 17)


@pytest.mark.parametrize("phase", ["counting", "encoding"])
@pytest.mark.parametrize("harm", [shutil.rmtree, cut_short], ids=["removed", "cut short"])
def test_encoded_text_that_others_remove_or_cut_short_is_reported_and_never_trained_on(
    harm: Callable[[Path], None], phase: str, tmp_path: Path
) -> None:
    path, folder = written(tmp_path, "a b c\n" * 1000), tmp_path / "ids"
    with pytest.raises(CorpusError, match=r"the encoded text .*ids.* is lost: .*no"):
        encode_corpus(
            parse_source(path), folder=folder, block_bytes=64, on_progress=at(phase, lambda: harm(folder))
        )
    assert not folder.exists() or list(folder.iterdir()) == []


def test_encoded_text_that_others_overwrite_is_reported_and_never_trained_on(tmp_path: Path) -> None:
    def overwrite() -> None:
        for file in (tmp_path / "ids").iterdir():
            with file.open("r+b") as ids:
                ids.write(b"noise, and no ids")

    path = written(tmp_path, "a b c\n" * 1000)
    with pytest.raises(
        CorpusError, match=r"is lost: at position 0 it has the id 1,936,289,646, and all that were"
    ):
        encode_corpus(
            parse_source(path), folder=tmp_path / "ids", block_bytes=64, on_progress=at("counting", overwrite)
        )


def test_a_file_that_changes_is_refused_soon_and_not_when_all_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a b c\n" * 1000)
    seen: list[CountingProgress] = []

    def on_progress(progress: CountingProgress) -> None:
        seen.append(progress)
        if len(seen) == 5:
            path.write_text("something else")

    with pytest.raises(
        CorpusError, match=r"corpus\.txt changed while it was read: it shrank from 6,000 to 14"
    ):
        encode_corpus(
            parse_source(path), folder=tmp_path / "ids", block_bytes=64, threads=1, on_progress=on_progress
        )
    assert len(seen) < 10
    assert list((tmp_path / "ids").iterdir()) == []


def test_a_file_that_vanishes_before_its_turn_is_refused(tmp_path: Path) -> None:
    files = [written(tmp_path, "a b c\n" * 1000, name) for name in ("1.txt", "2.txt")]
    with pytest.raises(CorpusError, match=r"cannot open .*2\.txt: No such file"):
        encode_corpus(
            parse_source(files),
            folder=tmp_path / "ids",
            block_bytes=64,
            on_progress=at("counting", files[1].unlink),
        )
    assert list((tmp_path / "ids").iterdir()) == []


def test_a_named_pipe_is_read_as_what_comes_out_of_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_text("a b\nc a\n"))
    writer.start()
    vocabulary, corpus = encode_corpus(parse_source(tmp_path / "pipe"), folder=tmp_path / "ids", min_count=1)
    writer.join()
    assert decoded(vocabulary, corpus) == [["a", "b"], ["c", "a"]]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_corpus(tmp_path: Path) -> None:
    words = np.random.default_rng(5).zipf(1.3, size=2_000_000).clip(max=30_000).astype(str).tolist()
    path = written(tmp_path, " ".join(words))
    program = (
        "import resource, sys; from pathlib import Path; "
        "from wordvec.corpus.sources import parse_source; "
        "from wordvec.vocabulary.encoding import encode_corpus; "
        "encode_corpus(parse_source(sys.argv[2:]), folder=Path(sys.argv[1]), block_bytes=2**18); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    kilobytes = []
    for times in [2, 16]:
        command = [sys.executable, "-c", program, tmp_path, *[path] * times]
        kilobytes.append(int(subprocess.check_output(command, text=True)))  # noqa: S603
    assert path.stat().st_size * 14 > 50e6  # bytes more to read
    assert kilobytes[1] - kilobytes[0] < 10_000
