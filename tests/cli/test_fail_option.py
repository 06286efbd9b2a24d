import pytest

from lineage.cli.options.fail_option import FailOn, exit_code
from lineage.model.snapshot import Gap, GapKind
from lineage.queries.impact.verdicts import ImpactVerdict

UNREAD = (Gap(GapKind.ENTITIES_NOT_READ, None, "its versions were not read"),)


@pytest.mark.parametrize(
    ("worst", "fail_on", "code"),
    [
        ("broken", "broken", 1),
        ("changed", "broken", 0),
        ("unknown", "broken", 0),
        ("changed", "unknown", 1),
        ("unknown", "unknown", 2),
        ("safe", "unknown", 0),
    ],
)
def test_what_was_found_is_one_and_what_is_not_known_two(
    worst: str, fail_on: str, code: int
) -> None:
    assert exit_code(ImpactVerdict(worst), FailOn(fail_on), unread=()) == code


@pytest.mark.parametrize(("worst", "code"), [("broken", 1), ("changed", 2), ("safe", 2)])
def test_nothing_passes_where_changes_were_not_read(worst: str, code: int) -> None:
    assert exit_code(ImpactVerdict(worst), FailOn.BROKEN, unread=UNREAD) == code
