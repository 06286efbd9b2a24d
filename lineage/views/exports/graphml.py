"""GraphML: the XML that yEd, Gephi, igraph, Neo4j and networkx read."""

import networkx as nx

from lineage.views.exports.format import ALL, Fact, Format, Rendered, one_file
from lineage.views.exports.network import make_network
from lineage.views.exports.rows import Rows

__all__ = ["GRAPHML"]


def _render(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    network = make_network(rows, notes, flat=True)
    # Not write_graphml: that writes otherwise where lxml is installed.
    lines = nx.generate_graphml(network, named_key_ids=False)
    return one_file("\n".join(lines) + "\n")


GRAPHML = Format(
    name="graphml",
    title="GraphML",
    suffix=".graphml",
    keeps=ALL - {Fact.VERDICTS},
    render=_render,
)
