"""What an edge says, fact by fact, so that two states of it can be compared."""

import hashlib
import json

from lineage.model.edges import ColumnEdge, Edge, Evidence

__all__ = [
    "DRAWN",
    "Pair",
    "change_text",
    "facts",
    "fingerprint",
    "functions",
    "mapping_text",
]

Pair = tuple[str, str]
"""A column, and the column or feature it is mapped to."""

DRAWN = "Manual"
"""How the server records an edge that somebody drew, and any that says nothing else."""


def fingerprint(edge: Edge | None) -> str:
    """Distinguish one state of a recorded edge from another: 16 hexadecimal digits of SHA-256.

    Who wrote the edge and when is left out. An edge without any details counts as none,
    since the server does not distinguish the two.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> fingerprint(None) == fingerprint(
    ...     Edge(upstream=Reference("table", "a"), downstream=Reference("mlmodel", "b"))
    ... )
    True
    """
    state: list[object] = []
    if edge is not None and (edge.column_edges or edge.evidence.recorded_as):
        mappings = sorted(
            [item.downstream, sorted(item.upstream), item.function or ""]
            for item in edge.column_edges
        )
        state = [*facts(edge).values(), mappings]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]


def facts(edge: Edge | None) -> dict[str, str]:
    """Write out what an edge says besides its mappings; empty where it says nothing."""
    evidence = Evidence() if edge is None else edge.evidence
    return {
        "pipeline": "" if evidence.pipeline is None else str(evidence.pipeline),
        "recorded as": evidence.recorded_as or "",
        "SQL": evidence.sql or "",
        "description": evidence.description or "",
    }


def functions(edge: Edge | None) -> dict[Pair, frozenset[str]]:
    """Give every pair that an edge maps, with the functions it is mapped by; "" for none.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> raw = ColumnEdge(upstream=("a.x",), downstream="b.y")
    >>> hashed = ColumnEdge(upstream=("a.x",), downstream="b.y", function="md5")
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> both = functions(Edge(upstream=a, downstream=b, column_edges=(raw, hashed)))
    >>> sorted(both["a.x", "b.y"])
    ['', 'md5']
    """
    found: dict[Pair, frozenset[str]] = {}
    for mapping in () if edge is None else edge.column_edges:
        for pair in mapping.pairs:
            found[pair] = found.get(pair, frozenset()) | {mapping.function or ""}
    return found


def change_text(before: ColumnEdge, after: ColumnEdge) -> str:
    """Write on one line how a mapping changes that keeps its ends.

    Examples
    --------
    >>> raw = ColumnEdge(upstream=("a.x",), downstream="b.y")
    >>> hashed = ColumnEdge(upstream=("a.x",), downstream="b.y", function="md5")
    >>> change_text(raw, hashed)
    'a.x → b.y: as it is → [md5]'
    """
    marks = (_marks(mapping) or "as it is" for mapping in (before, after))
    return f"{', '.join(before.upstream)} → {before.downstream}: {' → '.join(marks)}"


def mapping_text(mapping: ColumnEdge) -> str:
    """Write a mapping on one line, with its function, its influence and its masking.

    Examples
    --------
    >>> mapping_text(ColumnEdge(upstream=("a.x", "a.y"), downstream="b.z", function="ratio"))
    'a.x, a.y → b.z [ratio]'
    """
    marks = _marks(mapping)
    return f"{', '.join(mapping.upstream)} → {mapping.downstream}{marks and f' {marks}'}"


def _marks(mapping: ColumnEdge) -> str:
    """Write what a mapping says besides its ends; nothing where the value arrives as it is."""
    masked = {True: "masked", False: "not masked", None: None}[mapping.masking]
    marks = (mapping.function, mapping.influence and str(mapping.influence), masked)
    return " ".join(f"[{mark}]" for mark in marks if mark)
