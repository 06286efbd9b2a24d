from pathlib import Path

import pytest

from lineage.errors import BrokenFile
from lineage.files.document_file import read_document, read_ready_policy


def test_a_value_is_found_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(
        'a = [\n  "x",\n  "y", # "z"\n]\n[[t]]\nk.l = 1\n[[t]]\n  "m n" = """\nq = 1"""\n'
    )
    document = read_document(path)
    assert document.spot(("a", 1)) == (3, 3)
    assert document.spot(("t", 0, "k", "l")) == (6, 1)
    assert document.spot(("t", 1, "m n")) == (8, 3)
    assert document.spot(("t", 1, "nothing", 5)) == (7, 1)
    assert document.spot(("nothing",)) == (1, 1)


@pytest.mark.parametrize(
    ("name", "text", "spot", "reason"),
    [
        ("p.toml", "a = 1\nb 2\n", (2, 3), "line 2, column 3: is no TOML: "),
        ("p.toml", "a = [1,", (1, None), "line 1: is no TOML: "),
        ("p.json", '{"a":\n b}', (2, 2), "line 2, column 2: is no JSON: "),
        ("p.json", '{"a": 1,\n "a": 2}', (2, 2), "line 2, column 2: 'a' is there already"),
        ("p.yaml", "a: [1\nb: 2", (2, 2), "line 2, column 2: is no YAML: "),
        ("p.yaml", "a:\n  !!str 2", (2, 3), "line 2, column 3: tag:yaml.org,2002:str is a tag"),
        ("p.yaml", "a: 2026-13-40", (None, None), "holds a value that cannot be read: "),
        ("p.json", "[" * 100_000, (None, None), "is nested too deeply"),
        ("p.txt", "", (None, None), "should end in .toml, .yaml, .yml or .json"),
    ],
)
def test_what_is_no_document_is_refused_with_its_line(
    tmp_path: Path, name: str, text: str, spot: tuple[int | None, int | None], reason: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BrokenFile, match=reason) as refused:
        read_document(tmp_path / name)
    assert (refused.value.line, refused.value.column) == spot


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be read"):
        read_document(tmp_path / "none.toml")
    (tmp_path / "p.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(BrokenFile, match="is no text in UTF-8"):
        read_document(tmp_path / "p.toml")


def test_a_policy_that_does_not_come_with_the_library_is_refused() -> None:
    with pytest.raises(ValueError, match="none of the ready policies"):
        read_ready_policy("piii")
