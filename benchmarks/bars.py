"""The bars: what is demanded of some sizes, beside what was measured."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import log
from typing import Any, NamedTuple

from benchmarks.processes import Import
from benchmarks.report import Row, Table

__all__ = ["Facts", "Measured", "bars", "exponent"]

Facts = dict[str, Any]

_K, _M, _TEN_M = 100_000, 1_000_000, 10_000_000
_EDGES = 49_000_000
_COPIED = 245_000_000
_STATEMENTS = 10_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: by about how many nodes, of objects, and of engines by passes."""

    sizes: dict[int, Facts]
    objects: Facts
    imports: dict[str, Import]
    engines: dict[str, Facts] = field(default_factory=dict)


class _Bar(NamedTuple):
    """What is demanded; `measured` raises `KeyError` where a part or a peer is missing."""

    what: str
    demanded: float
    measured: Callable[[Measured], float]
    is_least: bool = True
    unit: str = "times"


def bars(measured: Measured) -> Table:
    """Put what was measured beside what is demanded; what is not met says so."""
    return Table(("Bar", "demanded", "measured", ""), tuple(_row(bar, measured) for bar in _BARS))


def exponent(name: str, sizes: list[Facts]) -> float:
    """Tell with which power of the edges a time grows, from the fewest to the most."""
    known = [(one["edges"], one["seconds"][name][0]) for one in sizes if name in one["seconds"]]
    (fewer, quick), (more, slow) = known[0], known[-1]
    return log(slow / quick) / log(more / fewer)


def _row(bar: _Bar, measured: Measured) -> Row:
    demanded = f"{'at least' if bar.is_least else 'at most'} {bar.demanded:,g} {bar.unit}".strip()
    try:
        found = bar.measured(measured)
    except KeyError:
        return (bar.what, demanded, "", "not measured")
    is_met = found >= bar.demanded if bar.is_least else found <= bar.demanded
    shown = f"{found:,.0f}" if found >= 100 else f"{found:.3g}"
    return (bar.what, demanded, shown, "met" if is_met else "NOT MET")


def _times(nodes: int, slow: str, fast: str) -> Callable[[Measured], float]:
    def ratio(measured: Measured) -> float:
        return _ratio(measured.sizes[nodes], slow, fast)

    return ratio


def _of_objects(slow: str, fast: str) -> Callable[[Measured], float]:
    return lambda measured: _ratio(measured.objects, slow, fast)


def _ratio(facts: Facts, slow: str, fast: str) -> float:
    return float(facts["seconds"][slow][0] / facts["seconds"][fast][0])


def _reading_sql(name: str) -> Callable[[Measured], float]:
    """Give what so many statements take; of fewer than demanded it does not count."""

    def seconds(measured: Measured) -> float:
        if measured.objects["statements"] < _STATEMENTS:
            raise KeyError(_STATEMENTS)
        return float(measured.objects["seconds"][name][0])

    return seconds


def _best_library(measured: Measured) -> float:
    facts = measured.sizes[_M]
    walks = [f"walks, {name}" for name in ("igraph", "rustworkx", "scipy")]
    found = [_ratio(facts, walk, "audit") for walk in walks if walk in facts["seconds"]]
    if not found:
        raise KeyError(*walks)
    return min(found)


def _from_scratch(nodes: int) -> Callable[[Measured], float]:
    def ratio(measured: Measured) -> float:
        seconds = measured.sizes[nodes]["seconds"]
        return float(
            seconds["diff, sets"][0] / (seconds["codes"][0] + seconds["diff, codes kept"][0])
        )

    return ratio


def _growth(*names: str) -> Callable[[Measured], float]:
    def power(measured: Measured) -> float:
        sizes = [measured.sizes[nodes] for nodes in (_K, _TEN_M)]
        quick, slow = (sum(one["seconds"][name][0] for name in names) for one in sizes)
        return log(slow / quick) / log(sizes[1]["edges"] / sizes[0]["edges"])

    return power


def _seconds(measured: Measured, module: str) -> float:
    return measured.imports[module].seconds.median


def _duckdb(measured: Measured) -> float:
    quick, slow = (_pass(measured, name, _EDGES)["seconds"] for name in ("memory", "duckdb"))
    return float(slow / quick)


def _pass(measured: Measured, name: str, edges: int) -> Facts:
    """Give what a pass took; of fewer edges than demanded it does not count."""
    facts = measured.engines[name]
    if facts["edges"] < edges:
        raise KeyError(edges)
    return facts


