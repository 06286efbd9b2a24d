from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from lineage.openmetadata.retry import Retry

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CALM = Retry(first_wait=1.0, longest_wait=10.0, jitter=lambda: 1.0, clock=NOW.timestamp)


def test_the_wait_doubles_up_to_the_longest() -> None:
    assert [CALM.wait(number) for number in (1, 2, 3, 4, 5, 6)] == [1, 2, 4, 8, 10, 10]


def test_a_random_half_is_left_out() -> None:
    assert Retry(first_wait=1.0, jitter=lambda: 0.0).wait(1) == 0.5


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("3", 3.0),
        (format_datetime(NOW.replace(second=4), usegmt=True), 4.0),
        (format_datetime(NOW.replace(year=2020), usegmt=True), 1.0),
        ("100000", 10.0),
        ("soon", 1.0),
    ],
)
def test_retry_after_is_kept_to_in_seconds_and_as_a_date(header: str, expected: float) -> None:
    assert CALM.wait(1, retry_after=header) == expected
