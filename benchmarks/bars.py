"""`python -m benchmarks.bars`: every size in a process of its own, beside what is demanded.

A bar that is not met is printed as not met.
"""

import json
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from math import log
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from benchmarks.report import Row, Table, environment, render
from benchmarks.stopwatch import Spread
from lineage.views.picture.palette import EVIDENCE, INK, PAPER, QUIET, RULE

__all__ = ["main"]

Facts = dict[str, Any]

_NOTES = (
    "seconds of processor time, which other work on the machine distorts: trust the ratios",
    "walks and traces of a sample of 20 models are scaled up to all of them, traces to one",
    "of the sampled models, nodes reached and tags found are compared with those of networkx",
    "of diffs the counts are compared with those of sets; networkx graphs are compared whole",
    "of snapshots, `json.loads` validates the edges alone; it is asked for less",
)


class Bar(NamedTuple):
    """What is demanded of one size; `measured` gives None where a peer is missing."""

    what: str
    nodes: int
    demanded: float
    measured: Callable[[Facts], float | None]
    is_least: bool = True


def _times(peer: str, ours: str) -> Callable[[Facts], float | None]:
    def ratio(facts: Facts) -> float | None:
        seconds = facts["seconds"]
        return seconds[peer][0] / seconds[ours][0] if peer in seconds else None

    return ratio


def _best_library(facts: Facts) -> float | None:
    names = ("walks, igraph", "walks, rustworkx", "walks, scipy")
    found = [facts["seconds"][name][0] for name in names if name in facts["seconds"]]
    return min(found) / facts["seconds"]["audit"][0] if found else None


def _of_searches(facts: Facts) -> float | None:
    ratio = _times("searches, scipy", "audit")(facts)
    return None if ratio is None else 1 / ratio


def _bytes(facts: Facts) -> float:
    return float(facts["bytes an edge"])


