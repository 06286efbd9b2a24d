"""DDL changes: what statements do, to the tables and columns that the catalog has.

A table is found by the last parts of its name, in any case, since a statement seldom names all of
them. What may be meant and is not found for sure is a gap, where it may be.
"""

from collections.abc import Iterable, Iterator

from lineage import fqn
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.entities import Column
from lineage.model.proposed_change import Action, ChangeSet, ProposedChange, Written
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind
from lineage.model.table_statement import DefinedColumn, Definition, NotUnderstood, StatementChange
from lineage.queries.impact.data_types import TypeChange, compare_types

__all__ = ["ddl_changes"]

_COMPARED = frozenset({TypeChange.WIDER, TypeChange.NARROWER, TypeChange.INCOMPARABLE})


def ddl_changes(
    graph: LineageGraph, statements: Iterable[StatementChange | Definition | NotUnderstood]
) -> ChangeSet:
    """Find what statements change in a catalog.

    Parameters
    ----------
    graph : LineageGraph
        The catalog as it is before the statements.
    statements : iterable
        From `lineage.evidence.ddl`.

    Returns
    -------
    ChangeSet
        In the order of the statements; what was not understood, or not found, is a gap.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Entity
    >>> from lineage.model.snapshot import Snapshot
    >>> age = Column(name="age", fqn="db.people.age")
    >>> people = Entity(reference=Reference("table", "db.people"), columns=(age,))
    >>> graph = build_graph(Snapshot(entities=(people,)))
    >>> statement = StatementChange(action=Action.DROP, table=("People",), column=("AGE",))
    >>> [str(change) for change in ddl_changes(graph, [statement]).changes]
    ['drop column:db.people.age']
    """
    finding = _Finding(graph)
    found = [item for statement in statements for item in finding.find(statement)]
    return ChangeSet(
        tuple(item for item in found if isinstance(item, ProposedChange)),
        tuple(item for item in found if isinstance(item, Gap)),
    )


_Found = Iterator[ProposedChange | Gap]


