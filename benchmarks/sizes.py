"""`python -m benchmarks.sizes FILE ROUNDS`: public functions beside networkx, in one process.

It prints one line of JSON. Both are asked in turn, round by round, and every answer of networkx is
compared with ours. `first` is asked of a graph that was never asked, and has networkx make its own
graph first. What takes networkx too long it is asked for a sample, which is scaled.
"""

import gc
import json
import resource
import sys
from collections import Counter, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np

from benchmarks.plain_networkx import (
    Network,
    make_network,
    nearest_paths,
    sensitive_upstream,
    subgraph_facts,
)
from benchmarks.stopwatch import Stopwatch
from lineage.files.snapshot_file import read_snapshot
from lineage.governance.audit.audit import Audit, By, audit
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Kind, Reference
from lineage.queries.traversal import Trace, upstream

__all__ = ["measure_size"]

_TAGS = ("PII.*",)
_TARGETS, _MODELS, _SHOWN = 200, 20, 100
_MOST_RECORDS = 2_000_000
"""Of more findings no records are made: they would take more memory than the graph."""


def measure_size(file: Path, rounds: int) -> dict[str, Any]:
    """Measure a catalog of one size and shape."""
    return _Size(file).measure(rounds)


class _Size:
    def __init__(self, file: Path) -> None:
        self.watch = Stopwatch()
        self.snapshot = self.watch.time("read the snapshot", lambda: read_snapshot(file))
        self.facts: dict[str, Any] = {}

    def measure(self, rounds: int) -> dict[str, Any]:
        graph = self._built()
        self.watch.time("audit, first", lambda: _every_pair(graph))
        self.facts["peak"] = _peak()  # of a process that reads, builds and audits, and no more
        self._count(graph)
        network = make_network(graph)
        gc.freeze()  # so that no watch runs while millions of their objects are looked at
        for number in range(rounds):
            self._audit(graph if number == 0 else self._built(), network, is_first=number > 0)
            self._by_tag(self._built(), network)
            self._count_upstream(self._built(), network)
            self._look_upstream(self._built(), network)
        self._records(graph)
        return {**self.facts, "seconds": {one: self.watch.runs(one) for one in self.watch.names}}

    def _built(self) -> LineageGraph:
        return self.watch.time("build the graph", lambda: build_graph(self.snapshot))

    def _count(self, graph: LineageGraph) -> None:
        answer = audit(graph, tags=_TAGS)
        self.targets, self.sensitive = answer.assessments.targets, answer.sensitive
        self.facts |= {
            "nodes": len(graph),
            "tables": len(graph.references(Kind.TABLE)),
            "hops": sum(1 for _ in graph.hops()),
            "pairs": len(self.targets) * len(answer.sensitive),
            "findings": len(answer.findings),
        }

    def _audit(self, graph: LineageGraph, network: Network, *, is_first: bool) -> None:
        """Ask for each pair, and for the evidence of some."""
        if is_first:
            self.watch.time("audit, first", lambda: _every_pair(graph))
        answer = self.watch.time("audit", lambda: _every_pair(graph))
        some = [target for target in _some(self.targets, _TARGETS) if target in network]
        tagged = {item.reference for item in self.sensitive}
        theirs = self.watch.time(
            "audit, networkx",
            lambda: sensitive_upstream(network, some, tagged),
            scale=len(self.targets) / len(some),
        )
        for target, found in theirs.items():
            ours = {one.sensitive.reference for one in answer.assessment(target).findings}
            _check(ours - {target} == found - {target}, f"what reaches {target}")

    def _by_tag(self, graph: LineageGraph, network: Network) -> None:
        self.watch.time("audit by tag, first", lambda: _every_pair(graph, by="tag"))
        answer = self.watch.time("audit by tag", lambda: _every_pair(graph, by="tag"))
        models = graph.references(Kind.MLMODEL)
        some = _some(models, _MODELS)
        tags: dict[Any, str] = {item.reference: item.tags[0] for item in self.sensitive}
        theirs = self.watch.time(
            "audit by tag, networkx",
            lambda: nearest_paths(network, some, tags),
            scale=len(models) / len(some),
        )
        for model, found in zip(some, theirs, strict=True):
            ours = {one.tag for one in answer.assessment(model).findings}
            _check(ours == found.keys(), f"the tags that reach {model}")

    def _count_upstream(self, graph: LineageGraph, network: Network) -> None:
        """Count what some models come from."""
        models = _some(graph.references(Kind.MLMODEL), _MODELS)
        each, name = 1 / len(models), "count upstream"
        self.watch.time(f"{name}, first", lambda: len(_trace(graph, models[0])))
        self.watch.time(name, lambda: [len(_trace(graph, one)) for one in models], scale=each)
        theirs = self.watch.time(
            f"{name}, networkx", lambda: [nx.ancestors(network, one) for one in models], scale=each
        )
        for model, found in zip(models, theirs, strict=True):
            parts = {one for one in found if isinstance(one, Reference) and one.is_part}
            ours = {one for one in _trace(graph, model).references if one.is_part}
            # A feature without a source is no part of a trace: nothing arrives by it.
            _check(ours <= parts <= ours.union(graph.parts(model)), f"what is upstream of {model}")

    def _look_upstream(self, graph: LineageGraph, network: Network) -> None:
        """Look at every node, hop and fact upstream of some models."""
        models = _some(graph.references(Kind.MLMODEL), _MODELS)
        each, name = 1 / len(models), "look upstream"
        self.watch.time(f"{name}, first", lambda: _look(_trace(graph, models[0])))
        self.watch.time(name, lambda: [_look(_trace(graph, one)) for one in models], scale=each)
        self.watch.time(
            f"{name}, networkx",
            lambda: [subgraph_facts(network, one) for one in models],
            scale=each,
        )
        self.watch.time("make networkx's graph", lambda: make_network(graph))

    def _records(self, graph: LineageGraph) -> None:
        """Make the rows of all findings; those with paths are not kept, for they are large."""
        many = self.facts["findings"]
        if many > _MOST_RECORDS:
            return
        answer = audit(graph, tags=_TAGS)
        without: Callable[[], object] = lambda: answer.to_records(paths=False)  # noqa: E731
        self.watch.time("record a finding", without, scale=1 / many)
        self.watch.time(
            "record a finding with its path", lambda: deque(answer, maxlen=0), scale=1 / many
        )


def _every_pair(graph: LineageGraph, by: By = "reference") -> Audit:
    """Look at the strength of each finding, at each verdict, and at the evidence of the first."""
    answer = audit(graph, tags=_TAGS, by=by)
    np.bincount(answer.findings.strengths)
    Counter(answer.assessments.verdicts)
    for finding in answer.findings[:_SHOWN]:
        len(finding.path)
    return answer


def _trace(graph: LineageGraph, model: Reference) -> Trace:
    return upstream(graph, model, grain="part")


def _look(trace: Trace) -> int:
    """Look at everything there is, and count it."""
    seen = sum(len((one.reference, one.depth, one.strength)) for one in trace.reached)
    ends = (len((hop.upstream, hop.downstream, hop.strength, hop.edge)) for hop in trace.hops)
    return seen + sum(ends)


def _some(items: Sequence[Reference], many: int) -> list[Reference]:
    """Choose some, spread over all."""
    return list(items[:: max(1, len(items) // many)][:many])


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def _check(is_equal: bool, what: str) -> None:  # noqa: FBT001 - the question itself
    if not is_equal:
        message = f"{what} differs from networkx"
        raise RuntimeError(message)


if __name__ == "__main__":
    print(json.dumps(measure_size(Path(sys.argv[1]), int(sys.argv[2]))))
