"""How times grow with the edges: a table, and a plot."""

from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.bars import Facts, exponent
from benchmarks.report import Row, Table
from benchmarks.stopwatch import Spread
from lineage.views.picture.palette import EVIDENCE, INK, PAPER, QUIET, RULE

__all__ = ["draw", "grown"]

_DRAWN = (
    ("walks, networkx", EVIDENCE, "--"),
    ("walks, scipy", EVIDENCE, ":"),
    ("audit", EVIDENCE, "-"),
    ("traces, networkx", INK, "--"),
    ("traces", INK, "-"),
    ("floor", QUIET, ":"),
)


def grown(title: str, sizes: dict[int, Facts]) -> Table:
    """Show each time by size, with the power of the edges by which it grows."""
    every = list(sizes.values())
    names = dict.fromkeys(name for facts in every for name in facts["seconds"])
    rows: list[Row] = [
        ("edges", *(f"{facts['edges']:,}" for facts in every), ""),
        ("findings", *(f"{facts['findings']:,}" for facts in every), ""),
        ("bytes of index an edge", *(f"{facts['bytes an edge']:.1f}" for facts in every), ""),
        ("peak memory", *(f"{facts['peak']:.2f} GB" for facts in every), ""),
    ]
    rows += [(name, *_cells(name, every), _power(name, every)) for name in names]
    header = (f"{facts['nodes']:,} nodes" for facts in every)
    return Table((title, *header, "exponent"), tuple(rows))


def _cells(name: str, sizes: list[Facts]) -> list[str]:
    spreads = [facts["seconds"].get(name) for facts in sizes]
    return ["" if one is None else "{} ({})".format(*Spread(*one).cells) for one in spreads]


def _power(name: str, sizes: list[Facts]) -> str:
    timed = [facts for facts in sizes if name in facts["seconds"]]
    return f"{exponent(name, timed):.2f}" if len(timed) > 1 else ""


def draw(sizes: dict[int, Facts], file: Path) -> None:
    """Draw how times grow with the edges, ours and the peers'."""
    figure = Figure(figsize=(8, 5), facecolor=PAPER, layout="constrained")
    axes = figure.subplots()
    for name, colour, dashes in _DRAWN:
        timed = [facts for facts in sizes.values() if name in facts["seconds"]]
        edges = [facts["edges"] for facts in timed]
        drawn = [facts["seconds"][name][0] for facts in timed]
        axes.plot(edges, drawn, dashes, color=colour, marker="o", markersize=4, label=name)
    axes.set(xscale="log", yscale="log", xlabel="edges", ylabel="seconds")
    axes.grid(color=RULE)
    figure.legend(loc="outside right upper", frameon=False)
    figure.savefig(file, metadata={"Date": None})