class _Finding:
    """The tables of a catalog by their last names, and what statements have made of them so far."""

    def __init__(self, graph: LineageGraph) -> None:
        self.graph = graph
        self._new: set[tuple[Reference, str]] = set()
        self._made: set[tuple[str, ...]] = set()
        self._by_name: dict[tuple[str, str], list[Reference]] = {}
        for reference in graph.references(Kind.TABLE, Kind.DATABASE_SCHEMA, Kind.DATABASE):
            key = reference.kind, reference.name.casefold()
            self._by_name.setdefault(key, []).append(reference)

    def find(self, statement: StatementChange | Definition | NotUnderstood) -> _Found:
        """Find what one statement changes."""
        if isinstance(statement, StatementChange):
            yield from self._changed(statement)
        elif isinstance(statement, Definition):
            yield from self._defined(statement)
        else:
            yield from self._not_understood(statement)

    def _not_understood(self, statement: NotUnderstood) -> _Found:
        candidates = self._candidates(Kind.TABLE, statement.table)
        for subject in (*candidates, *(() if candidates else (None,))):
            yield _gap(GapKind.EVIDENCE_NOT_READ, subject, statement.reason, statement.written)

    def _changed(self, statement: StatementChange) -> _Found:
        table = self._table(statement.kind, statement.table)
        if isinstance(table, Reference):
            yield from self._in_table(table, statement)
        elif statement.table not in self._made:
            yield from self._not_found(statement.kind, statement.table, statement.written)

    def _in_table(self, table: Reference, statement: StatementChange) -> _Found:
        named = ".".join(statement.column)
        subject: Reference | None = table
        if statement.action == Action.ADD:
            self._new.add((table, named.casefold()))
            subject = Reference(Kind.COLUMN, fqn.join(*fqn.split(table.fqn), *statement.column))
        elif statement.column:
            subject = self._column(table, statement.column)
        if subject is not None:
            yield ProposedChange(
                action=statement.action,
                subject=subject,
                after=statement.after,
                written=statement.written,
            )
        elif (table, named.casefold()) not in self._new:
            reason = f"{table} has no column {named!r}, which is to {statement.action}"
            yield _gap(GapKind.EVIDENCE_NOT_MATCHED, table, reason, statement.written)

    # A table that is defined, which may be there already.

    def _defined(self, statement: Definition) -> _Found:
        table = self._table(Kind.TABLE, statement.table)
        if isinstance(table, Reference):
            yield from self._compared(table, statement)
            return
        if self._candidates(Kind.TABLE, statement.table):
            yield from self._not_found(Kind.TABLE, statement.table, statement.written)
        self._made.add(statement.table)

    def _compared(self, table: Reference, statement: Definition) -> _Found:
        if statement.columns is None or statement.query:
            reason = "it is defined by what was not compared with what it is now"
            yield _gap(GapKind.EVIDENCE_NOT_READ, table, reason, statement.written)
        if statement.columns is None:
            return
        defined = {column.name.casefold(): column for column in statement.columns}
        there = {part.name.casefold(): part for part in self.graph.parts(table)}
        for name, part in there.items():
            if name in defined:
                yield from self._retyped(part, defined[name])
            else:
                yield ProposedChange(action=Action.DROP, subject=part, written=statement.written)
        for name, column in defined.items():
            if name not in there:
                new = Reference(Kind.COLUMN, fqn.join(*fqn.split(table.fqn), column.name))
                yield ProposedChange(
                    action=Action.ADD, subject=new, after=column.data_type, written=column.written
                )

    def _retyped(self, part: Reference, column: DefinedColumn) -> _Found:
        """Compare a column with its definition, where the types of both are known."""
        if self.graph.parts(part):
            reason = "what is nested in it was not compared"
            yield _gap(GapKind.EVIDENCE_NOT_READ, part, reason, column.written)
        before, after = self._type(part), column.data_type
        if compare_types(before, after) in _COMPARED:
            yield ProposedChange(
                action=Action.RETYPE,
                subject=part,
                before=before,
                after=after,
                written=column.written,
            )

    def _type(self, column: Reference) -> str | None:
        value = self.graph.value(column)
        return value.data_type if isinstance(value, Column) else None

    # Names.

    def _table(self, kind: str, parts: tuple[str, ...]) -> Reference | None:
        """Find the one table that a name ends; None where it is none, or several."""
        wanted = [part.casefold() for part in parts]
        found = [
            reference
            for reference in self._candidates(kind, parts)
            if [part.casefold() for part in fqn.split(reference.fqn)][-len(wanted) :] == wanted
        ]
        return found[0] if len(found) == 1 else None

    def _candidates(self, kind: str, parts: tuple[str, ...]) -> list[Reference]:
        """List what is called so, wherever it is."""
        return self._by_name.get((kind, parts[-1].casefold()), []) if parts else []

    def _column(self, table: Reference, parts: tuple[str, ...]) -> Reference | None:
        """Find a column; a nested one by all its names, the first of which may be the table's."""
        for names in (parts, parts[1:]):
            place: Reference | None = table if names else None
            for name in names:
                inside = self.graph.parts(place) if place is not None else ()
                place = next(
                    (one for one in inside if one.name.casefold() == name.casefold()), None
                )
            if place is not None:
                return place
        return None

    def _not_found(self, kind: str, parts: tuple[str, ...], written: Written) -> _Found:
        name = ".".join(parts)
        candidates = self._candidates(kind, parts)
        for candidate in candidates:
            reason = f"{name} may be this {kind}, or another"
            yield _gap(GapKind.EVIDENCE_NOT_MATCHED, candidate, reason, written)
        if not candidates:
            reason = f"the catalog has no {kind} {name}"
            yield _gap(GapKind.EVIDENCE_NOT_MATCHED, None, reason, written)


def _gap(kind: GapKind, subject: Reference | None, reason: str, written: Written) -> Gap:
    place = f"{written}: " if written.file else ""
    return Gap(kind, subject, f"{place}{reason}")
