"""Formats: what each of them can hold, and what is lost in it of what there is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from lineage.model.reference import PART_KINDS
from lineage.views.exports.fact_rows import EdgeRow, NodeRow
from lineage.views.exports.rows import Rows

__all__ = ["ALL", "Fact", "Format", "Rendered", "facts_in", "one_file"]


class Fact(StrEnum):
    """What there is to say of lineage, in words for people."""

    PARTS = "columns and features"
    CONTAINMENT = "what is in what"
    IDS = "server ids"
    DESCRIPTIONS = "descriptions"
    TYPES = "data types"
    TAGS = "tags"
    OWNERS = "owners and domains"
    STATE = "what is deleted or was not read"
    MODELS = "how models were made"
    STRENGTH = "strengths"
    FUNCTIONS = "functions"
    INFLUENCE = "influence"
    MASKING = "masking as evidence states it"
    JOBS = "jobs"
    PARALLEL = "several edges between two entities"
    SQL = "SQL and descriptions of edges"
    ORIGIN = "origins of edges"
    AUTHORS = "who recorded what, and when"
    GAPS = "gaps"
    VERDICTS = "verdicts"


ALL = frozenset(Fact)
"""Everything there is to say."""


class Rendered(NamedTuple):
    """What a format made of an export.

    Attributes
    ----------
    files : mapping of str to bytes
        The content of each file of a folder by its name; of a single file by an empty name.
    notes : tuple of str
        What could not be said, in words.
    """

    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format that lineage can be exported in.

    Attributes
    ----------
    name : str
        What it is called on the command line.
    title : str
        What it is called by people.
    suffix : str
        How names of its files end; empty where it is a folder of files.
    keeps : frozenset of Fact
        What it has a place for.
    render : callable
        Writes rows, and notes of what is lost, into the format.
    render_raw : callable or None
        Writes them without anything of our own, where the format is another program's.
    is_text : bool
        Whether it can be shown on a terminal.
    is_written_back : bool
        Whether a plan is made of it: then it holds what is recorded, and nothing that was read
        from SQL.
    """

    name: str
    title: str
    suffix: str
    keeps: frozenset[Fact]
    render: Callable[[Rows, tuple[str, ...]], Rendered]
    render_raw: Callable[[Rows], Rendered] | None = None
    is_text: bool = True
    is_written_back: bool = False

    def lost_of(self, rows: Rows) -> tuple[str, ...]:
        """Say what is lost of some rows, in one line; nothing where all is kept."""
        lost = [fact for fact in Fact if fact in facts_in(rows) - self.keeps]
        return (f"{self.title} has no place for: {', '.join(lost)}",) if lost else ()


def one_file(content: str | bytes, *notes: str) -> Rendered:
    """Make a single file of a text or of bytes."""
    return Rendered({"": content.encode() if isinstance(content, str) else content}, notes)


_IN_NODES: dict[Fact, tuple[str, ...]] = {
    Fact.CONTAINMENT: ("parent",),
    Fact.IDS: ("server_id",),
    Fact.DESCRIPTIONS: ("description", "display_name"),
    Fact.TYPES: ("data_type",),
    Fact.TAGS: ("tags", "certification"),
    Fact.OWNERS: ("owners", "domains"),
    Fact.STATE: ("deleted",),
    Fact.MODELS: ("algorithm", "target", "settings", "sources"),
}
_IN_EDGES: dict[Fact, tuple[str, ...]] = {
    Fact.STRENGTH: ("strength",),
    Fact.FUNCTIONS: ("function",),
    Fact.INFLUENCE: ("influence",),
    Fact.JOBS: ("pipeline",),
    Fact.SQL: ("sql", "description"),
    Fact.ORIGIN: ("origin", "recorded_as", "evidence_source"),
    Fact.AUTHORS: ("created_at", "created_by", "updated_at", "updated_by"),
}


def facts_in(rows: Rows) -> frozenset[Fact]:
    """Find what there is to say in some rows."""
    entity_edges = sorted((row.upstream, row.downstream) for row in rows.edges if _is_edge(row))
    others = {
        Fact.PARTS: any(row.kind in PART_KINDS for row in rows.nodes),
        Fact.STATE: any(row.deleted or not row.read for row in rows.nodes),
        Fact.MASKING: any(row.masking is not None for row in rows.edges),
        Fact.PARALLEL: any(len(list(same)) > 1 for _, same in groupby(entity_edges)),
        Fact.GAPS: bool(rows.gaps),
        Fact.VERDICTS: bool(rows.findings),
    }
    found = {fact for fact, names in _IN_NODES.items() if _any_has(rows.nodes, names)}
    found |= {fact for fact, names in _IN_EDGES.items() if _any_has(rows.edges, names)}
    return frozenset(found | {fact for fact, holds in others.items() if holds})


def _is_edge(row: EdgeRow) -> bool:
    return row.kind == "entity"


def _any_has(rows: tuple[NodeRow, ...] | tuple[EdgeRow, ...], names: tuple[str, ...]) -> bool:
    return any(any(map(attrgetter(name), rows)) for name in names)
