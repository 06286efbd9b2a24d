"""The bars: what is demanded of some sizes, beside what was measured."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchmarks.report import Row, Table
from benchmarks.stopwatch import Spread

__all__ = ["Facts", "Measured", "bars", "sizes_table"]

Facts = dict[str, Any]

_SMALL = {"domains": "domains:32000", "layers": "layers:22000"}
_K, _LAYERS_K, _M = "domains:100000", "layers:100000", "domains:1000000"
_MADE = "make networkx's graph"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: of sizes by name, and of whole processes by command."""

    sizes: dict[str, Facts]
    processes: dict[str, list[float]] = field(default_factory=dict)


class _Bar(NamedTuple):
    """What is demanded; `measured` raises `KeyError` where a part was not measured."""

    what: str
    demanded: float
    measured: Callable[[Measured], list[float]]
    is_least: bool = True
    unit: str = "times"


def bars(measured: Measured) -> Table:
    """Put what was measured beside what is demanded; what is not met says so."""
    header = ("Bar", "demanded", "measured", "least to most", "")
    return Table(header, tuple(_row(bar, measured) for bar in _bars()))


def sizes_table(sizes: dict[str, Facts]) -> Table:
    """Show how long everything took by size, ours and that of networkx."""
    every = list(sizes.values())
    names = dict.fromkeys(name for facts in every for name in facts["seconds"])
    rows: list[Row] = [
        (name, *(f"{facts[name]:,}" for facts in every))
        for name in ("nodes", "tables", "hops", "pairs", "findings")
    ]
    rows.append(("peak memory", *(f"{facts['peak']:.2f} GB" for facts in every)))
    rows += [(name, *(_cell(facts["seconds"].get(name)) for facts in every)) for name in names]
    return Table(("Processor time", *sizes), tuple(rows))


def _cell(runs: list[float] | None) -> str:
    return "{} ({})".format(*Spread.of(runs).cells) if runs else ""


def _row(bar: _Bar, measured: Measured) -> Row:
    demanded = f"{'at least' if bar.is_least else 'at most'} {bar.demanded:,g} {bar.unit}"
    try:
        found = Spread.of(bar.measured(measured))
    except KeyError:
        return (bar.what, demanded, "", "", "not measured")
    is_met = found.median >= bar.demanded if bar.is_least else found.median <= bar.demanded
    spread = f"{_shown(found.fastest)} to {_shown(found.slowest)}"
    return (bar.what, demanded, _shown(found.median), spread, "met" if is_met else "NOT MET")


def _shown(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _times(size: str, what: str) -> Callable[[Measured], list[float]]:
    """Compare with networkx, which has its graph, round by round."""

    def ratios(measured: Measured) -> list[float]:
        seconds = measured.sizes[size]["seconds"]
        return _ratios(seconds[f"{what}, networkx"], seconds[what])

    return ratios


def _first(size: str, what: str) -> Callable[[Measured], list[float]]:
    """Compare the first question, for which networkx has to make its graph."""

    def ratios(measured: Measured) -> list[float]:
        seconds = measured.sizes[size]["seconds"]
        asked = zip(seconds[_MADE], seconds[f"{what}, networkx"], strict=True)
        return _ratios([made + answered for made, answered in asked], seconds[f"{what}, first"])

    return ratios


def _ratios(slow: Iterable[float], fast: Iterable[float]) -> list[float]:
    return [one / other for one, other in zip(slow, fast, strict=True)]


def _microseconds(size: str, what: str) -> Callable[[Measured], list[float]]:
    return lambda measured: [run * 1e6 for run in measured.sizes[size]["seconds"][what]]


def _peak(size: str) -> Callable[[Measured], list[float]]:
    return lambda measured: [float(measured.sizes[size]["peak"])]


def _process(name: str) -> Callable[[Measured], list[float]]:
    return lambda measured: _ratios(
        measured.processes[name], measured.processes["`import networkx`"]
    )


def _at_most(
    what: str, demanded: float, measured: Callable[[Measured], list[float]], unit: str
) -> _Bar:
    return _Bar(what, demanded, measured, is_least=False, unit=unit)


def _bars() -> list[_Bar]:
    longer = "times as long"
    return [
        _Bar("audit, domains, 100,000 nodes", 20, _times(_K, "audit")),
        _Bar("audit, layers, 100,000", 20, _times(_LAYERS_K, "audit")),
        _Bar("audit, domains, 1,000,000", 20, _times(_M, "audit")),
        _at_most("peak memory of its process", 3, _peak(_M), "GB"),
        _Bar("audit by tag, domains, 100,000", 150, _times(_K, "audit by tag")),
        _Bar("audit by tag, domains, 1,000,000", 300, _times(_M, "audit by tag")),
        _Bar("count upstream, domains, 100,000", 5, _times(_K, "count upstream")),
        _Bar("count upstream, domains, 1,000,000", 5, _times(_M, "count upstream")),
        _Bar("look upstream, domains, 100,000", 1, _times(_K, "look upstream")),
        _Bar("look upstream, domains, 1,000,000", 1, _times(_M, "look upstream")),
        *_small_bars(),
        _at_most("a finding as a row", 5, _microseconds(_K, "record a finding"), "µs"),
        _at_most(
            "a finding as a row, with its path",
            30,
            _microseconds(_K, "record a finding with its path"),
            "µs",
        ),
        _at_most("`lineage --help`, of `import networkx`", 2, _process("`lineage --help`"), longer),
        _at_most(
            "`lineage upstream` on the demo's snapshot, of `import networkx`",
            3,
            _process("`lineage upstream churn`"),
            longer,
        ),
    ]


def _small_bars() -> Iterable[_Bar]:
    for shape, size in _SMALL.items():
        for what in ("audit", "audit by tag", "count upstream", "look upstream"):
            yield _Bar(f"{what}, {shape}, 1,000 tables", 1, _times(size, what))
            yield _Bar(f"{what}, {shape}, 1,000 tables, first", 1, _first(size, what))
