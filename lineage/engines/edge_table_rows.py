"""The rows of an edge table: what an audit in memory propagates, a method for each table."""

from collections.abc import Iterator
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from lineage.files.parquet_values import to_row
from lineage.governance.audit.evidence_paths import deleted_entity
from lineage.governance.audit.judging import Judging
from lineage.graph.storage import Storage
from lineage.model.edges import Edge
from lineage.model.reference import Kind

__all__ = ["EdgeTableRows"]

_Rows = Iterator[dict[str, Any]]


class EdgeTableRows:
    """The rows of each table, in the order they are written.

    Parameters
    ----------
    judging : Judging
        An audit by tag: nodes have the numbers of its index, labels those of its tags.
    """

    def __init__(self, judging: Judging) -> None:
        self.judging, self.graph, self.index = judging, judging.graph, judging.index
        self._arcs = self.index.adjacency("downstream")

    def arcs(self) -> _Rows:
        """List the arcs by tail."""
        arcs, is_hop = self._arcs, self._arcs.hops()
        hops = np.where(is_hop, np.cumsum(is_hop) - 1, -1)
        columns = (arcs.starts(), arcs.ends(), arcs.strengths(), hops)
        names = ("tail", "head", "strength", "hop")
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return (dict(zip(names, row, strict=True)) for row in rows)

    def nodes(self) -> _Rows:
        """List the nodes with what they stand for."""
        references = self.index.references(np.arange(self._arcs.nodes))
        for node, (reference, role) in enumerate(zip(references, self._roles(), strict=True)):
            yield {"node": node, "reference": to_row(reference), "role": role}

    def _roles(self) -> Iterator[str]:
        """Iterate over what each node is for its reference, in the order of their numbers."""
        expansion = self.index.expansion
        with_entry = np.zeros(expansion.references, dtype=np.bool_)
        with_entry[expansion.containers] = True
        yield from ("exit" if has_entry else "both" for has_entry in with_entry.tolist())
        yield from ["entry"] * len(expansion.containers)
        yield from ["rows"] * len(expansion.with_rows)
        yield from ["reads"] * len(expansion.pipelines)

    def hops(self) -> _Rows:
        """List the hops in the order of their numbers."""
        places = self._arcs.hops().nonzero()[0]
        hops = self.index.hops_at(self._arcs.starts()[places].astype(np.int64), places)
        numbers = self.index.expansion.hop_numbers[places].tolist()
        for row, (hop, number) in enumerate(zip(hops, numbers, strict=True)):
            rule = self.judging.masking.rule(hop.edge, hop.column_edge)
            ends = (deleted_entity(self.graph, end) for end in (hop.upstream, hop.downstream))
            yield {
                "hop": row,
                "upstream": to_row(hop.upstream),
                "downstream": to_row(hop.downstream),
                "strength": hop.strength,
                "edge": self._edges.numbers[number],
                "mapping": self._edges.mappings[number],
                "masked_by": None if rule is None else rule.name,
                "deleted": [to_row(entity) for entity in ends if entity is not None],
            }

    def edges(self) -> _Rows:
        """List the edges with all that is known of them."""
        for number, edge in enumerate(self._edges.edges):
            yield {"edge": number, **to_row(edge)}

    @cached_property
    def _edges(self) -> "_Edges":
        return _number_edges(self.graph.storage)

    def labels(self) -> _Rows:
        """List what is propagated: tags, then gaps."""
        tags = self.judging.labels
        yield from ({"label": label, "kind": "tag", "name": tag} for label, tag in enumerate(tags))
        for label in self._gap_labels.values():
            yield {"label": label, "kind": "gap", "name": None}

    @cached_property
    def _gap_labels(self) -> dict[tuple[int, ...], int]:
        """The label of the gaps at each place; those at one place arrive together."""
        places = dict.fromkeys(map(tuple, self.judging.gaps.origins))
        return {nodes: label for label, nodes in enumerate(places, len(self.judging.labels))}

    def seeds(self) -> _Rows:
        """List where each label begins."""
        seeds = self.judging.seeds
        for node, label in zip(seeds.nodes.tolist(), seeds.labels.tolist(), strict=True):
            yield {"node": node, "label": label}
        for nodes, label in self._gap_labels.items():
            yield from ({"node": node, "label": label} for node in nodes)

    def sensitive(self) -> _Rows:
        """List what is looked for, by reference."""
        for item in self.judging.sensitive:
            yield {
                "node": self.index.origin(item.reference),
                "reference": to_row(item.reference),
                "tags": item.tags,
                "tagged": to_row(item.tagged),
            }

    def gaps(self) -> _Rows:
        """List the gaps: those that hide nothing or everything first, without a label."""
        gaps = self.judging.gaps
        notes = (gap for gap in self.graph.gaps if not gap.hides_upstream)
        yield from ({"label": None, **to_row(gap)} for gap in (*notes, *gaps.everywhere))
        for gap, nodes in zip(gaps.placed, gaps.origins, strict=True):
            yield {"label": self._gap_labels[tuple(nodes)], **to_row(gap)}

    def silent(self) -> _Rows:
        """List the edges that do not report influences."""
        edges = self.judging.silence.edges
        ends = (self.index.references(nodes) for nodes in (edges.tails, edges.heads))
        columns = (column.tolist() for column in edges)
        for tail, head, is_hiding, upstream, downstream in zip(*columns, *ends, strict=True):
            yield {
                "tail": tail,
                "head": head,
                "hiding": is_hiding,
                "upstream": to_row(upstream),
                "downstream": to_row(downstream),
            }

    def targets(self) -> _Rows:
        """List the models, each followed by its features."""
        judging = self.judging
        columns = judging.targets, judging.ends.tolist(), judging.is_silent.tolist()
        for place, (target, node, is_silent) in enumerate(zip(*columns, strict=True)):
            yield {
                "node": node,
                "reference": to_row(target),
                "model": to_row(self.graph.entity_of(target)),
                "silent": is_silent,
                "behind": judging.behind(place) if target.kind == Kind.MLMODEL else [],
            }


class _Edges(NamedTuple):
    """The edges of a graph, and by the number of each of its hops: the edge, and the mapping."""

    edges: list[Edge]
    numbers: list[int]
    mappings: list[int]


def _number_edges(storage: Storage) -> _Edges:
    """Find the number of each hop's edge, and its mapping's place there; -1 where it has none."""
    found = _Edges([], [], [])
    hops = zip(storage.edges, storage.mappings, strict=True)
    for _, group in groupby(hops, key=lambda hop: id(hop[0])):  # an edge's hops are side by side
        own = list(group)
        edge, _ = own[0]
        places = {mapping: place for place, mapping in enumerate(edge.column_edges)}
        found.numbers.extend([len(found.edges)] * len(own))
        found.mappings.extend(-1 if mapping is None else places[mapping] for _, mapping in own)
        found.edges.append(edge)
    return found
