"""Every function of networkx that takes one graph takes a lineage graph, and answers the same."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from random import Random
from typing import Any

import networkx as nx
import numpy as np
import pytest
from networkx.classes.reportviews import OutMultiEdgeDataView
from networkx.utils import backends
from pandas import DataFrame

from tests.notation import graph_from

LINEAGE = [
    *("a(x y)", "b(x)", "c(z)", "m(f=b.x)"),
    *("a>b: x>x", "b>c: x>z", "c>a: z>y", "a>m: y>f"),
]
"""A cycle of tables, and a model beside it."""

LEFT_OUT = {
    "cycle_basis": "on such a graph it does not end, in networkx itself",
    "label_propagation_communities": "it does not end, in networkx itself",
    "directed_edge_swap": "it changes the graph",
    "negative_edge_cycle": "it adds a node and takes it away again, which changes the graph",
}


def takes_one_graph(function: Any) -> bool:
    parameters = inspect.signature(function.orig_func).parameters.values()
    positional = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    needed = [one.name for one in parameters if one.default is one.empty and one.kind in positional]
    return needed == ["G"]


FUNCTIONS = {
    name: function
    for name, function in sorted(vars(backends)["_registered_algorithms"].items())
    if takes_one_graph(function)
}


def test_these_are_the_functions_of_networkx() -> None:
    assert len(FUNCTIONS) > 300
    assert LEFT_OUT.keys() <= FUNCTIONS.keys()


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - LEFT_OUT.keys()))
@pytest.mark.filterwarnings("ignore")
def test_a_lineage_graph_is_to_networkx_what_its_copy_is(name: str) -> None:
    graph, function = graph_from(LINEAGE), FUNCTIONS[name]
    expected = answer(function, nx.MultiDiGraph(graph))
    assert comparable(answer(function, graph)) == comparable(expected)


def answer(function: Callable[..., Any], graph: Any) -> Any:
    """Call a function, always with the same random numbers; what it raises is an answer too."""
    if "seed" not in inspect.signature(function).parameters:
        return called(function, graph)
    found = called(function, graph, seed=Random(1))  # noqa: S311  # no secret is made of it
    if found == "AttributeError":  # it draws as numpy does
        found = called(function, graph, seed=np.random.RandomState(1))
    return found


def called(function: Callable[..., Any], graph: Any, **options: Any) -> Any:
    try:
        found = function(graph, **options)
        return list(found) if isinstance(found, Iterator) else found
    except Exception as error:  # noqa: BLE001  # whatever it is, both should raise it
        return type(error).__name__


def comparable(found: Any) -> Any:
    """Make values of an answer that are equal where the answers are: of graphs what is in them."""
    if isinstance(found, nx.Graph):
        keyed: dict[str, Any] = {"keys": True} if found.is_multigraph() else {}
        edges = sorted(map(repr, found.edges(data=True, **keyed)))
        return type(found), dict(found.nodes(data=True)), edges
    if isinstance(found, Mapping):
        return {key: comparable(value) for key, value in found.items()}
    if isinstance(found, DataFrame | np.ndarray) or hasattr(found, "toarray"):
        return comparable(as_lists(found))
    if isinstance(found, float):
        return repr(round(found, 6) + 0.0)  # nan is nan, and no zero is negative
    if isinstance(found, Sequence | OutMultiEdgeDataView) and not isinstance(found, str):
        made = [comparable(one) for one in found]
        # Communities come in the order of hashes.
        return sorted(map(sorted, made)) if made and isinstance(made[0], AbstractSet) else made
    return found


def as_lists(table: Any) -> list[Any]:
    array = table.toarray() if hasattr(table, "toarray") else np.asarray(table)
    return list(array.tolist())
