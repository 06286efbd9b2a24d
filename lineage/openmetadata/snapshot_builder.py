"""The snapshot builder: what has been read so far, from several threads at once."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Lock
from typing import Self

from pydantic import ValidationError

from lineage.model.edges import Edge
from lineage.model.entities import Entity, MlModel
from lineage.model.reference import GROUP_KINDS, Kind, Reference
from lineage.model.snapshot import Disagreement, Gap, GapKind, LabelState, Snapshot
from lineage.openmetadata.endpoints import ALL_ENDPOINTS, GROUP_ENDPOINTS, SERVICE_OF
from lineage.openmetadata.payloads import (
    EntityPayload,
    IndexedLineagePayload,
    LineagePayload,
    ReferencePayload,
    lacks_tags,
    make_edge,
    make_entity,
)

__all__ = ["Progress", "SnapshotBuilder", "first_reason"]

Progress = Callable[[str, int], None]
"""Called with what is being read and how many have been read so far."""

_NEVER_NULL = ("columns", "mlFeatures")  # empty where there are none
_DERIVED = "ChildAssets"  # edges the server derives between services, domains and products
_IN_NOTHING = frozenset({Kind.METRIC, Kind.DOMAIN})  # besides services


class SnapshotBuilder:
    """Entities by the server's id, edges, gaps, and what was left out on purpose.

    Names in the search index may be stale, so every reference is looked up by its id first.

    Attributes
    ----------
    entities : dict of str to Entity
        By the server's id.
    unread_groups : dict of (Reference or str) to str
        Groups, or kinds of groups, that could not be read, and why.
    broken_lists : dict of str to str
        Kinds of entities whose lists ended early, and why.
    label_states : list of LabelState
        The tags and glossary terms there are.
    indexed_labels : dict of str to frozenset of str
        By the server's id of an entity: what it and its parts are labelled with, as the search
        index has it.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self.entities: dict[str, Entity] = {}
        self.edges: list[Edge] = []
        self.gaps: list[Gap] = []
        self.left_out: Counter[str] = Counter()
        self.disagreements: list[Disagreement] = []
        self.unread_groups: dict[Reference | str, str] = {}
        self.broken_lists: dict[str, str] = {}
        self.label_states: list[LabelState] = []
        self.indexed_labels: dict[str, frozenset[str]] = {}
        self._unknown_ends: dict[str, Reference | None] = {}
        self._forgotten: set[Reference] = set()
        self._progress = progress
        self._lock = Lock()

    def for_other_edges(self) -> Self:
        """Return another builder, of other edges between the same entities."""
        other = type(self)(self._progress)
        other.entities, other.gaps = self.entities, self.gaps
        return other

    def with_lineage(self) -> dict[str, Entity]:
        """Return the entities that edges can lead to, by the server's id: no groups."""
        found = self.entities.items()
        return {key: item for key, item in found if item.reference.kind not in GROUP_KINDS}

    def add_listed(self, kind: str, item: object) -> Entity | None:
        """Add an entity of a list; one that cannot be understood spoils the list."""
        try:
            return self._add(kind, item)
        except ValueError as error:
            self.note_list(kind, str(error))
            return None

    def add_entity(self, kind: str, item: object) -> Entity | None:
        """Add an entity that was read by itself; one that cannot be understood is a gap."""
        try:
            return self._add(kind, item)
        except ValueError as error:
            name = item.get("fullyQualifiedName") if isinstance(item, dict) else None
            subject = Reference(kind, str(name)) if name else None
            self.add_gap(GapKind.ENTITIES_NOT_READ, subject, str(error))
            return None

    def note_list(self, kind: str, reason: str) -> None:
        """Note that a list was not read, or not all of it."""
        reason = f"list of {ALL_ENDPOINTS[kind].collection}: {reason}"
        if kind in GROUP_ENDPOINTS:
            self.unread_groups.setdefault(kind, reason)
        else:
            self.broken_lists.setdefault(kind, reason)

    def add_known(self, entity: Entity) -> None:
        """Add an entity that was read before and has not changed since."""
        with self._lock:
            self.entities[entity.id] = entity

    def add_edge(
        self, upstream: ReferencePayload, downstream: Reference, payload: LineagePayload | None
    ) -> None:
        """Add an edge, unless the server derived it."""
        if payload is not None and payload.source == _DERIVED:
            self.leave_out("derived edges")
            return
        if upstream.id not in self.entities and upstream.type in ALL_ENDPOINTS:
            self._unknown_ends.setdefault(upstream.id, upstream.reference())
        edge = make_edge(self.reference(upstream), downstream, self._with_current_name(payload))
        with self._lock:
            self.edges.append(edge)

    def is_certain(self, payload: IndexedLineagePayload) -> bool:
        """Whether an edge in the search index comes from something that is known to be there."""
        return payload.source == _DERIVED or payload.from_entity.id in self.entities

    def take_unknown_ends(self) -> dict[str, Reference]:
        """Return what edges come from that was not read, by the server's id; each once."""
        found = {key: name for key, name in self._unknown_ends.items() if name is not None}
        self._unknown_ends = dict.fromkeys(self._unknown_ends)
        return {key: name for key, name in found.items() if key not in self.entities}

    def add_dashboard(self, entity: Entity, dashboard: object) -> None:
        """Add a model's dashboard, which comes from elsewhere than the list of models."""
        if isinstance(entity, MlModel) and isinstance(dashboard, dict):
            try:
                payload = ReferencePayload.model_validate({"type": Kind.DASHBOARD, **dashboard})
            except ValidationError as error:
                reason = f"its dashboard: {first_reason(error)}"
                self.add_gap(GapKind.ENTITIES_NOT_READ, entity.reference, reason)
                return
            with self._lock:
                self.entities[entity.id] = replace(entity, dashboard=self.reference(payload))

    def reference(self, payload: ReferencePayload) -> Reference:
        """Return an entity's name as it is listed, or else as the payload gives it."""
        known = self.entities.get(payload.id)
        return payload.reference() if known is None else known.reference

    def forget(self, entity: Entity) -> None:
        """Remove an entity that was deleted while reading."""
        with self._lock:
            self.entities.pop(entity.id, None)
            self._forgotten.add(entity.reference)
        self.leave_out("entities deleted while reading")

    def take_fed_by_forgotten(self) -> dict[str, Entity]:
        """Return what an entity fed that is gone, without the edges into it, by the server's id.

        The search index keeps such edges, and another entity may have the name by now.
        """
        gone, self._forgotten = self._forgotten, set()
        fed = {edge.downstream for edge in self.edges if edge.upstream in gone}
        self.edges = [edge for edge in self.edges if edge.downstream not in fed]
        return {key: item for key, item in self.entities.items() if item.reference in fed}

    def leave_out(self, what: str, count: int = 1) -> None:
        """Count something that is left out on purpose."""
        with self._lock:
            self.left_out[what] += count

    def add_gap(self, kind: GapKind, subject: Reference | None, reason: str) -> None:
        """Add something that was not read."""
        with self._lock:
            self.gaps.append(Gap(kind, subject, reason))

    def report(self, what: str, count: int) -> None:
        """Report how far reading has come."""
        if self._progress is not None:
            with self._lock:
                self._progress(what, count)

    def groups_not_read(self) -> list[Reference]:
        """Return what entities are in that was not read itself; sorted."""
        read = {entity.reference for entity in self.entities.values()}
        named = {
            group
            for entity in self.entities.values()
            for group in (entity.parent, *entity.domains)
            if group is not None
        }
        return sorted(named - read)

    def snapshot(self, server: str, version: tuple[int, ...], read_at: str) -> Snapshot:
        """Return what was read."""
        return Snapshot(
            server=server,
            server_version=".".join(map(str, version)),
            read_at=read_at,
            entities=tuple(self.entities[key] for key in sorted(self.entities)),
            edges=tuple(self.edges),
            gaps=(*self.gaps, *self._unread_groups(), *self._namesakes()),
            left_out=tuple(self.left_out.items()),
            disagreements=tuple(self.disagreements),
            label_states=tuple(self.label_states),
        )

    def _add(self, kind: str, item: object) -> Entity:
        """Add an entity; a `ValueError` where it cannot be understood, or may be another."""
        try:
            payload = EntityPayload.model_validate(item)
        except ValidationError as error:
            raise ValueError(first_reason(error)) from None
        if payload.service is not None and payload.service.type != SERVICE_OF.get(kind):
            message = f"what is in a {payload.service.type} came as a {kind}"
            raise ValueError(message)
        entity = make_entity(kind, payload)
        with self._lock:
            known = self.entities.setdefault(entity.id, entity)
        if known.reference.kind != entity.reference.kind:
            # Nobody knows which it is; what names it later says so itself.
            self.entities.pop(entity.id, None)
            message = f"{entity.id} came as {known.reference} and as {entity.reference}"
            self.note_list(known.reference.kind, message)
            raise ValueError(message)
        for gap in _gaps_in(entity, payload, item):
            self.add_gap(*gap)
        if known != entity:
            for reference in {known.reference, entity.reference}:
                reason = "it came twice, with different content"
                self.add_gap(GapKind.DUPLICATE, reference, reason)
        return known

    def _unread_groups(self) -> Iterator[Gap]:
        for group in self.groups_not_read():
            known = (self.unread_groups.get(key) for key in (group, group.kind))
            reason = next(filter(None, known), "something is in it, but it was not listed")
            yield Gap(GapKind.TAGS_NOT_READ, group, reason)

    def _namesakes(self) -> Iterator[Gap]:
        """Name the references that several entities have: a snapshot holds one of them."""
        counts = Counter(entity.reference for entity in self.entities.values())
        for reference, count in counts.items():
            if count > 1:
                reason = f"{count} entities have this name; one of them was kept"
                yield Gap(GapKind.DUPLICATE, reference, reason)

    def _with_current_name(self, payload: LineagePayload | None) -> LineagePayload | None:
        """Name the pipeline as the list of pipelines names it."""
        if payload is None or payload.pipeline is None:
            return payload
        known = self.reference(payload.pipeline)
        names = {"type": known.kind, "fully_qualified_name": known.fqn}
        pipeline = payload.pipeline.model_copy(update=names)
        return payload.model_copy(update={"pipeline": pipeline})


def _gaps_in(
    entity: Entity, payload: EntityPayload, item: object
) -> Iterator[tuple[GapKind, Reference, str]]:
    """Name what an answer leaves open; where there are none of something, it says so."""
    kind, sent = entity.reference.kind, item if isinstance(item, dict) else {}
    missing = [name for name in _NEVER_NULL if name in sent and sent[name] is None]
    if kind == Kind.TABLE and "columns" not in sent:
        missing.append("columns")
    for name in missing:
        yield GapKind.ENTITIES_NOT_READ, entity.reference, f"its {name} did not come"
    if lacks_tags(kind, payload):
        reason = "its tags, or those of its columns, did not come"
        yield GapKind.TAGS_NOT_READ, entity.reference, reason
    if entity.parent is None and not (kind in _IN_NOTHING or kind.endswith("Service")):
        reason = "what it is in did not come, nor the tags of that"
        yield GapKind.TAGS_NOT_READ, entity.reference, reason


def first_reason(error: ValidationError) -> str:
    """Say in short what a payload lacks."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return f"{place}: {first['msg']}"
