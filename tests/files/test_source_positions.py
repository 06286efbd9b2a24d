import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lineage.files.source_positions import json_places, toml_places, yaml_places
from lineage.model.settings_document import Document, Place

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
    lines = [(place, line) for place, (line, _) in json_places("x.json", text).items()]
    expected = list(expected_lines(value, 1)[0])
    assert sorted(lines, key=str) == sorted(expected, key=str)


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
        assert set(yaml_places("x.yaml", text)) == {place for place, _ in places_of(value)}


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
    assert set(toml_places("x.toml", text)) == {place for place, _ in places_of(content)}


def test_the_lines_of_a_toml_text() -> None:
    document = Document("x.toml", None, toml_places("x.toml", TOMLS[2]))
    assert document.spot(("a", 0, "b", 1, "d", "e")) == (6, 1)
    assert document.spot(("a", 1, "b", 0)) == (8, 1)
    assert document.spot(("a", 1, "b", 0, "nowhere", 3)) == (8, 1)
    assert document.spot(("nowhere",)) == (1, 1)


def test_a_table_that_headers_lead_through_stands_at_the_first_until_it_has_its_own() -> None:
    assert toml_places("x.toml", "\n[a.b]\nc = 1")["a",] == (2, 1)
    assert toml_places("x.toml", "\n[a.b]\nc = 1\n[a]\nd = 1")["a",] == (4, 1)


WHOLE = '''\
a = 1

# [not.a.table]
"b.c" = """
[nor.this]
d = 2
"""
e.f = [
    1,  # g = 3
]
[h]
i = { j = 1, k = 2 }
[[l]]
m = 1
[l.n]
o = 1
[[l]]
[[l.p]]
q = 1
[[l.p]]
'''


def test_every_table_and_every_key_of_a_toml_text_has_its_line() -> None:
    lines = {place: line for place, (line, _) in toml_places("x.toml", WHOLE).items()}
    assert lines == {
        ("a",): 1,
        ("b.c",): 4,
        ("e",): 8,
        ("e", "f"): 8,
        ("e", "f", 0): 9,
        ("h",): 11,
        ("h", "i"): 12,
        ("h", "i", "j"): 12,
        ("h", "i", "k"): 12,
        ("l",): 13,
        ("l", 0): 13,
        ("l", 0, "m"): 14,
        ("l", 0, "n"): 15,
        ("l", 0, "n", "o"): 16,
        ("l", 1): 17,
        ("l", 1, "p"): 18,
        ("l", 1, "p", 0): 18,
        ("l", 1, "p", 0, "q"): 19,
        ("l", 1, "p", 1): 20,
    }


KEYS = st.text("abc.# ='", min_size=1, max_size=3)
SCALARS = st.one_of(st.integers(0, 9), st.text("[]a\n#=", max_size=4))


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, SCALARS, max_size=3), max_size=3))
def test_each_value_of_a_toml_text_is_where_its_key_was_written(
    tables: dict[str, dict[str, Any]],
) -> None:
    lines: list[str] = []
    expected: dict[Place, int] = {}
    for name, values in tables.items():
        lines += ["", f"[{quoted(name)}]"]
        expected[name,] = len(lines)
        for key, value in values.items():
            text = quoted(value) if isinstance(value, str) else str(value)
            lines.append(f"{quoted(key)} = {text}")
            expected[name, key] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text) == tables
    found = toml_places("x.toml", text)
    assert found == {place: (line, 1) for place, line in expected.items()}


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
