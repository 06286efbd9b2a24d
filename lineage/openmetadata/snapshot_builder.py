"""The harvest: what has been read so far, from several threads at once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Lock
from typing import Self

from pydantic import ValidationError

from lineage.model.edges import Edge
from lineage.model.entities import Entity, MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Disagreement, Gap, GapKind
from lineage.openmetadata.payloads import (
    EntityPayload,
    LineagePayload,
    ReferencePayload,
    make_edge,
    make_entity,
)

__all__ = ["Harvest", "Progress", "first_reason"]

Progress = Callable[[str, int], None]
"""Told what is being read and how many have been read so far."""

_NEVER_NULL = ("columns", "tags", "mlFeatures")  # empty where there are none
_DERIVED = "ChildAssets"  # edges the server derives between services, domains and products
_PLACES = frozenset({"domain", "dataProduct"})  # where entities are, which carries no data


class Harvest:
    """Entities by the server's id, edges, gaps, and what was left out on purpose.

    Names in the search index may be stale, so every reference is looked up by its id first.
    """

    def __init__(self, progress: Progress) -> None:
        self.entities: dict[str, Entity] = {}
        self.edges: list[Edge] = []
        self.gaps: list[Gap] = []
        self.left_out: dict[str, int] = {}
        self.disagreements: list[Disagreement] = []
        self._progress = progress
        self._lock = Lock()

    def beside(self) -> Self:
        """Begin another harvest of edges between the same entities."""
        other = type(self)(self._progress)
        other.entities = self.entities
        return other

    def keep_entity(self, kind: str, item: object) -> Entity | None:
        """Keep an entity; one that cannot be understood, or is of another kind, is a gap."""
        try:
            payload = EntityPayload.model_validate(item)
        except ValidationError as error:
            name = item.get("fullyQualifiedName") if isinstance(item, dict) else None
            subject = Reference(kind, str(name)) if name else None
            self.miss(GapKind.ENTITIES_NOT_READ, subject, first_reason(error))
            return None
        entity = make_entity(kind, payload)
        for name in _not_told(kind, item):
            self.miss(GapKind.ENTITIES_NOT_READ, entity.reference, f"its {name} did not come")
        with self._lock:
            known = self.entities.setdefault(payload.id, entity)
        if known.reference.kind == kind:
            return known
        reason = f"{entity.id} came as {known.reference} and as {entity.reference}"
        self.miss(GapKind.ENTITIES_NOT_READ, None, reason)
        return None

    def keep_known(self, entity: Entity) -> None:
        """Keep an entity that was read before and has not changed since."""
        with self._lock:
            self.entities[entity.id] = entity

    def keep_edge(
        self, upstream: ReferencePayload, downstream: Reference, payload: LineagePayload | None
    ) -> None:
        """Keep an edge, unless the server derived it or it is no lineage."""
        if payload is not None and payload.source == _DERIVED:
            self.leave_out("derived edges")
        elif upstream.type in _PLACES or upstream.type.endswith("Service"):
            self.leave_out(f"edges from a {upstream.type}")
        else:
            edge = make_edge(self.reference(upstream), downstream, self._named(payload))
            with self._lock:
                self.edges.append(edge)

    def keep_dashboard(self, entity: Entity, dashboard: object) -> None:
        """Keep a model's dashboard, which comes from elsewhere than the list of models."""
        if isinstance(entity, MlModel) and isinstance(dashboard, dict):
            try:
                payload = ReferencePayload.model_validate({"type": Kind.DASHBOARD, **dashboard})
            except ValidationError as error:
                reason = f"its dashboard: {first_reason(error)}"
                self.miss(GapKind.ENTITIES_NOT_READ, entity.reference, reason)
                return
            with self._lock:
                self.entities[entity.id] = replace(entity, dashboard=self.reference(payload))

    def reference(self, payload: ReferencePayload) -> Reference:
        """Name an entity as it is listed, or else as the payload does."""
        known = self.entities.get(payload.id)
        return payload.reference() if known is None else known.reference

    def forget(self, entity: Entity) -> None:
        """Let go of an entity that was deleted while reading."""
        with self._lock:
            self.entities.pop(entity.id, None)
        self.leave_out("entities deleted while reading")

    def leave_out(self, what: str, count: int = 1) -> None:
        """Count something that is left out on purpose."""
        with self._lock:
            self.left_out[what] = self.left_out.get(what, 0) + count

    def miss(self, kind: GapKind, subject: Reference | None, reason: str) -> None:
        """Note something that was not read."""
        with self._lock:
            self.gaps.append(Gap(kind, subject, reason))

    def tell(self, what: str, count: int) -> None:
        """Tell how far reading has come."""
        with self._lock:
            self._progress(what, count)

    def _named(self, payload: LineagePayload | None) -> LineagePayload | None:
        """Name the pipeline as the list of pipelines names it."""
        if payload is None or payload.pipeline is None:
            return payload
        known = self.reference(payload.pipeline)
        names = {"type": known.kind, "fully_qualified_name": known.fqn}
        pipeline = payload.pipeline.model_copy(update=names)
        return payload.model_copy(update={"pipeline": pipeline})


def _not_told(kind: str, item: object) -> Iterator[str]:
    """Name what an answer leaves open; where there are none of something, it says so."""
    told = item if isinstance(item, dict) else {}
    yield from (name for name in _NEVER_NULL if name in told and told[name] is None)
    if kind == Kind.TABLE and "columns" not in told:
        yield "columns"


def first_reason(error: ValidationError) -> str:
    """Say in short what a payload lacks."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return f"{place}: {first['msg']}"