_WALKS = "walks, networkx"
_BARS = (
    _Bar(
        "audit with evidence, beside a networkx walk a model, 100,000",
        200,
        _times(_K, _WALKS, "audit"),
    ),
    _Bar("the same, 1,000,000", 500, _times(_M, _WALKS, "audit")),
    _Bar("beside the best library's walks, 1,000,000", 20, _best_library),
    _Bar(
        "beside one search a tag in scipy, 1,000,000",
        2,
        _times(_M, "audit", "searches, scipy"),
        is_least=False,
        unit="times as long",
    ),
    _Bar("findings without paths, beside the walks, 100,000", 1000, _times(_K, _WALKS, "screen")),
    _Bar("the same, 1,000,000", 3000, _times(_M, _WALKS, "screen")),
    _Bar("warm trace, beside `nx.ancestors`, 100,000", 7, _times(_K, "traces, networkx", "traces")),
    _Bar("the same, 1,000,000", 10, _times(_M, "traces, networkx", "traces")),
    _Bar(
        "compile the index, of building the graph, 100,000",
        8,
        lambda measured: 100 * _ratio(measured.objects, "compile from graph", "build graph"),
        is_least=False,
        unit="%",
    ),
    _Bar(
        "`to_networkx`, beside `add_edges_from`, 100,000",
        1.5,
        _of_objects("to_networkx, add_edges_from", "to_networkx"),
    ),
    _Bar(
        "index, an edge, 1,000,000",
        16,
        lambda measured: float(measured.sizes[_M]["bytes an edge"]),
        is_least=False,
        unit="bytes",
    ),
    _Bar(
        "audit of 10,000,000 nodes, peak memory",
        4,
        lambda measured: float(measured.sizes[_TEN_M]["peak"]),
        is_least=False,
        unit="GB",
    ),
    _Bar(
        "growth of an audit over edges, 100,000 to 10,000,000",
        1.15,
        _growth("audit"),
        is_least=False,
        unit="as exponent",
    ),
    _Bar(
        "of compiling and putting in order",
        1.15,
        _growth("compile from arrays", "put in order"),
        is_least=False,
        unit="as exponent",
    ),
    _Bar(
        "diff, codes kept, beside sets, 100,000", 80, _times(_K, "diff, sets", "diff, codes kept")
    ),
    _Bar("the same, 1,000,000", 80, _times(_M, "diff, sets", "diff, codes kept")),
    _Bar("diff, from scratch, 100,000", 20, _from_scratch(_K)),
    _Bar("the same, 1,000,000", 20, _from_scratch(_M)),
    _Bar(
        "one edge changed, asked again, beside networkx, 100,000",
        4,
        _times(_K, "changed, networkx", "changed"),
    ),
    _Bar("the same, 1,000,000", 10, _times(_M, "changed, networkx", "changed")),
    _Bar(
        "parsing pages, beside one model each",
        2,
        _of_objects("parse pages, one model each", "parse pages"),
    ),
    _Bar(
        "reading 10,000 statements of SQL of ten columns, first",
        60,
        _reading_sql("reading SQL, first"),
        is_least=False,
        unit="s",
    ),
    _Bar("again, from a cache", 2, _reading_sql("reading SQL, again"), is_least=False, unit="s"),
    _Bar(
        "`import lineage`, beside `import networkx`",
        2,
        lambda measured: _seconds(measured, "lineage") / _seconds(measured, "networkx"),
        is_least=False,
        unit="times as long",
    ),
    _Bar(
        "of numpy, httpx and matplotlib it loads",
        0,
        lambda measured: len(measured.imports["lineage"].heavy),
        is_least=False,
        unit="",
    ),
    _Bar(
        "DuckDB told 2 GB, beside the pass in memory, 49,000,000 edges",
        2,
        _duckdb,
        is_least=False,
        unit="times as long",
    ),
    _Bar(
        "peak memory of its process",
        2,
        lambda measured: float(_pass(measured, "duckdb", _EDGES)["peak"]),
        is_least=False,
        unit="GB",
    ),
    _Bar(
        "the same told 6 GB, 245,000,000 edges, with equal findings",
        6,
        lambda measured: float(_pass(measured, "copies", _COPIED)["peak"]),
        is_least=False,
        unit="GB",
    ),
)
