import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineage.sources.toml_lines import lines_of

TEXT = '''\
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


def test_every_table_and_every_key_has_its_line() -> None:
    assert lines_of(TEXT) == {
        ("a",): 1,
        ("b.c",): 4,
        ("e",): 8,
        ("e", "f"): 8,
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
VALUES = st.one_of(st.integers(0, 9), st.text("[]a\n#=", max_size=4))


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=3))
def test_each_line_is_where_the_key_was_written(tables: dict[str, dict[str, Any]]) -> None:
    lines: list[str] = []
    expected: dict[tuple[str, ...], int] = {}
    for name, values in tables.items():
        lines += ["", f"[{quoted(name)}]"]
        expected[name,] = len(lines)
        for key, value in values.items():
            text = quoted(value) if isinstance(value, str) else str(value)
            lines.append(f"{quoted(key)} = {text}")
            expected[name, key] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text) == tables
    assert lines_of(text) == expected


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
