"""An odd value spoils the entity it is in, and is named."""

from typing import Any

import pytest

from lineage.model.snapshot import GapKind
from lineage.openmetadata.snapshot_builder import SnapshotBuilder


def nested(depth: int) -> dict[str, Any]:
    column: dict[str, Any] = {"name": "c", "fullyQualifiedName": "t.c"}
    for _ in range(depth):
        column = {"name": "c", "fullyQualifiedName": "t.c", "children": [column]}
    return column


@pytest.mark.parametrize(
    "odd", [{"description": "\ud800"}, {"columns": [nested(126)]}, {"updatedAt": 10**30}]
)
def test_an_odd_value_is_a_gap(odd: dict[str, Any]) -> None:
    builder = SnapshotBuilder()
    builder.add_entity("table", {"id": "1", "fullyQualifiedName": "t", **odd})
    assert not builder.entities
    assert GapKind.ENTITIES_NOT_READ in {gap.kind for gap in builder.gaps}
