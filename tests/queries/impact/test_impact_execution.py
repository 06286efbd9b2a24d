"""Changes are made to a small warehouse, and its jobs are run again: what differs is not safe."""

from collections.abc import Iterator
from typing import NamedTuple

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.evidence.load_evidence import lay_evidence
from lineage.evidence.sql_reading import read_sql
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Evidence
from lineage.model.entities import Column, Entity
from lineage.model.proposed_change import Action, ProposedChange
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from lineage.queries.impact.impact import impact
from lineage.queries.impact.verdicts import ImpactVerdict
from tests.examples import examples

RAW = "CREATE TABLE raw AS SELECT * FROM (VALUES (1, 5, 7), (2, 6, 8), (3, 6, 9)) AS v (x, y, z)"
FORMS = (
    "SELECT x, y, z FROM {0}",
    "SELECT x + y AS x, y, z FROM {0}",
    "SELECT y AS x, x AS y, z FROM {0}",
    "SELECT x, y, z FROM {0} WHERE z > 7",
    "SELECT x, y, count(*) AS z FROM {0} GROUP BY x, y",
    "SELECT x, y, 1 AS z FROM {0} ORDER BY z DESC LIMIT 2",
    "SELECT x, coalesce(y, 0) AS y, 3 AS z FROM {0}",
    "SELECT CASE WHEN x > 1 THEN y ELSE 0 END AS x, y, 2 AS z FROM {0}",
    "SELECT 1 AS x, 2 AS y, z FROM {0}",
    "SELECT x, 1 AS y, 2 AS z FROM {0}",
    "SELECT a.x, b.y, a.z FROM {0} AS a JOIN {1} AS b ON a.z = b.z",
    "SELECT max(x) AS x, 1 AS y, 2 AS z FROM {0}",
    "SELECT x, sum(y) OVER (PARTITION BY z) AS y, 4 AS z FROM {0}",
    "SELECT md5(CAST(x AS VARCHAR)) AS x, 1 AS y, 1 AS z FROM {0}",
)
CHANGES = {
    Action.DROP: "ALTER TABLE raw DROP COLUMN {}",
    Action.RENAME: "ALTER TABLE raw RENAME COLUMN {} TO renamed",
    Action.RETYPE: "ALTER TABLE raw ALTER COLUMN {} TYPE VARCHAR",
    Action.NULLABLE: "UPDATE raw SET {} = NULL WHERE x < 3",
}


class Job(NamedTuple):
    """A statement that fills a table from one or two that are there before it."""

    target: str
    feeding: tuple[str, ...]
    query: str

    def run(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"CREATE OR REPLACE TABLE {self.target} AS {self.query}")


@st.composite
def jobs(draw: st.DrawFn) -> list[Job]:
    found: list[Job] = []
    for number in range(draw(st.integers(1, 3))):
        there = ["raw", *(job.target for job in found)]
        form = draw(st.sampled_from(FORMS))
        names = [draw(st.sampled_from(there)) for _ in range(2 if "{1}" in form else 1)]
        feeding = tuple(dict.fromkeys(names))
        found.append(Job(f"t{number}", feeding, form.format(*names)))
    return found


@settings(max_examples=examples(60))
@given(jobs(), st.sampled_from("xyz"), st.sampled_from(list(CHANGES)))
def test_what_fails_or_differs_after_a_change_is_not_called_safe(
    made: list[Job], column: str, action: Action
) -> None:
    graph = catalog_of(made)
    change = ProposedChange(
        action=action, subject=Reference(Kind.COLUMN, f"raw.{column}"), after="VARCHAR"
    )
    answer = impact(graph, change)
    for name in differing(made, CHANGES[action].format(column)):
        verdict = answer.verdict(Reference(Kind.COLUMN, name))
        assert verdict != ImpactVerdict.SAFE, f"{name} differs, by {made}"


def catalog_of(made: list[Job]) -> LineageGraph:
    """Record the tables and the values of the statements; their SQL says the rest."""
    tables = tuple(
        Entity(
            reference=Reference(Kind.TABLE, name),
            columns=tuple(Column(name=one, fqn=f"{name}.{one}") for one in "xyz"),
        )
        for name in ("raw", *(job.target for job in made))
    )
    edges = tuple(edge for job in made for edge in edges_of(job))
    return build_graph(lay_evidence(Snapshot(entities=tables, edges=edges)).snapshot)


def edges_of(job: Job) -> Iterator[Edge]:
    """Record what a statement says, of each table that feeds it."""
    reading = read_sql(
        job.query, target=job.target, dialect="duckdb", columns_of=lambda _: ("x", "y", "z")
    )
    for feeding in job.feeding:
        found = [
            ColumnEdge(
                upstream=(f"{feeding}.{value.column}",), downstream=f"{job.target}.{output.name}"
            )
            for output in reading.outputs
            for value in output.values
            if value.table == (feeding,)
        ]
        yield Edge(
            upstream=Reference(Kind.TABLE, feeding),
            downstream=Reference(Kind.TABLE, job.target),
            column_edges=tuple(dict.fromkeys(found)),
            evidence=Evidence(recorded_as="QueryLineage", sql=job.query),
        )


def differing(made: list[Job], change: str) -> set[str]:
    """Name the columns that are other after a change, or are not there since their job fails."""
    with duckdb.connect() as connection:
        connection.execute(RAW)
        before = run_all(connection, made)
        connection.execute(change)
        after = run_all(connection, made)
    return {name for name, values in before.items() if after.get(name) != values}


def run_all(connection: duckdb.DuckDBPyConnection, made: list[Job]) -> dict[str, str]:
    found: dict[str, str] = {}
    for job in made:
        try:
            job.run(connection)
        except duckdb.Error:
            continue  # its table stays as it was, and is not what it should be
        for column in "xyz":
            rows = connection.execute(f"SELECT {column} FROM {job.target} ORDER BY ALL").fetchall()
            found[f"{job.target}.{column}"] = str(rows)
    return found


def test_where_everything_is_known_something_is_safe() -> None:
    made = [Job("t0", ("raw",), "SELECT x, 1 AS y, 2 AS z FROM raw")]
    answer = impact(
        catalog_of(made),
        ProposedChange(action=Action.DROP, subject=Reference(Kind.COLUMN, "raw.z")),
    )
    assert answer.verdict(Reference(Kind.COLUMN, "t0.x")) == ImpactVerdict.SAFE
    assert answer.complete
