import pytest

from lineage.changes.written_changes import resolve_change, resolve_changes
from lineage.errors import AmbiguousName, LineageError, MistakenFile, UnknownEntity
from lineage.model.proposed_change import Action, Written, WrittenChange
from tests.notation import graph_from

GRAPH = graph_from(["raw(email age)", "other(email)", "job()", "raw>other@job: email>email"])


def wanted(action: Action, name: str, after: str | None = None, line: int = 0) -> WrittenChange:
    written = Written(file="c.toml", line=line) if line else Written()
    return WrittenChange(action=action, name=name, after=after, written=written)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (wanted(Action.DROP, "raw.email"), "drop column:raw.email"),
        (wanted(Action.RETYPE, "AGE", " int "), "retype column:raw.age to int"),
        (wanted(Action.TAG, "raw", "PII.Sensitive"), "tag table:raw with PII.Sensitive"),
        (wanted(Action.SWITCH_OFF, "job"), "switch-off pipeline:job"),
        (wanted(Action.NOT_NULL, "age"), "not-null column:raw.age"),
    ],
)
def test_a_change_is_about_what_its_name_stands_for(change: WrittenChange, said: str) -> None:
    assert str(resolve_change(GRAPH, change)) == said


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (wanted(Action.DROP, "raw.emial"), UnknownEntity, "did you mean"),
        (wanted(Action.DROP, "email"), AmbiguousName, "column:raw.email"),
        (wanted(Action.RENAME, "raw"), LineageError, "takes a new name: rename NAME NAME"),
        (wanted(Action.RETYPE, "raw.age", "  "), LineageError, "takes a type: retype NAME TYPE"),
        (wanted(Action.DROP, "raw", "x"), LineageError, "takes a name alone"),
        (wanted(Action.RETYPE, "raw", "INT"), LineageError, "table:raw is no column"),
        (wanted(Action.SWITCH_OFF, "raw"), LineageError, "is no pipeline"),
    ],
)
def test_what_makes_no_sense_is_refused(
    change: WrittenChange, error: type[LineageError], said: str
) -> None:
    with pytest.raises(error, match=said):
        resolve_change(GRAPH, change)


def test_all_mistakes_of_a_file_are_said_at_once_with_their_lines() -> None:
    changes = [
        wanted(Action.DROP, "nothing", line=2),
        wanted(Action.DROP, "raw", line=5),
        wanted(Action.SWITCH_OFF, "raw", line=7),
    ]
    with pytest.raises(MistakenFile) as refused:
        resolve_changes(GRAPH, changes)
    assert [line.split(":")[0] for line in refused.value.lines] == [
        "c.toml, line 2, column 1",
        "c.toml, line 7, column 1",
    ]
