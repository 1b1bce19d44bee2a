import random
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies
from tests.phrases import naive

import wordvec
from wordvec.corpus.sources import parse_source
from wordvec.errors import ConfigError, CorpusError
from wordvec.phrases import finding
from wordvec.phrases.finding import find_phrases, join_text
from wordvec.phrases.phrases import PhraseSettings
from wordvec.vocabulary.encoding import number_words

WORDS = ("new", "york", "of", "the", "city", "bank", "river", "a", "b", "c_d", "c", "d")
OF = ("of", "the")


def texts_of(seed, num_texts=300, length=30, words=WORDS):
    """Texts in which some words stand beside each other more often than others."""
    draw = random.Random(seed)  # noqa: S311
    texts = []
    for _ in range(num_texts):
        text = []
        while len(text) < length:
            text += draw.choice(
                [["new", "york"], ["bank", "of", "the", "river"], [draw.choice(words)], [draw.choice(words)]]
            )
        texts.append(text)
    return texts


def tables(phrases):
    return [{one.words: (one.count, one.score) for one in found} for found in phrases.passes]


def joined_texts(texts, phrases, folder, threads=2):
    text = number_words(parse_source(texts), folder, "whitespace", 1, lambda _: None)
    text = join_text(text, phrases, threads)
    ids = np.fromfile(text.path, np.int32)
    assert np.array_equal(np.bincount(ids[ids >= 0], minlength=len(text.words)), text.counts)
    ends = np.flatnonzero(ids == -1)
    return [[text.words[word] for word in part if word >= 0] for part in np.split(ids, ends + 1)[:-1]]


@pytest.mark.parametrize("scoring", ["word2vec", "npmi"])
@pytest.mark.parametrize("connector_words", [(), OF], ids=["no connectors", "connectors"])
@pytest.mark.parametrize("passes", [1, 3])
def test_phrases_counts_and_scores_are_those_of_the_naive_twin(scoring, connector_words, passes, tmp_path):
    texts = texts_of(1)
    chosen = PhraseSettings(
        min_count=3,
        threshold=-0.2 if scoring == "npmi" else 0.02,
        scoring=scoring,
        passes=passes,
        connector_words=connector_words,
    )
    expected, texts_after = naive.passes_of(texts, chosen)
    found = find_phrases(
        texts,
        min_count=3,
        threshold=chosen.threshold,
        scoring=scoring,
        passes=passes,
        connector_words=connector_words,
    )
    assert [set(one) for one in tables(found)] == [set(one) for one in expected]
    assert len(expected[0]) > 3
    for got, wanted in zip(tables(found), expected, strict=True):
        for words, (count, score) in wanted.items():
            assert got[words][0] == count
            assert got[words][1] == pytest.approx(score, rel=1e-12)
    assert joined_texts(texts, found, tmp_path) == texts_after
    assert [found.join(text) for text in texts] == texts_after


FEW_WORDS = strategies.sampled_from(["a", "b", "c", "of", "a_b", "ü"])


@settings(max_examples=60, deadline=None)
@given(
    texts=strategies.lists(strategies.lists(FEW_WORDS, min_size=1, max_size=12), min_size=1, max_size=12),
    threads=strategies.integers(1, 3),
    block=strategies.sampled_from([1, 2, 3, 5, 100]),
    threshold=strategies.sampled_from([0.01, 0.5, 2.0]),
    passes=strategies.integers(1, 3),
)
def test_any_texts_cut_anywhere_give_what_the_naive_twin_gives(
    tmp_path_factory, texts, threads, block, threshold, passes
):
    chosen = PhraseSettings(min_count=1, threshold=threshold, connector_words=("of",), passes=passes)
    # Words that are spelled as a phrase of others are other words to the twin, and the same here from pass 2 on.
    if passes > 1:
        texts = [[word.replace("_", "-") for word in text] for text in texts]
    expected, texts_after = naive.passes_of(texts, chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "BLOCK_POSITIONS", block)
        found = find_phrases(
            texts, min_count=1, threshold=threshold, connector_words=["of"], passes=passes, threads=threads
        )
        assert tables(found) == expected
        after = joined_texts(texts, found, tmp_path_factory.mktemp("ids"), threads)
    assert after == texts_after == [found.join(text) for text in texts]


@pytest.mark.parametrize("connector_words", [(), OF], ids=["no connectors", "connectors"])
def test_threads_and_blocks_give_the_same_phrases(connector_words, monkeypatch):
    texts = texts_of(2)
    one = find_phrases(texts, min_count=2, threshold=0.1, threads=1, connector_words=connector_words)
    monkeypatch.setattr(finding, "BLOCK_POSITIONS", 101)
    assert find_phrases(texts, min_count=2, threshold=0.1, threads=5, connector_words=connector_words) == one


