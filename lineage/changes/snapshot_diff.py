"""The difference between two snapshots: what came, what went, what is no longer the same."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from lineage.changes.compared_values import Reading
from lineage.changes.edge_facts import change_text, mapping_text
from lineage.changes.source_names import references_by_id
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.entities import Entity, MlModel, walk_columns
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, Snapshot

__all__ = ["Change", "ChangeKind", "Detail", "SnapshotDiff", "diff"]

_Key = TypeVar("_Key")
_Ends = tuple[Reference, Reference]

_MAPPING = "mapping"
_SIGNED = frozenset({_MAPPING, "strength"})
"""What there may be several of: one comes, goes, or changes."""


class ChangeKind(StrEnum):
    """What became of something."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, order=True)
class Detail:
    """One thing about something that is no longer the same.

    Attributes
    ----------
    field : str
        The name of a field, for instance `recorded_as`; or `mapping`, or `strength`.
    before, after : str
        What it said and what it says; empty where it said, or says, nothing.
    """

    field: str
    before: str
    after: str

    def to_record(self) -> Record:
        """Give the detail as a row."""
        return {"field": self.field, "before": self.before, "after": self.after}

    def __str__(self) -> str:
        if self.field not in _SIGNED:
            return f"{self.field}: {self.before or 'none'} → {self.after or 'none'}"
        if self.before and self.after:
            return f"~ {self.after}"
        return f"- {self.before}" if self.before else f"+ {self.after}"


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One difference.

    Attributes
    ----------
    subject : tuple of Reference
        An entity, a column or a feature; or the two ends of an edge.
    kind : ChangeKind
    details : tuple of Detail
        For what changed, the fields that are no longer the same and the mappings that came,
        went or changed; for an edge that came or went, its mappings.
    """

    subject: tuple[Reference, ...]
    kind: ChangeKind
    details: tuple[Detail, ...] = ()

    @property
    def what(self) -> str:
        """Whether an entity, a part or an edge changed."""
        if len(self.subject) > 1:
            return "edge"
        return "part" if self.subject[0].is_part else "entity"


@dataclass(frozen=True, slots=True, repr=False)
class SnapshotDiff(Answer):
    """What is different between two snapshots.

    Attributes
    ----------
    changes : tuple of Change
        Entities and parts first, then edges, each in the order of their references.
    gaps : tuple of Gap
        What either snapshot lacks: there, nothing can be said to have come or gone.
    """

    changes: tuple[Change, ...]
    gaps: tuple[Gap, ...] = ()

    def summary(self) -> str:
        """Count the changes by kind and by what changed."""
        counts = Counter((item.kind, item.what) for item in self.changes)
        nouns = (("entity", "entities"), ("part", "parts"), ("edge", "edges"))
        said = [
            f"{counted(counts[kind, noun], noun, nouns_)} {kind}"
            for noun, nouns_ in nouns
            for kind in ChangeKind
            if counts[kind, noun]
        ]
        lacking = f"; {counted(len(self.gaps), 'gap')}: not complete" if self.gaps else ""
        return (", ".join(said) or "no difference") + lacking

    def to_records(self) -> list[Record]:
        """Give one row for each change."""
        return [
            {
                "change": str(item.kind),
                "what": item.what,
                "subject": " → ".join(map(str, item.subject)),
                "details": [str(detail) for detail in item.details],
                "fields": [detail.to_record() for detail in item.details],
            }
            for item in self.changes
        ]


def diff(before: Snapshot, after: Snapshot) -> SnapshotDiff:
    """Compare two snapshots by what they say.

    When something was written, and by whom, is left out, and so are ids: lineage that was
    written again with the same content is no difference, in the same catalog or another. What
    has no order, like tags or mappings, is compared without one.

    Parameters
    ----------
    before, after : Snapshot
        Two readings of one catalog, or of two catalogs.

    Returns
    -------
    SnapshotDiff

    Examples
    --------
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> empty, known = Snapshot(), Snapshot(edges=(Edge(upstream=a, downstream=b),))
    >>> diff(empty, known), diff(known, known)
    (<SnapshotDiff: 1 edge added>, <SnapshotDiff: no difference>)
    """
    old, new = (Reading(references_by_id(snapshot.entities)) for snapshot in (before, after))
    comparing = _Comparing(old, new)
    entities = sorted(comparing.entities(before.entities, after.entities))
    edges = sorted(comparing.edges(before.edges, after.edges))
    gaps = tuple(dict.fromkeys(before.gaps + after.gaps))
    return SnapshotDiff(tuple(entities + edges), gaps)


@dataclass(frozen=True, slots=True)
class _Comparing:
    """Two readings, each with the names of its entities."""

    old: Reading
    new: Reading

    def entities(self, before: Iterable[Entity], after: Iterable[Entity]) -> Iterator[Change]:
        """Compare entities, then their columns and features."""
        old = {entity.reference: entity for entity in before}
        new = {entity.reference: entity for entity in after}
        for reference in _unequal(old, new):
            yield from self._values(reference, old.get(reference), new.get(reference))
            if reference in old and reference in new:
                parts = _parts(old[reference]), _parts(new[reference])
                for part in _unequal(*parts):
                    yield from self._values(part, *(side.get(part) for side in parts))

    def edges(self, before: Iterable[Edge], after: Iterable[Edge]) -> Iterator[Change]:
        """Compare edges pair by pair; two jobs between one pair differ in what they say."""
        old, new = _by_ends(before), _by_ends(after)
        for ends in _unequal(old, new):
            yield from self._between(ends, old.get(ends, []), new.get(ends, []))

    def _values(self, item: Reference, old: object | None, new: object | None) -> Iterator[Change]:
        if old is None or new is None:
            yield Change((item,), ChangeKind.ADDED if old is None else ChangeKind.REMOVED)
        elif details := tuple(self._fields(old, new)):
            yield Change((item,), ChangeKind.CHANGED, details)

    def _fields(self, old: object, new: object) -> Iterator[Detail]:
        """Find the fields that do not say the same; what a value holds is compared by itself."""
        if type(old) is not type(new):
            yield Detail("kind", type(old).__name__, type(new).__name__)
            return
        then, now = self.old.keys(old), self.new.keys(new)
        for name, key in then.items():
            if key != now[name]:
                before = self.old.text(name, getattr(old, name))
                yield Detail(name, before, self.new.text(name, getattr(new, name)))

    def _between(
        self, ends: _Ends, before: Sequence[Edge], after: Sequence[Edge]
    ) -> Iterator[Change]:
        """Compare the edges between two entities."""
        there = {self.old.edge_key(edge) for edge in before}
        then = {self.new.edge_key(edge) for edge in after}
        gone = [edge for edge in before if self.old.edge_key(edge) not in then]
        come = [edge for edge in after if self.new.edge_key(edge) not in there]
        for one, other in _matched(gone, come):
            gone.remove(one)
            come.remove(other)
            yield Change(ends, ChangeKind.CHANGED, tuple(self._edge_details(one, other)))
        for edge in gone:
            details = (Detail(_MAPPING, mapping_text(item), "") for item in edge.column_edges)
            yield Change(ends, ChangeKind.REMOVED, tuple(details))
        for edge in come:
            details = (Detail(_MAPPING, "", mapping_text(item)) for item in edge.column_edges)
            yield Change(ends, ChangeKind.ADDED, tuple(details))

    def _edge_details(self, before: Edge, after: Edge) -> Iterator[Detail]:
        yield from self._fields(before.evidence, after.evidence)
        then, now = self.old.mappings(before), self.new.mappings(after)
        gone = [mapping for key, mapping in then.items() if key not in now]
        come = [mapping for key, mapping in now.items() if key not in then]
        details = []
        for old in list(gone):
            new = next((one for one in come if _keeps_ends(old, one)), None)
            if new is not None:
                gone.remove(old)
                come.remove(new)
                details.append(Detail(_MAPPING, change_text(new, old), change_text(old, new)))
        details += [Detail(_MAPPING, mapping_text(mapping), "") for mapping in gone]
        details += [Detail(_MAPPING, "", mapping_text(mapping)) for mapping in come]
        yield from sorted(details, key=lambda detail: (not detail.before, detail))


def _unequal(old: Mapping[_Key, object], new: Mapping[_Key, object]) -> Iterator[_Key]:
    """Pass over what is the same in both; of two readings that is nearly everything.

    To ask for identity first, then for equality of all of it, spares the fields and the parts
    of whatever is equal: five times faster at 100,000 nodes, 25 times where objects are shared.
    """
    for key, value in old.items():
        other = new.get(key)
        if value is not other and value != other:
            yield key
    yield from (key for key in new if key not in old)


def _parts(entity: Entity) -> dict[Reference, object]:
    parts: dict[Reference, object] = {
        Reference(Kind.COLUMN, column.fqn): column for column in walk_columns(entity.columns)
    }
    if isinstance(entity, MlModel):
        parts.update((Reference(Kind.FEATURE, item.fqn), item) for item in entity.features)
    return parts


def _by_ends(edges: Iterable[Edge]) -> dict[_Ends, list[Edge]]:
    found: dict[_Ends, list[Edge]] = {}
    for edge in edges:
        found.setdefault((edge.upstream, edge.downstream), []).append(edge)
    return found


def _matched(gone: Sequence[Edge], come: Sequence[Edge]) -> list[tuple[Edge, Edge]]:
    """Pair an edge that changed with what became of it: the only ones, or those of one job."""
    if len(gone) == len(come) == 1:
        return [(gone[0], come[0])]
    jobs = [
        (one, other)
        for one in gone
        for other in come
        if one.evidence.pipeline is not None and one.evidence.pipeline == other.evidence.pipeline
    ]
    olds, news = Counter(id(one) for one, _ in jobs), Counter(id(other) for _, other in jobs)
    return [pair for pair in jobs if olds[id(pair[0])] == news[id(pair[1])] == 1]


def _keeps_ends(one: ColumnEdge, other: ColumnEdge) -> bool:
    return set(one.upstream) == set(other.upstream) and one.downstream == other.downstream