_K, _M = 100_000, 1_000_000
_BARS = (
    Bar(
        "audit with evidence, times a networkx walk for each model",
        _K,
        200,
        _times("walks, networkx", "audit"),
    ),
    Bar(
        "audit with evidence, times a networkx walk for each model",
        _M,
        500,
        _times("walks, networkx", "audit"),
    ),
    Bar("the same, times the best library's walks", _M, 20, _best_library),
    Bar("the same, of one scipy search for each tag", _M, 2, _of_searches, is_least=False),
    Bar("findings without paths, times the walks", _K, 1000, _times("walks, networkx", "screen")),
    Bar("findings without paths, times the walks", _M, 3000, _times("walks, networkx", "screen")),
    Bar("warm trace, times `nx.ancestors`", _K, 7, _times("traces, networkx", "traces")),
    Bar("warm trace, times `nx.ancestors`", _M, 10, _times("traces, networkx", "traces")),
    Bar("bytes of index an edge", _M, 16, _bytes, is_least=False),
    Bar("diff, codes kept, times Python sets", _K, 80, _times("diff, sets", "diff, codes kept")),
    Bar("diff, codes kept, times Python sets", _M, 80, _times("diff, sets", "diff, codes kept")),
    Bar("diff, from scratch, times Python sets", _K, 20, _times("diff, sets", "diff")),
    Bar("diff, from scratch, times Python sets", _M, 20, _times("diff, sets", "diff")),
    Bar(
        "`to_networkx`, times `add_edges_from`",
        _K,
        1.5,
        _times("to_networkx, add_edges_from", "to_networkx"),
    ),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the sizes asked for, print the tables, and write them and a plot if asked to."""
    parser = ArgumentParser(prog="python -m benchmarks.bars", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, _K, _M])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--objects", type=int, default=_K, help="the size of graphs of objects")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write both there too")
    options = parser.parse_args(arguments)
    sizes = {size: _measured("sizes", size, options.rounds) for size in options.sizes}
    objects = _measured("objects", options.objects, options.rounds)
    report = write_report(sizes, objects, options.rounds)
    print(report, end="")
    if options.output is not None:
        (options.output / "benchmarks.md").write_text(report, encoding="utf-8")
        draw(sizes, options.output / "benchmarks.svg")


def write_report(sizes: dict[int, Facts], objects: Facts, rounds: int) -> str:
    """Put what was measured beside what is demanded, in Markdown."""
    for facts in sizes.values():
        seconds = facts["seconds"]
        if "diff from scratch" in seconds:
            kept = seconds["diff, codes kept"]
            added = zip(seconds["diff from scratch"], kept, strict=True)
            seconds["diff"] = [sum(pair) for pair in added]
    tables = [_bars(sizes, objects), _grown(sizes), _spreads(objects)]
    facts_told = (environment(), f"medians of {rounds} rounds, fastest to slowest", *_NOTES)
    return render("Benchmarks", facts_told, tables) + "\n![How times grow](benchmarks.svg)\n"


def _measured(part: str, nodes: int, rounds: int) -> Facts:
    command = [sys.executable, "-m", f"benchmarks.{part}", str(nodes), str(rounds)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    facts: Facts = json.loads(answer.stdout)
    return facts


def _bars(sizes: dict[int, Facts], objects: Facts) -> Table:
    rows = []
    for bar in _BARS:
        is_objects = bar.what.startswith("`to_networkx`") and objects["nodes"] == bar.nodes
        facts = objects if is_objects else sizes.get(bar.nodes)
        found = None if facts is None else bar.measured(facts)
        rows.append(_bar(bar, found))
    return Table(("Bar", "nodes", "demanded", "measured", ""), tuple(rows))


def _bar(bar: Bar, found: float | None) -> Row:
    demanded = f"{'at least' if bar.is_least else 'at most'} {bar.demanded:g}"
    if found is None:
        return (bar.what, f"{bar.nodes:,}", demanded, "", "not measured")
    is_met = found >= bar.demanded if bar.is_least else found <= bar.demanded
    return (bar.what, f"{bar.nodes:,}", demanded, f"{found:.3g}", "met" if is_met else "NOT MET")


def _grown(sizes: dict[int, Facts]) -> Table:
    """Show each time by size, with the exponent of its growth over edges."""
    names = dict.fromkeys(name for facts in sizes.values() for name in facts["seconds"])
    rows: list[Row] = [("peak memory", *(f"{one['peak']:.2f} GiB" for one in sizes.values()), "")]
    for name in names:
        cells = [_cell(facts["seconds"].get(name)) for facts in sizes.values()]
        rows.append((name, *cells, _exponent(name, list(sizes.values()))))
    header = (f"{facts['nodes']:,} nodes" for facts in sizes.values())
    return Table(("Times by size", *header, "exponent"), tuple(rows))


def _exponent(name: str, sizes: list[Facts]) -> str:
    known = [(one["edges"], one["seconds"][name][0]) for one in sizes if name in one["seconds"]]
    (fewer, quick), (more, slow) = known[0], known[-1]
    return f"{log(slow / quick) / log(more / fewer):.2f}" if more > fewer else ""


def _spreads(facts: Facts) -> Table:
    rows = ((name, _cell(spread)) for name, spread in facts["seconds"].items())
    return Table((f"Objects, {facts['nodes']:,} nodes", "median"), tuple(rows))


def _cell(spread: list[float] | None) -> str:
    return "" if spread is None else "{} ({})".format(*Spread(*spread).cells)


def draw(sizes: dict[int, Facts], file: Path) -> None:
    """Draw how times grow with the edges, ours and the peers'."""
    figure = Figure(figsize=(8, 5), facecolor=PAPER, layout="constrained")
    axes = figure.subplots()
    edges = [facts["edges"] for facts in sizes.values()]
    for name, colour, dashes in (
        ("audit", EVIDENCE, "-"),
        ("traces", INK, "-"),
        ("walks, networkx", EVIDENCE, "--"),
        ("walks, scipy", EVIDENCE, ":"),
        ("traces, networkx", INK, "--"),
        ("floor", QUIET, ":"),
    ):
        drawn = [facts["seconds"].get(name, [None])[0] for facts in sizes.values()]
        axes.plot(edges, drawn, dashes, color=colour, marker="o", markersize=4, label=name)
    axes.set(xscale="log", yscale="log", xlabel="edges", ylabel="seconds")
    axes.grid(color=RULE)
    figure.legend(loc="outside right upper", frameon=False)
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    main()