def test_a_phrase_is_joined_across_blocks_of_reading(monkeypatch, tmp_path):
    monkeypatch.setattr(finding, "BLOCK_POSITIONS", 2)
    texts = [f"bank of the of river x{number} bank of the of river y{number}".split() for number in range(9)]
    found = find_phrases(texts, min_count=1, threshold=0.05, connector_words=OF)
    assert "bank_of_the_of_river" in found
    assert joined_texts(texts, found, tmp_path)[0] == [
        "bank_of_the_of_river",
        "x0",
        "bank_of_the_of_river",
        "y0",
    ]


def pair_texts(num_pairs, times):
    """Each pair so often, in an order that mixes them; frequent ones are first seen last."""
    pairs = [[f"a{number}", f"b{number}"] for number in range(num_pairs) for _ in range(times)]
    random.Random(3).shuffle(pairs)  # noqa: S311
    return pairs


def test_rare_pairs_are_forgotten_where_there_are_too_many_and_the_result_says_so(monkeypatch):
    monkeypatch.setattr(finding, "BLOCK_POSITIONS", 3000)
    texts = [[f"c{number}", f"d{number}"] for number in range(5000)] + pair_texts(40, 50)
    whole = find_phrases(texts, min_count=3, threshold=1)
    pruned = find_phrases(texts, min_count=3, threshold=1, max_pairs=2000)
    assert (whole.pruned, len(whole)) == ((0,), 40)
    assert pruned.pruned[0] >= 1
    assert {one.words for one in pruned} == {one.words for one in whole}  # frequent ones stay
    assert {one.count for one in whole} == {50}


@pytest.mark.parametrize("threads", [1, 4])
def test_what_is_forgotten_does_not_depend_on_threads(threads, monkeypatch):
    monkeypatch.setattr(finding, "BLOCK_POSITIONS", 3000)
    texts = pair_texts(3000, 2)
    one = find_phrases(texts, min_count=1, threshold=1, max_pairs=500, threads=2)
    assert one.pruned[0] >= 1
    assert find_phrases(texts, min_count=1, threshold=1, max_pairs=500, threads=threads) == one


def test_tables_hold_no_more_pairs_than_they_may(monkeypatch):
    held = []
    forget = finding._PairCounter._forget_rare

    def note(self, part):
        forget(self, part)
        held.append((int(self.tables[part].number[0]), len(self.tables[part].keys)))

    monkeypatch.setattr(finding, "BLOCK_POSITIONS", 1000)
    monkeypatch.setattr(finding._PairCounter, "_forget_rare", note)
    find_phrases(pair_texts(20_000, 1), max_pairs=640)
    assert max(number for number, _ in held) == 10
    assert max(slots for _, slots in held) == finding.MIN_SLOTS


def test_an_example_is_the_text_around_the_first_occurrence_and_does_not_cross_its_end():
    texts = [["x", "y"], ["we", "saw", "new", "york"], ["z"], ["new", "york"]]
    (phrase,) = find_phrases(texts, min_count=1, threshold=0.1)
    assert (phrase.example, phrase.count) == ("we saw new york", 2)


def test_an_example_has_some_words_on_each_side():
    (phrase,) = find_phrases(
        [["1", "2", "3", "4", "5", "new", "york", "6", "7", "8", "9", "0"], ["new", "york"]],
        min_count=1,
        threshold=1,
    )
    assert phrase.example == "2 3 4 5 new york 6 7 8 9"


def test_a_phrase_has_a_score_above_the_threshold_not_at_it():
    texts = [
        text.split()
        for text in ("we saw new york", "new york is far", "old friends like new york", "new things")
    ]
    (phrase,) = find_phrases(texts, min_count=1, threshold=0.1)
    assert len(find_phrases(texts, min_count=1, threshold=phrase.score)) == 0
    assert len(find_phrases(texts, min_count=1, threshold=np.nextafter(phrase.score, 0).item())) == 1


def test_npmi_leaves_out_pairs_rarer_than_min_count():
    texts = [["a", "b"]] * 3 + [["c", "d"]] * 2 + [[f"w{number}"] for number in range(20)]
    assert {one.words for one in find_phrases(texts, scoring="npmi", min_count=3)} == {("a", "b")}


