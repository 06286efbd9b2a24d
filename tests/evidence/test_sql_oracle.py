"""What is read of SQL, compared with what happens when it runs.

`python -m tests.evidence.sql_oracle 10000` tries more, and prints what a reading says too much.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.sql_oracle import ENGINES, Tally, try_warehouse
from tests.evidence.sql_warehouses import make_warehouse

DIALECTS = [
    pytest.param(name, marks=pytest.mark.slow) if name == "duckdb" else name for name in ENGINES
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_column_is_not_said_to_reach_stays_the_same_when_it_changes(dialect: str) -> None:
    engine, tally = ENGINES[dialect](), Tally()

    # A share of few examples says nothing, so it draws all of them in every profile.
    @settings(max_examples=200, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**40))
    def try_one(seed: int) -> None:
        before = len(tally.faults)
        try_warehouse(make_warehouse(seed, dialect), engine, tally)
        assert not tally.faults[before:], "\n".join(tally.faults[before:])

    try_one()
    print(f"{dialect}: {tally}")  # noqa: T201  # shown by -s
    assert tally.share_not_read < 0.1


def test_what_is_said_too_much_is_counted() -> None:
    engine, tally = ENGINES["sqlite"](), Tally()
    for seed in range(20):
        try_warehouse(make_warehouse(seed, "sqlite"), engine, tally, is_measured=True)
    print(tally)  # noqa: T201  # shown by -s
    assert tally.claimed["value"] > tally.never_seen["value"] > 0
    assert tally.claimed["influence"] > tally.never_seen["influence"] > 0
