"""Cypher statements with their parameters beside them: no name from a catalog is ever code.

Each statement takes one list of the parameters. Run again with the same they change nothing.
"""

from lineage.views.exports.format import ALL, Fact, Format, Rendered
from lineage.views.exports.json_text import json_text
from lineage.views.exports.network import listed_facts
from lineage.views.exports.rows import Rows

__all__ = ["CYPHER"]

_STATEMENTS = """\
// Run each statement with the parameters of parameters.json.
CREATE CONSTRAINT lineage_node IF NOT EXISTS FOR (node:LineageNode) REQUIRE node.id IS UNIQUE;

UNWIND $nodes AS row
MERGE (node:LineageNode {id: row.id})
SET node = row;

UNWIND $nodes AS row
MATCH (node:LineageNode {id: row.id}), (parent:LineageNode {id: row.parent})
MERGE (node)-[:IS_IN]->(parent);

UNWIND $edges AS row
MATCH (upstream:LineageNode {id: row.upstream}), (downstream:LineageNode {id: row.downstream})
MERGE (upstream)-[edge:FEEDS {id: row.id}]->(downstream)
SET edge = row;
"""


def _render(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    parameters = {
        "about": {**rows.about, "gaps": list(rows.gaps), "notes": list(notes)},
        "nodes": [listed_facts(row) for row in rows.nodes],
        "edges": [listed_facts(row) for row in rows.edges],
    }
    return Rendered(
        {"load.cypher": _STATEMENTS.encode(), "parameters.json": json_text(parameters).encode()}
    )


CYPHER = Format(
    name="cypher", title="Cypher", suffix="", keeps=ALL - {Fact.VERDICTS}, render=_render
)
