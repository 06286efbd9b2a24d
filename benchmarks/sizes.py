"""`python -m benchmarks.sizes FOLDER ROUNDS`: one made-up catalog of arrays, in this process alone.

It prints one line of JSON. Times are those of this process. Rounds alternate between what is
measured and its peers, and every answer is compared with that of a peer. Above a million nodes
there are no peers, which would take more memory than there is.
"""

import gc
import json
import resource
import sys
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from lineage.graph.index.carry import Seeds
from lineage.graph.index.codes import compare_codes, make_codes
from lineage.graph.index.order import Order, put_in_order
from lineage.graph.index.propagate import reached_labels
from lineage.graph.index.screen import screen
from lineage.graph.index.sweep import sweep
from lineage.graph.index.topology import HopArrays, Topology, compile_topology

from benchmarks.changed import ask_changed
from benchmarks.graphs import CatalogArrays, load_arrays
from benchmarks.peers import Answers, Named, ask_peers, name_all
from benchmarks.stopwatch import Stopwatch
from lineage.graph.index.reach import Marks, Reach, reach
from lineage.model.edges import Strength

__all__ = ["measure_size"]

_SAMPLE, _LARGEST_PEER, _CHANGED, _GAPS = 20, 1_100_000, 0.01, 8
_DEPTHS = (1, 2, 3, 5)


def measure_size(arrays: CatalogArrays, rounds: int) -> dict[str, Any]:
    """Measure one size: medians, fastest and slowest in seconds, by name."""
    watch = Stopwatch()
    hops, parts = len(arrays.tails), int((arrays.parents >= 0).sum())
    topology = watch.time("compile from arrays", lambda: _compile(arrays))
    sample = np.random.default_rng(1).choice(arrays.models, _SAMPLE).tolist()
    ask = _ours(topology, arrays, sample, watch)
    answers = _rounds(watch, ask, rounds)
    facts: dict[str, Any] = {
        "nodes": len(arrays.parents),
        "edges": hops + parts,
        "bytes an edge": topology.nbytes / (hops + parts),
        "findings": len(answers["audit"]),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
    }
    for _ in range(rounds - 1):  # after the peak was told: two at once are not what it takes
        watch.time("compile from arrays", lambda: _compile(arrays))
        watch.time("put in order", lambda: _order(topology, arrays))
    if len(arrays.parents) <= _LARGEST_PEER:
        named = name_all(topology, arrays)
        peers = ask_peers(topology, arrays, named, sample)
        gc.freeze()  # so that no watch runs while millions of their objects are looked at
        answers |= _rounds(watch, ask | peers, rounds)
        _agree(answers, sample, topology, named)
        _diff(watch, arrays, rounds)
        ask_changed(watch, topology, named, sample, rounds)
    scales = {"walks": len(arrays.models) / _SAMPLE, "traces": 1 / _SAMPLE, "changed": 1 / _SAMPLE}
    facts["seconds"] = {
        name: [one * scales.get(name.partition(",")[0], 1) for one in watch.own(name)]
        for name in watch.names
    }
    return facts


def _compile(arrays: CatalogArrays) -> Topology:
    on_rows = np.zeros(len(arrays.tails), dtype=np.bool_)
    hops = HopArrays(arrays.tails, arrays.heads, arrays.strengths, on_rows)
    return compile_topology(arrays.parents, hops, ends=arrays.models)


def _order(topology: Topology, arrays: CatalogArrays) -> Order:
    models = arrays.models.astype(np.int64)
    return put_in_order(topology.downstream, topology.upstream, models)


