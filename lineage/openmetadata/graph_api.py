"""Edges from the graph API: the database's truth, a few hops a call.

The server goes three hops at most. An answer holds all edges into the entities nearer than
that, so the next calls need to be made only for those that lie at its rim: a chain of 25
hops takes nine calls.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lineage.errors import ServerError
from lineage.model.entities import MlModel
from lineage.model.reference import Kind
from lineage.model.snapshot import GapKind
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.entity_api import read_one
from lineage.openmetadata.payloads import LineagePayload, ReferencePayload
from lineage.openmetadata.snapshot_builder import SnapshotBuilder

__all__ = ["DEPTH", "Neighbourhood", "keep_edges_into", "read_neighbourhood"]

DEPTH = 3
"""How many hops the server goes at most."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What one answer of the graph API holds.

    Attributes
    ----------
    nodes : dict of str to ReferencePayload
        Everything met, by id.
    into : dict of str to dict
        For each entity whose incoming edges are all there: what feeds it, by id, with the
        edge's details or None.
    """

    nodes: dict[str, ReferencePayload]
    into: dict[str, dict[str, LineagePayload | None]] = field(default_factory=dict)

    @property
    def rim(self) -> Iterable[str]:
        """Ids of what was met without all the edges into it."""
        return [identity for identity in self.nodes if identity not in self.into]


def read_neighbourhood(client: Client, kind: str, identity: str) -> Neighbourhood:
    """Read what is upstream of an entity, as far as the server goes in one call.

    Raises
    ------
    ServerError
        It could not be read.
    ValueError
        The answer cannot be understood.
    """
    path = f"/lineage/{escape(kind)}/{escape(identity)}"
    params = {"upstreamDepth": DEPTH, "downstreamDepth": 0}
    answer = client.get(path, params)
    try:
        return _neighbourhood(answer, identity)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        client.invalidate(path, params)
        message = f"unreadable answer: {error!r}"
        raise ValueError(message) from None


def keep_edges_into(
    client: Client, builder: SnapshotBuilder, identity: str, near: Neighbourhood
) -> None:
    """Keep the edges into an entity that a neighbourhood holds, by the server's id of it."""
    downstream = builder.reference(near.nodes[identity])
    for upstream, payload in near.into[identity].items():
        pipeline = None if payload is None else payload.pipeline
        if pipeline is not None and pipeline.id == identity:
            # The server shows what a pipeline carries as if it led into the pipeline.
            builder.leave_out("edges shown at the pipeline that carries them")
        else:
            builder.add_edge(near.nodes[upstream], downstream, payload)
    entity = builder.entities.get(identity)
    if isinstance(entity, MlModel) and entity.dashboard is None:
        _keep_dashboard(client, builder, entity)


def _neighbourhood(answer: dict[str, Any], identity: str) -> Neighbourhood:
    if answer["entity"]["id"] != identity:
        message = "the answer is about another entity"
        raise ValueError(message)
    items = [answer["entity"], *(answer.get("nodes") or ())]
    nodes = {item["id"]: ReferencePayload.model_validate(item) for item in items}
    into: dict[str, dict[str, LineagePayload | None]] = {}
    for edge in answer["upstreamEdges"]:
        details = edge.get("lineageDetails")
        payload = None if details is None else LineagePayload.model_validate(details)
        upstream, downstream = nodes[edge["fromEntity"]], nodes[edge["toEntity"]]
        into.setdefault(downstream.id, {}).setdefault(upstream.id, payload)
    complete = {one: into.get(one, {}) for one in _nearer_than(DEPTH, identity, into)}
    return Neighbourhood(nodes, complete)


def _nearer_than(
    depth: int, identity: str, into: dict[str, dict[str, LineagePayload | None]]
) -> Iterator[str]:
    """Go through what lies less than some hops upstream; edges into those are all there."""
    seen, layer = {identity}, [identity]
    for _ in range(depth):
        yield from layer
        layer = [one for node in layer for one in into.get(node, {}) if one not in seen]
        layer = list(dict.fromkeys(layer))
        seen.update(layer)


def _keep_dashboard(client: Client, builder: SnapshotBuilder, model: MlModel) -> None:
    """Read a model's dashboard, which lists leave out even when asked for it."""
    try:
        answer = read_one(client, Kind.MLMODEL, model.id, fields="dashboard")
    except ServerError as error:
        builder.add_gap(GapKind.ENTITIES_NOT_READ, model.reference, f"its dashboard: {error}")
        return
    builder.add_dashboard(model, answer.get("dashboard"))
