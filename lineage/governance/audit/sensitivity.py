"""Sensitivity: what is tagged, and what lies inside something that is."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from lineage.graph.lineage_graph import LineageGraph
from lineage.graph.storage import Value
from lineage.model.entities import Feature, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.register import Proxy

__all__ = ["SENSITIVE_TAGS", "Sensitive", "find_sensitive", "with_nested"]

SENSITIVE_TAGS = ("PII.Sensitive", "PersonalData.*")
"""The tags that count unless told otherwise; `*` stands for anything."""

_AUTOMATIC = frozenset({"Automated", "Generated"})


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Something that holds sensitive data.

    Attributes
    ----------
    reference : Reference
        A column, a feature, or an entity that is tagged as a whole.
    tags : tuple of str
        The tags that say so; none where a register names it.
    tagged : Reference
        What carries the tags, or is named: itself, or what it lies in.
    proxy : Proxy or None
        The entry of the register by which it only tells of the data, and does not hold it.
    """

    reference: Reference
    tags: tuple[str, ...]
    tagged: Reference
    proxy: Proxy | None = None


def find_sensitive(
    graph: LineageGraph,
    *,
    tags: tuple[str, ...] = SENSITIVE_TAGS,
    suggested: bool = False,
) -> tuple[Sensitive, ...]:
    """Find what holds sensitive data by its tags.

    A tag on a column holds for everything nested in it, and a tag on a feature source for
    the feature.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    tags : tuple of str
        Patterns of tags.
    suggested : bool
        Whether labels count that nobody has confirmed: suggested and automatic ones.

    Returns
    -------
    tuple of Sensitive
        Sorted by reference.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column, Entity
    >>> from lineage.model.snapshot import Snapshot
    >>> mail = Column(name="email", fqn="t.email", tags=(Tag(fqn="PII.Sensitive"),))
    >>> table = Entity(reference=Reference("table", "t"), columns=(mail,))
    >>> [str(item.reference) for item in find_sensitive(build_graph(Snapshot(entities=(table,))))]
    ['column:t.email']
    """
    found: dict[Reference, Sensitive] = {}
    for reference in graph.references():
        if reference.kind == Kind.FEATURE_SOURCE:
            continue  # its feature speaks for it
        own = _matching(_labels(graph.value(reference)), tags, suggested=suggested)
        if own:
            for part in with_nested(graph, reference):
                known = found.get(part)
                if known is None or part == reference:
                    found[part] = Sensitive(part, own, reference)
    return tuple(found[reference] for reference in sorted(found))


def _labels(value: Value | None) -> tuple[Tag, ...]:
    if value is None:
        return ()
    if isinstance(value, Feature):
        return value.tags + tuple(tag for source in value.sources for tag in source.tags)
    return value.tags


def _matching(
    labels: tuple[Tag, ...], patterns: tuple[str, ...], *, suggested: bool
) -> tuple[str, ...]:
    counted = (
        tag.fqn
        for tag in labels
        if suggested or (tag.state == "Confirmed" and tag.label_type not in _AUTOMATIC)
    )
    return tuple(
        sorted({fqn for fqn in counted if any(fnmatchcase(fqn, item) for item in patterns)})
    )


def with_nested(graph: LineageGraph, reference: Reference) -> Iterator[Reference]:
    """Go through a column and what is nested in it; an entity's columns are no part of it.

    A tagged table holds sensitive data somewhere, which is not to say in every column.
    """
    waiting = [reference]
    while waiting:
        part = waiting.pop()
        yield part
        if part.kind == Kind.COLUMN:
            waiting.extend(graph.parts(part))
