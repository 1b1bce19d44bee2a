from wordvec.formats.model_card import model_card
from wordvec.vectors.word_vectors import WordVectors


def test_the_card_says_what_it_is_how_to_load_it_and_how_it_was_made(full):
    card = model_card(full, "0.1.0")
    assert "# Word vectors: 16 words, 3 dimensions" in card
    assert f"occur {full.counts.sum():,} times" in card
    assert "wordvec.load(" in card
    assert "| subsample | 0.001 |" in card
    assert "| loss | 2.25 |" in card
    assert "`output`" in card


def test_the_card_leaves_out_what_is_not_known(plain):
    card = model_card(plain, "0.1.0")
    assert "occur" not in card
    assert "## " not in card
    assert "`output`" not in card


def test_a_bar_in_a_setting_does_not_break_the_table():
    card = model_card(WordVectors(["a"], [[1.0]], config={"corpus": "a|b\nc"}), "0.1.0")
    assert '| corpus | "a\\|b\\nc" |' in card
