import numpy as np
import pytest

from wordvec.config import Config
from wordvec.corpus.encoded import GAP, TEXT_END
from wordvec.corpus.sources import parse_source
from wordvec.errors import CorpusError
from wordvec.planning.counted_sample import count_sample, encode_sample, expect
from wordvec.vocabulary.encoding import encode_corpus

TEXT = "b a b rare\nrare? b\na <unk> b\n"


@pytest.fixture
def corpus(tmp_path):
    file = tmp_path / "corpus.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def long_corpus(tmp_path):
    """Words with Zipf's distribution, 20 to a line."""
    words = np.random.default_rng(2).zipf(1.5, 60_000) % 50_000
    file = tmp_path / "long.txt"
    lines = (" ".join(f"w{word}" for word in words[place : place + 20]) for place in range(0, 60_000, 20))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def count(source, sample_bytes=2**20):
    return count_sample(parse_source(source), "whitespace", sample_bytes=sample_bytes, threads=1)


@pytest.mark.parametrize(
    ("settings", "keep_words"),
    [
        ({"min_count": 1}, ()),
        ({"min_count": 2}, ()),
        ({"min_count": 1, "max_vocab": 2}, ()),
        ({"min_count": 2, "unknown": "gap"}, ()),
        ({"min_count": 1, "unknown_word": "<unk>"}, ()),
        ({"min_count": 2}, ("rare", "elsewhere")),
        ({"min_count": 2, "max_vocab": 3}, ("rare", "elsewhere")),
    ],
    ids=str,
)
def test_a_whole_sample_is_encoded_as_a_run_encodes_it(corpus, tmp_path, settings, keep_words):
    config = Config(**settings)
    sample = count(corpus)
    expected = expect(sample, config, keep_words)
    encoded = encode_sample(sample, expected.known, config, tmp_path / "here")
    vocabulary, true = encode_corpus(
        parse_source(corpus), folder=tmp_path / "there", keep_words=keep_words, **settings
    )
    assert encoded.read(0, encoded.num_positions).tolist() == true.read(0, true.num_positions).tolist()
    assert expected.counts.tolist() == vocabulary.counts.tolist()
    assert (expected.vocabulary, expected.words_in_vocabulary) == (len(vocabulary), true.num_words)
    assert (expected.words, expected.distinct_words) == (9, 5)
    assert np.isin([TEXT_END], encoded.read(0, encoded.num_positions)).all()
    assert (GAP in encoded.read(0, encoded.num_positions)) == (config.unknown == "gap")


def test_a_part_tells_the_size_of_all(long_corpus, tmp_path):
    config = Config(min_count=3)
    vocabulary, true = encode_corpus(parse_source(long_corpus), folder=tmp_path, min_count=3)
    sample = count(long_corpus, long_corpus.stat().st_size // 6)
    expected = expect(sample, config)
    assert expected.words == pytest.approx(60_000, rel=0.02)
    assert expected.vocabulary == pytest.approx(len(vocabulary), rel=0.15)
    assert expected.words_in_vocabulary == pytest.approx(true.num_words, rel=0.03)
    assert len(expected.known) <= expected.vocabulary == len(expected.counts)
    assert sample.counts[expected.known].min() == 1  # which becomes six in all
    assert expected.counts[:3] == pytest.approx(vocabulary.counts[:3], rel=0.1)


def test_a_part_knows_the_limit_of_the_vocabulary(long_corpus, tmp_path):
    config = Config(min_count=1, max_vocab=50)
    _, true = encode_corpus(parse_source(long_corpus), folder=tmp_path, min_count=1, max_vocab=50)
    expected = expect(count(long_corpus, 50_000), config)
    assert (expected.vocabulary, len(expected.known)) == (50, 50)
    assert expected.words_in_vocabulary == pytest.approx(true.num_words, rel=0.05)


def test_words_that_stay_in_any_case_are_counted_once(long_corpus):
    sample = count(long_corpus, 50_000)
    plain = expect(sample, Config(min_count=50))
    frequent, rare = sample.words[int(sample.counts.argmax())], sample.words[int(sample.counts.argmin())]
    more = expect(sample, Config(min_count=50), [frequent, rare, "elsewhere"])
    assert more.vocabulary == plain.vocabulary + 2
    assert rare in [sample.words[place] for place in more.known if place < len(sample.words)]


def test_text_that_can_be_read_only_once_is_not_counted():
    assert count("-") is None


def test_an_empty_text_has_no_words(tmp_path):
    (tmp_path / "empty.txt").touch()
    sample = count(tmp_path / "empty.txt")
    assert (sample.words, len(sample.ids), sample.is_whole) == ([], 0, True)


def test_a_file_that_is_not_text_is_refused_by_its_name_and_line(tmp_path):
    (tmp_path / "latin.txt").write_bytes(b"tea\ncaf\xe9\n")
    with pytest.raises(CorpusError, match=r"latin\.txt is not valid UTF-8 in line 2"):
        count(tmp_path / "latin.txt")
