from pathlib import Path

import pytest

from lineage.errors import MistakenFile
from lineage.files.change_file import make_changes, read_changes
from lineage.files.document_file import parse_document
from lineage.model.proposed_change import Action

TEXT = """\
[[changes]]
action = "drop"
name = "people.email"

[[changes]]
action = "retype"
name = "people.age"
to = "BIGINT"
"""


def test_changes_are_read_with_their_places(tmp_path: Path) -> None:
    file = tmp_path / "changes.toml"
    file.write_text(TEXT)
    first, second = read_changes(file)
    assert (first.action, first.name, first.after) == (Action.DROP, "people.email", None)
    assert (second.action, second.after) == (Action.RETYPE, "BIGINT")
    assert (second.written.file, second.written.line) == (str(file), 5)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["'changes' is missing"]),
        ("changes = []", ["'changes' should not be empty"]),
        (TEXT.replace('"drop"', '"dropp"'), ["'action' is 'dropp', but should be 'drop'"]),
        (TEXT.replace("to =", "into ="), ["there is no key 'into' here"]),
        (TEXT + TEXT, ["'people.email' has 'drop' twice", "'people.age' has 'retype' twice"]),
        (TEXT.replace('"people.email"', '""'), ["'name' should not be empty"]),
    ],
)
def test_each_mistake_is_a_line_of_its_own(text: str, lines: list[str]) -> None:
    with pytest.raises(MistakenFile) as refused:
        make_changes(parse_document(text, name="c.toml"))
    found = refused.value.lines
    assert len(found) == len(lines)
    assert all(line in said for line, said in zip(lines, found, strict=True))
