"""Node-link JSON: nodes and links, as networkx and D3 read them."""

import networkx as nx

from lineage.views.exports.format import ALL, Format, Rendered, one_file
from lineage.views.exports.json_text import json_text
from lineage.views.exports.network import make_network
from lineage.views.exports.rows import Rows

__all__ = ["NODE_LINK"]


def _render(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    network = make_network(rows, notes, flat=False)
    return one_file(json_text(nx.node_link_data(network, edges="edges")))


NODE_LINK = Format(
    name="node-link", title="node-link JSON", suffix=".json", keeps=ALL, render=_render
)
