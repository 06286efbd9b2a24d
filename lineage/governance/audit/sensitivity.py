"""Sensitivity: what is tagged, and what lies inside something that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import translate
from functools import cache
from re import compile as compiled

from lineage.errors import BadSelection
from lineage.graph.lineage_graph import LineageGraph
from lineage.graph.storage import Value
from lineage.model.entities import Feature, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.register import Proxy
from lineage.model.snapshot import Gap, GapKind
from lineage.queries.selection.pattern import Pattern

__all__ = ["SENSITIVE_TAGS", "Sensitive", "find_sensitive", "unmatched_tags", "with_nested"]

SENSITIVE_TAGS = ("PII.Sensitive", "PersonalData.*")
"""The tags that count by default; `*` stands for anything."""


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
        The entry of the register by which it only indicates the data, and does not hold it.
    """

    reference: Reference
    tags: tuple[str, ...]
    tagged: Reference
    proxy: Proxy | None = None


def find_sensitive(
    graph: LineageGraph,
    *,
    tags: Sequence[str] = SENSITIVE_TAGS,
    suggested: bool = False,
) -> tuple[Sensitive, ...]:
    """Find what holds sensitive data by its tags.

    A tag on a column holds for everything nested in it, beside the tags that has of its own; a tag
    on a feature source holds for the feature.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    tags : sequence of str
        Patterns of tags, in which `*` and `?` stand for anything, as in selections: their case does
        not matter.
    suggested : bool
        Whether labels count that nobody has confirmed: suggested and automatic ones.

    Returns
    -------
    tuple of Sensitive
        Sorted by reference.

    Raises
    ------
    ValueError
        `tags` is a single text.
    BadSelection
        A pattern is malformed.

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
    patterns = _patterns(tags)
    matches = cache(lambda fqn: any(pattern.matches(fqn) for pattern in patterns))
    found: dict[Reference, Sensitive] = {}
    for reference, labels in _labelled(graph):  # what is nested comes after what it is in
        counted = (tag.fqn for tag in labels if suggested or tag.is_confirmed)
        own = {fqn for fqn in counted if matches(fqn)}
        for part in with_nested(graph, reference) if own else ():
            around = found[part].tags if part in found else ()
            found[part] = Sensitive(part, tuple(sorted({*own, *around})), reference)
    return tuple(found[reference] for reference in sorted(found))


def unmatched_tags(
    graph: LineageGraph, tags: Sequence[str], *, suggested: bool = False
) -> tuple[Gap, ...]:
    """Name the patterns that nothing in the catalog carries as they are written: slips, perhaps.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    tags : sequence of str
        Patterns of tags.
    suggested : bool
        Whether labels count that nobody has confirmed, as for `find_sensitive`.

    Returns
    -------
    tuple of Gap
        In the order of the patterns; each hides upstream of everything.

    Raises
    ------
    ValueError
        `tags` is a single text, or names none.
    BadSelection
        A pattern is malformed.
    """
    if not tags:
        message = "tags names no tag, so that nothing would be looked for"
        raise ValueError(message)
    every = {tag for _, tags in _labelled(graph) for tag in tags}
    labels = sorted({tag.fqn for tag in every if suggested or tag.is_confirmed})
    unconfirmed = {tag.fqn for tag in every}.difference(labels)
    gaps = []
    for text, pattern in zip(tags, _patterns(tags), strict=True):
        matching = [label for label in labels if pattern.matches(label)]
        exact = compiled(translate(pattern.name)).fullmatch
        if any(map(exact, matching)):
            continue
        reason = f"nothing in the catalog is tagged {text}"
        if matching:
            reason = f"{reason}; in another case there is {', '.join(matching[:3])}"
        elif any(map(exact, unconfirmed)):
            reason = f"{reason} but by labels that nobody has confirmed"
        elif near := get_close_matches(text, labels, n=3, cutoff=0.6):
            reason = f"{reason}; did you mean {', '.join(near)}?"
        gaps.append(Gap(GapKind.TAG_NOT_FOUND, None, reason))
    return tuple(gaps)


def _patterns(tags: Sequence[str]) -> tuple[Pattern, ...]:
    if isinstance(tags, str):
        message = f"tags is the text {tags!r}, but has to be several: [{tags!r}]"
        raise ValueError(message)  # noqa: TRY004  # a text is a sequence: it is the wrong value
    return tuple(map(_pattern, tags))


def _pattern(text: str) -> Pattern:
    try:
        return Pattern(text)
    except ValueError as error:
        reason, position = error.args
        raise BadSelection(text, position, reason) from None


def _labels(value: Value | None) -> tuple[Tag, ...]:
    if value is None:
        return ()
    if isinstance(value, Feature):
        return value.tags + tuple(tag for source in value.sources for tag in source.tags)
    return value.tags


def _labelled(graph: LineageGraph) -> list[tuple[Reference, tuple[Tag, ...]]]:
    """List what carries labels, in the order of the graph; few of its references do.

    A feature speaks for its sources.
    """
    return graph.keep(
        _labelled,
        lambda: [
            (reference, labels)
            for reference, value in zip(graph, graph.storage.values, strict=True)
            if (labels := _labels(value)) and reference.kind != Kind.FEATURE_SOURCE
        ],
    )


def with_nested(graph: LineageGraph, reference: Reference) -> Iterator[Reference]:
    """Go through a column and what is nested in it; an entity's columns are no part of it.

    A tagged table holds sensitive data somewhere, which is not to say in every column.
    """
    yield reference
    if reference.kind == Kind.COLUMN:
        yield from graph.nested_parts(reference)
