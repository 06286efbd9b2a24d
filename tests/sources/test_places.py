import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lineage.sources.places import Place, json_places, toml_places, yaml_places

TRICKY = st.text(
    st.sampled_from("ab\"'\\{}[],:=#.\n \té🙂"), max_size=6
)  # all that could be taken for structure
VALUES: st.SearchStrategy[Any] = st.recursive(
    TRICKY | st.integers() | st.booleans(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TRICKY, inside, max_size=3),
    max_leaves=12,
)


def places_of(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Go through everything inside a value, in the order in which it is written."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield (*place, key), item
        yield from places_of(item, (*place, key))


@given(VALUES)
def test_each_value_of_a_json_text_is_on_its_own_line(value: Any) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    places = json_places("x.json", text)
    expected = list(expected_lines(value, 1)[0])
    assert sorted(places.lines.items(), key=str) == sorted(expected, key=str)


def expected_lines(value: Any, line: int, place: Place = ()) -> tuple[list[tuple[Place, int]], int]:
    """Count the lines as `json.dumps(indent=1)` writes them: one item a line."""
    if not isinstance(value, dict | list) or not value:
        return [], line
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Place, int]] = []
    for key, item in items:
        line += 1
        found.append(((*place, key), line))
        inside, line = expected_lines(item, line, (*place, key))
        found += inside
    return found, line + 1


@given(st.dictionaries(TRICKY, VALUES, max_size=4))
def test_yaml_and_json_texts_hold_the_same_places(value: dict[str, Any]) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    if "*id0" not in text:
        assert set(yaml_places("x.yaml", text).lines) == {place for place, _ in places_of(value)}


TOMLS = [
    'a = 1\n[b]\nc = [1, {d = 2}, [3]]\n[b."e.f"]\ng.h = 1979-05-27T07:32:00Z',
    "x = '''a'''''\ny = \"\"\"b\\\"\"\"\"\"\nz = 'c'",
    "[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\n[a.b.d]\ne = 2\n[[a]]\n[[a.b]]",
    "a = [\n # [[x]]\n 1, # ]\n 2,\n]\n'k\"' = '#'\n\"\\u00e9\" = {}",
    "a = {b = {c = [\n1,\n2]}}\nd.\"e\".f = '''\n[[g]]\n'''\n[h] # i = 1\n",
    "1 = 2\n1b.5 = 3\ntrue = false\n-x_ = inf\nt = 07:32:00\nn = -1.5e-3",
]


@pytest.mark.parametrize("text", TOMLS)
def test_each_value_of_a_toml_text_has_a_place_and_nothing_else_has(text: str) -> None:
    content = tomllib.loads(text)
    assert set(toml_places("x.toml", text).lines) == {place for place, _ in places_of(content)}


def test_the_lines_of_a_toml_text() -> None:
    places = toml_places("x.toml", TOMLS[2])
    assert places.line(("a", 0, "b", 1, "d", "e")) == 6
    assert places.line(("a", 1, "b", 0)) == 8
    assert places.line(("a", 1, "b", 0, "nowhere", 3)) == 8
    assert places.line(("nowhere",)) == 1