def _ours(
    topology: Topology, arrays: CatalogArrays, sample: list[int], watch: Stopwatch
) -> Answers:
    ways, back = topology.downstream, topology.upstream
    models, seeds = (
        arrays.models.astype(np.int64),
        Seeds(arrays.tags, arrays.tagged.astype(np.int64)),
    )
    order = watch.time("put in order", lambda: _order(topology, arrays))
    marks = Marks(topology.nodes)
    gaps = Seeds(
        np.arange(_GAPS),
        np.random.default_rng(2).integers(0, topology.references, _GAPS),
        Strength.TABLE,
    )

    def trace(model: int, marks: Marks, depth: int | None = None) -> Reach:
        return reach(back, np.array([model]), marks=marks, depth=depth)

    asked: Answers = {
        "audit": lambda: sweep(order, seeds, models),
        "screen": lambda: screen(order, seeds, models),
        "gaps": lambda: list(reached_labels(ways, gaps, models)),
        "floor": ways.hops.codes.max,
        "trace, the first": lambda: trace(sample[0], Marks(topology.nodes)),
        "traces": lambda: [trace(model, marks) for model in sample],
    }
    for depth in _DEPTHS:
        asked[f"traces, {depth} deep"] = partial(_each, partial(trace, depth=depth), sample, marks)
    return asked


def _each(trace: Any, sample: list[int], marks: Marks) -> list[Reach]:
    return [trace(model, marks) for model in sample]


def _rounds(watch: Stopwatch, asked: Answers, rounds: int) -> dict[str, Any]:
    """Ask everything in turn, so often; give the answers."""
    answers: dict[str, Any] = {}
    for _ in range(rounds):
        answers = {name: watch.time(name, ask) for name, ask in asked.items()}
    return answers


def _agree(answers: dict[str, Any], sample: list[int], topology: Topology, named: Named) -> None:
    """Refuse to time a wrong answer: networkx reaches the same, and finds the same tags.

    Of what a trace reaches, the nodes count at which a hop arrives: an index leaves out ways
    within an entity that lead to none.
    """
    leads = topology.upstream.hops.counts > 0
    for reached, ours in zip(answers["traces, networkx"], answers["traces"], strict=True):
        theirs = np.array(sorted(map(named.number, reached)), dtype=np.int64)
        nodes = np.unique(ours.nodes[1:])  # without the model itself
        _check(theirs[leads[theirs]].tolist() == nodes[leads[nodes]].tolist(), "a trace")
    labels: dict[int, set[int]] = defaultdict(set)
    found = answers["audit"]
    for label, model in zip(found.labels.tolist(), found.targets.tolist(), strict=True):
        labels[model].add(label)
    for peer in ("walks, networkx", "walks, networkx of numbers"):
        for model, paths in zip(sample, answers[peer], strict=True):
            _check(labels[model] == paths.keys(), "the audit")


def _check(is_equal: bool, what: str) -> None:  # noqa: FBT001 - the question itself
    if not is_equal:
        message = f"{what} differs from that of networkx"
        raise RuntimeError(message)


def _diff(watch: Stopwatch, arrays: CatalogArrays, rounds: int) -> None:
    """Compare the hops with others of which one in a hundred is changed."""
    changed = np.arange(0, len(arrays.tails), round(1 / _CHANGED))
    heads = arrays.heads.copy()
    heads[changed] = np.roll(heads[changed], 1)
    before, after = ((arrays.tails, ends, arrays.strengths) for ends in (arrays.heads, heads))
    for _ in range(rounds):
        both = watch.time("codes", lambda: [make_codes(*before), make_codes(*after)])
        found = watch.time("diff, codes kept", partial(compare_codes, *both))
        lists = [
            list(zip(*(column.tolist() for column in one), strict=True)) for one in (before, after)
        ]
        theirs = watch.time("diff, sets", partial(_set_diff, *lists))
        _check([len(one) for one in found] == [len(one) for one in theirs], "the diff")


def _set_diff(before: list[Any], after: list[Any]) -> tuple[set[Any], set[Any]]:
    old, new = set(before), set(after)
    return old - new, new - old


if __name__ == "__main__":
    print(json.dumps(measure_size(load_arrays(Path(sys.argv[1])), int(sys.argv[2]))))
