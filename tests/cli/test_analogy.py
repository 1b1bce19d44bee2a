import json


def test_the_best_answer_is_printed(shell, model):
    assert shell("analogy", model, "man", "king", "woman") == (0, "queen\t0.9597\n", "")


def test_more_answers_on_demand_as_json(shell, model, vectors):
    status, out, _ = shell("analogy", model, "man", "king", "woman", "--k", 3, "--json")
    answers = vectors.analogy("man", "king", "woman", k=3)
    assert status == 0
    assert json.loads(out) == {
        "query": {"a": "man", "b": "king", "c": "woman"},
        "neighbors": [{"word": word, "similarity": similarity} for word, similarity in answers],
    }


def test_an_unknown_word_fails(shell, model):
    status, out, err = shell("analogy", model, "man", "king", "Woman")
    assert (status, out) == (1, "")
    assert "'Woman' is not in the vocabulary (9 words); closest spellings: woman" in err


def test_scores_may_be_multiplied_and_answers_limited(shell, model, vectors):
    _, out, _ = shell(
        "analogy", model, "man", "king", "woman", "--method", "mul", "--search-limit", 5, "--k", 2, "--json"
    )
    expected = vectors.analogy("man", "king", "woman", 2, method="mul", search_limit=5)
    assert [tuple(answer.values()) for answer in json.loads(out)["neighbors"]] == expected
    assert shell("analogy", model, "man", "king", "woman", "--method", "div")[0] == 2
