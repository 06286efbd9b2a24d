"""The rows of an export as a networkx graph, for the formats that networkx knows."""

import networkx as nx

from lineage.views.exports.fact_rows import EdgeRow, FindingRow, NodeRow, Plain, known_facts
from lineage.views.exports.rows import Rows

__all__ = ["flat_facts", "listed_facts", "make_network"]


def make_network(rows: Rows, notes: tuple[str, ...], *, flat: bool) -> "nx.MultiDiGraph[str]":
    """Make a graph of nodes and edges by their ids.

    Parameters
    ----------
    rows : Rows
    notes : tuple of str
        What the format does not say.
    flat : bool
        Whether attributes are texts, numbers and truth values alone: a list becomes lines of text.
    """
    facts_of = flat_facts if flat else listed_facts
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    network.graph.update(rows.about)
    more = {"gaps": rows.gaps, "notes": notes}
    network.graph.update({name: _value(value, flat=flat) for name, value in more.items() if value})
    if rows.findings and not flat:
        network.graph["findings"] = [listed_facts(row) for row in rows.findings]
    for row in rows.nodes:
        network.add_node(row.id, **_without(facts_of(row), "id"))
    for edge in rows.edges:
        facts = _without(facts_of(edge), "id", "upstream", "downstream")
        network.add_edge(edge.upstream, edge.downstream, key=edge.id, **facts)
    return network


def flat_facts(row: NodeRow | EdgeRow | FindingRow) -> dict[str, object]:
    """Return the known facts of a row, lists as lines of text."""
    return {name: _value(value, flat=True) for name, value in known_facts(row).items()}


def listed_facts(row: NodeRow | EdgeRow | FindingRow) -> dict[str, object]:
    """Return the known facts of a row, lists as lists."""
    return {name: _value(value, flat=False) for name, value in known_facts(row).items()}


def _value(value: Plain, *, flat: bool) -> "str | int | float | bool | list[str]":
    if isinstance(value, tuple):
        return "\n".join(value) if flat else list(value)
    return "" if value is None else value


def _without(facts: dict[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in facts.items() if name not in names}