def test_later_passes_find_longer_phrases():
    texts = [f"w{n} new york city w{n + 1} new york w{n}".split() for n in range(200)] * 2
    found = find_phrases(texts, min_count=5, threshold=0.5, passes=2)
    assert found.passes[0][0].words == ("new", "york")
    assert ("new_york", "city") in tables(found)[1]
    assert found.join(["in", "new", "york", "city"]) == ["in", "new_york_city"]


def test_repeated_words_are_joined_from_left_to_right(tmp_path):
    texts = [["a"] * 5] * 4
    found = find_phrases(texts, min_count=1, threshold=0.01)
    assert joined_texts(texts, found, tmp_path)[0] == ["a_a", "a_a", "a"]


def test_connector_words_at_the_ends_of_texts_are_in_no_phrase(tmp_path):
    texts = [["of", "bank", "of"], ["the", "of"], ["bank"]] * 5
    found = find_phrases(texts, min_count=1, threshold=0.01, connector_words=OF)
    assert len(found) == 0
    assert joined_texts(texts, found, tmp_path) == texts


def test_a_phrase_spelled_as_a_word_of_the_text_is_that_word(tmp_path):
    texts = [["new", "york"]] * 5 + [["new_york"]]
    text = number_words(parse_source(texts), tmp_path, "whitespace", 1, lambda _: None)
    joined = join_text(text, find_phrases(texts, min_count=1, threshold=0.1), 1)
    assert dict(zip(joined.words, joined.counts.tolist(), strict=True)) == {
        "new": 0,
        "york": 0,
        "new_york": 6,
    }


def test_a_text_of_one_word_has_no_phrases():
    assert len(find_phrases([["a"]])) == 0


@pytest.mark.parametrize("texts", [[], [[]]], ids=["no texts", "an empty text"])
def test_a_text_without_words_is_an_error(texts):
    with pytest.raises(CorpusError, match="there are no words"):
        find_phrases(texts)


def test_integers_are_words():
    assert [one.words for one in find_phrases([[7, 8], [7, 8], [9]], min_count=1, threshold=0.1)] == [
        ("7", "8")
    ]


def test_a_column_of_a_table_a_file_and_lists_give_the_same(tmp_path):
    texts = texts_of(4, num_texts=50)
    lines = [" ".join(text) for text in texts]
    pq.write_table(pa.table({"id": range(50), "text": lines}), tmp_path / "texts.parquet")
    (tmp_path / "texts.txt").write_text("\n".join(lines))
    expected = find_phrases(texts, min_count=2, threshold=0.1)
    assert find_phrases(tmp_path / "texts.parquet", column="text", min_count=2, threshold=0.1) == expected
    assert find_phrases(tmp_path / "texts.txt", min_count=2, threshold=0.1) == expected


def test_the_tokenizer_is_that_of_train(tmp_path):
    (tmp_path / "a.txt").write_text("New York! new york? NEW YORK.\n")
    assert {
        one.words for one in find_phrases(tmp_path / "a.txt", tokenizer="words", min_count=1, threshold=0.1)
    } == {
        ("new", "york"),
        ("york", "new"),
    }


def test_temporary_files_are_removed(tmp_path):
    find_phrases(texts_of(1, num_texts=5), temporary_folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_english_connector_words_have_a_name():
    assert "of" in find_phrases([["a"]], connector_words="english").settings.connector_words


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_count": 0}, "min_count must be at least 1, got 0"),
        ({"threshold": 0}, "threshold must be a number above 0 .* got 0"),
        ({"threshold": float("nan")}, "threshold must be a number above 0"),
        (
            {"scoring": "npmi", "threshold": 2},
            "threshold must be a number of at least -1 and at most 1 .* got 2",
        ),
        ({"scoring": "default"}, "scoring must be 'word2vec' or 'npmi', got 'default'"),
        ({"passes": 0}, "passes must be at least 1"),
        ({"max_pairs": 0}, "max_pairs must be at least 1"),
        ({"delimiter": " "}, "delimiter must be one or more characters other than whitespace, got ' '"),
        ({"delimiter": ""}, "delimiter must be"),
        ({"connector_words": "of"}, "connector_words must be a list of words, got 'of'"),
        ({"connector_words": [7]}, "connector_words must be a list of words"),
        ({"threads": 0}, "threads must be at least 1"),
        ({"tresholt": 3}, "find_phrases has no setting tresholt; there are min_count, threshold"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_impossible_settings_are_refused_by_name(given, message):
    with pytest.raises(ConfigError, match=message):
        find_phrases([["a", "b"]], **given)


def test_the_public_names_lead_here():
    assert wordvec.find_phrases is find_phrases
    assert replace(PhraseSettings(), passes=2).passes == 2
