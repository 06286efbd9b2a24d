import json
from pathlib import Path
from typing import Any

import pytest

from lineage.changes.ddl_changes import ddl_changes
from lineage.errors import LineageError
from lineage.evidence.ddl import read_ddl
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.entities import Column, Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot

Case = dict[str, Any]
CASES: list[Case] = json.loads((Path(__file__).parent / "ddl_cases.json").read_text())


def table(fqn: str, **columns: str) -> Entity:
    return Entity(
        reference=Reference(Kind.TABLE, fqn),
        parent=Reference(Kind.DATABASE_SCHEMA, fqn.rpartition(".")[0]),
        columns=tuple(
            Column(
                name=column,
                fqn=f"{fqn}.{column}",
                data_type=kind,
                children=(Column(name="city", fqn=f"{fqn}.home.city"),) if column == "home" else (),
            )
            for column, kind in columns.items()
        ),
    )


@pytest.fixture(scope="module")
def graph() -> LineageGraph:
    return build_graph(
        Snapshot(
            entities=(
                Entity(reference=Reference(Kind.DATABASE_SCHEMA, "db.core")),
                table("db.core.people", age="INT", name="VARCHAR", home="STRUCT"),
                table("db.core.orders", id="INT", total="DECIMAL"),
                table("db.core.twice", x="INT"),
                table("db.other.twice", x="INT"),
            )
        )
    )


def test_no_two_cases_are_called_alike() -> None:
    assert len({case["title"] for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_ddl_changes_what_a_person_would_say(case: Case, graph: LineageGraph) -> None:
    found = ddl_changes(graph, read_ddl(case["sql"], dialect=case.get("dialect", "")))
    assert [str(change) for change in found.changes] == case["changes"]
    gaps = [
        f"{gap.kind} {'everywhere' if gap.subject is None else gap.subject}" for gap in found.gaps
    ]
    assert gaps == case["gaps"]


def test_everything_found_has_its_line(graph: LineageGraph) -> None:
    text = "-- one\nALTER TABLE people\n  DROP COLUMN age;\nFROBNICATE;\nDROP TABLE\n  orders"
    found = ddl_changes(graph, read_ddl(text, file="m.sql"))
    places = [str(change.written) for change in found.changes]
    assert places == ["m.sql, line 3, column 15", "m.sql, line 6, column 3"]
    assert found.gaps[0].reason == "m.sql, line 4, column 1: not understood: FROBNICATE"


def test_a_dialect_that_nobody_knows_is_refused() -> None:
    with pytest.raises(LineageError, match="nosuch"):
        read_ddl("DROP TABLE x", dialect="nosuch")
