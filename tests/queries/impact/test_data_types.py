import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.queries.impact.data_types import compare_types

TYPES = [
    "INT", "BIGINT", "SMALLINT", "FLOAT", "DOUBLE", "DECIMAL(10,2)", "DECIMAL(12,2)", "DECIMAL",
    "VARCHAR", "VARCHAR(10)", "VARCHAR(20)", "TEXT", "DATE", "TIMESTAMP", "array<int>", "ARRAY",
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("INT", "integer", "same"),
        ("int8", "BIGINT", "same"),
        ("STRING", "text", "same"),
        ("INT", "BIGINT", "wider"),
        ("BIGINT", "INT", "narrower"),
        ("VARCHAR(10)", "character varying(20)", "wider"),
        ("VARCHAR(20)", "VARCHAR(10)", "narrower"),
        ("VARCHAR(20)", "TEXT", "wider"),
        ("TEXT", "VARCHAR(20)", "narrower"),
        ("VARCHAR", "VARCHAR(20)", "unknown"),
        ("VARCHAR", "TEXT", "wider"),
        ("DECIMAL(10,2)", "NUMERIC(12, 2)", "wider"),
        ("DECIMAL(10,2)", "DECIMAL(10,4)", "incomparable"),
        ("DECIMAL", "DECIMAL(10,2)", "unknown"),
        ("INT", "DECIMAL(10,0)", "wider"),
        ("INT", "DECIMAL(9,0)", "narrower"),
        ("INT", "DOUBLE", "wider"),
        ("BIGINT", "DOUBLE", "incomparable"),
        ("FLOAT", "DOUBLE PRECISION", "wider"),
        ("DOUBLE", "REAL", "narrower"),
        ("INT", "TEXT", "incomparable"),
        ("DATE", "TIMESTAMP", "incomparable"),
        ("array<int>", "ARRAY< INT >", "incomparable"),
        ("ARRAY", "array<int>", "unknown"),
        (None, "INT", "unknown"),
        ("INT", "", "unknown"),
    ],
)
def test_types_are_compared_by_what_has_room_in_them(
    before: str | None, after: str | None, expected: str
) -> None:
    assert compare_types(before, after) == expected


@given(st.sampled_from(TYPES), st.sampled_from(TYPES))
def test_what_is_wider_one_way_is_narrower_the_other(one: str, other: str) -> None:
    mirrored = {"wider": "narrower", "narrower": "wider"}
    there, back = str(compare_types(one, other)), str(compare_types(other, one))
    assert back == mirrored.get(there, there)
