"""The house keeps its limits: few files, short ways, one name for one thing, and words that strangers know."""

import pytest

from tests import house


@pytest.mark.parametrize("name", sorted(house.LIMITS))
def test_the_house_keeps_its_limits(name):
    figure, details = house.COUNTS[name]()
    assert figure <= house.LIMITS[name], "\n".join([f"{name}: {figure}", *details])


@pytest.mark.parametrize("area", ["src", "docs", "README", "CONTRIBUTING", "CHANGELOG", "names of tests"])
def test_words_are_those_that_strangers_know(area):
    hits = [hit for hit in house.forbidden_words() if hit.area == area]
    assert not hits, "\n".join(f"{hit.where}: {hit.found!r} ({hit.kind})" for hit in hits)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("ask for its neighbours", "neighbour"),
        ("Tokenised text", "Tokenised"),
        ("def refuse_zero(", "refuse_"),
        ("most_bytes = 7", "most_"),
        ("it is no checkpoint", "is no "),
        ("ConfigError: so it is.", "so it is"),
    ],
    ids=lambda text: text.split(" ")[0],
)
def test_forbidden_words_are_found(line, found):
    assert [pattern.search(line).group() for pattern in house.KINDS.values() if pattern.search(line)] == [
        found
    ]


@pytest.mark.parametrize(
    "line",
    ["vectors.most_similar(word)", "there is no such column", "it is no longer there", "otherwise, precise"],
)
def test_plain_words_are_not_found(line):
    assert not any(pattern.search(line) for pattern in house.KINDS.values())


def test_functions_with_the_same_body_are_found_under_other_names_of_variables(tmp_path, monkeypatch):
    body = "    total = 0\n    for {0} in {1}:\n        total += {0} * {0} + len({1})\n    return total / 2 + 1\n"
    for name, words in {"one": ("x", "xs"), "two": ("y", "ys")}.items():
        (tmp_path / f"{name}.py").write_text(f"def {name}({words[1]}):\n{body.format(*words)}")
    monkeypatch.setattr(house, "SOURCE", tmp_path)
    assert house.functions_that_stand_twice().details == ["one.py:one | two.py:two"]


def test_statements_that_name_an_engine_are_found_but_not_packages_or_docstrings(tmp_path, monkeypatch):
    (tmp_path / "room.py").write_text(
        '"""torch"""\ntorch = imported("torch", "a map")\nif engine == "numba":\n    build = NumbaEngine\n'
    )
    monkeypatch.setattr(house, "SOURCE", tmp_path)
    assert house.places_that_name_engines().details == ["room.py:3: 'numba'", "room.py:4: NumbaEngine"]
