"""What SQL says of the entities of a catalog; what it names and the catalog lacks is a gap.

Importing this takes sqlglot, which is slow to load.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import takewhile

from sqlglot import exp, parse
from sqlglot.dialects.dialect import Dialects
from sqlglot.errors import SqlglotError

from lineage.evidence.column_names import ColumnNames
from lineage.evidence.evidence_body import Flow, as_known, gather_gaps, part_of
from lineage.evidence.name_suffixes import NameSuffixes, split
from lineage.evidence.sql_reading import NotRead, SqlReading, TableColumn, TableName, read_sql
from lineage.model.edges import Influence
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot

__all__ = ["SqlFacts", "SqlReader", "Statements"]

_WRITING = (exp.Create, exp.DML, exp.Into)

SqlReader = Callable[..., SqlReading]
"""Reads a text as `read_sql` does, or gives what was read before."""

_DIALECTS = {
    "athena": "athena",
    "azuresql": "tsql",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "cockroach": "postgres",
    "databricks": "databricks",
    "deltalake": "spark",
    "doris": "doris",
    "dremio": "dremio",
    "druid": "druid",
    "exasol": "exasol",
    "glue": "athena",
    "greenplum": "postgres",
    "hive": "hive",
    "impala": "hive",
    "mariadb": "mysql",
    "mssql": "tsql",
    "mysql": "mysql",
    "oracle": "oracle",
    "postgres": "postgres",
    "presto": "presto",
    "redshift": "redshift",
    "singlestore": "mysql",
    "snowflake": "snowflake",
    "sqlite": "sqlite",
    "starrocks": "starrocks",
    "synapse": "tsql",
    "teradata": "teradata",
    "timescale": "postgres",
    "trino": "trino",
    "unitycatalog": "databricks",
}
"""sqlglot's dialects by OpenMetadata's types of services, in small letters."""


@dataclass(frozen=True, slots=True)
class SqlFacts:
    """What one text says of how one entity is filled.

    Attributes
    ----------
    flows : dict of Reference to frozenset of Flow
        For every entity that is read from, what flows: from all of it to all that is filled
        where its rows only count.
    described : frozenset of str
        The columns that are filled.
    counted : frozenset of Reference
        The entities whose rows something filled depends on, while no column of theirs says so: it
        is a number of rows, or the same in each.
    gaps : frozenset of Gap
        What was not read, and what is named and not in the catalog.
    """

    flows: dict[Reference, frozenset[Flow]] = field(default_factory=dict)
    described: frozenset[str] = frozenset()
    counted: frozenset[Reference] = frozenset()
    gaps: frozenset[Gap] = frozenset()

    @property
    def is_clear(self) -> bool:
        """Whether it was read, and all that it names is in the catalog."""
        return not self.gaps


class Statements:
    """SQL read for the entities of one catalog, each text once for each entity it fills.

    Parameters
    ----------
    snapshot : Snapshot
    read : callable
        Reads a text; see `read_sql`.
    """

    def __init__(self, snapshot: Snapshot, read: SqlReader = read_sql) -> None:
        self._read = read
        self._entities = {entity.reference: entity for entity in snapshot.entities}
        self._columns = ColumnNames(snapshot.entities)
        self._suffixes = NameSuffixes(snapshot.entities)
        self._feeding: dict[Reference, set[Reference]] = {}
        for edge in snapshot.edges:
            self._feeding.setdefault(edge.downstream, set()).add(edge.upstream)
        self._known: dict[tuple[object, ...], SqlFacts] = {}

    def facts(
        self,
        sql: str,
        downstream: Reference,
        *,
        upstream: Collection[Reference] = (),
        dialect: str | None = None,
    ) -> SqlFacts:
        """Find out what a text says of how an entity is filled.

        Parameters
        ----------
        upstream : collection of Reference
            What else is known to feed it: a table that may be one of several is this one.
        dialect : str, optional
            As sqlglot calls it; that of the entity's service, or of what feeds it, unless given.
        """
        near = frozenset(upstream)
        key = sql, downstream, near, dialect
        if key not in self._known:
            self._known[key] = self._facts(sql, downstream, near, dialect)
        return self._known[key]

    @staticmethod
    def fills_nothing(sql: str, *, dialect: str | None = None) -> bool:
        """Whether a text is made of queries alone, so that it fills no table.

        A function that nobody knows may change one.

        Examples
        --------
        >>> Statements.fills_nothing("select count(*) from people")
        True
        >>> Statements.fills_nothing("insert into u select 1")
        False
        """
        try:
            statements = parse(sql, dialect=_spoken(dialect))
        except (SqlglotError, RecursionError):
            return False
        found = [statement for statement in statements if statement is not None]
        may_change = (*_WRITING, exp.Anonymous)
        return all(isinstance(item, exp.Query) and not item.find(*may_change) for item in found)

    def _facts(
        self, sql: str, downstream: Reference, near: frozenset[Reference], dialect: str | None
    ) -> SqlFacts:
        tables = _Tables(self._suffixes, downstream, near | self._feeding.get(downstream, set()))
        spoken = _spoken(dialect) or self._dialect(downstream, *sorted(near))
        try:
            reading = self._read(
                sql,
                target=tuple(split(downstream.fqn)),
                dialect=spoken,
                columns_of=lambda table: self._columns_of(tables.find(table)),
            )
        except NotRead as reason:
            message = f"the SQL that fills it is not read: {reason}"
            return SqlFacts(gaps=frozenset({Gap(GapKind.EVIDENCE_NOT_READ, downstream, message)}))
        return _Placing(reading, downstream, tables, self._columns, self._entities).facts()

    def _dialect(self, *references: Reference) -> str:
        kinds = (self._entities[item].service_type for item in references if item in self._entities)
        found = (_DIALECTS.get(kind.casefold()) for kind in kinds if kind)
        return next((dialect for dialect in found if dialect), "")

    def _columns_of(self, found: frozenset[Reference]) -> tuple[str, ...]:
        if len(found) != 1:
            return ()
        return tuple(item.name for item in self._entities[next(iter(found))].columns)


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables that names stand for where one entity is filled."""

    suffixes: NameSuffixes
    downstream: Reference
    feeding: frozenset[Reference]

    def find(self, table: TableName) -> frozenset[Reference]:
        """Return what a table may be: those whose names have most in common with what is filled.

        Of several equally near ones, those that are known to feed it.
        """
        found = self.suffixes.find(table)
        shared = {reference: _shared(reference, self.downstream) for reference in found}
        nearest = {item for item in found if shared[item] == max(shared.values())}
        return frozenset(nearest & self.feeding or nearest)


@dataclass(slots=True)
class _Placing:
    """One reading, its tables and columns being found in the catalog."""

    reading: SqlReading
    downstream: Reference
    tables: _Tables
    columns: ColumnNames
    entities: dict[Reference, Entity]
    flows: dict[Reference, set[Flow]] = field(default_factory=dict)
    described: set[str] = field(default_factory=set)
    gaps: set[Gap] = field(default_factory=set)

    def facts(self) -> SqlFacts:
        giving = {column.table for output in self.reading.outputs for column in output.values}
        for table in sorted(self.reading.tables - giving):
            self._upstream(table, self.downstream)
        for output in self.reading.outputs:
            target = self._target(output.name)
            if target is not None:
                self.described.add(target)
                self._add(target, None, output.values, output.function)
                for influence, column in output.influences:
                    self._add(target, influence, (column,))
        for influence, column in self.reading.rows:
            self._add(self.downstream.fqn, influence, (column,))
        flows = {entity: self._flows(entity) for entity in self.flows}
        columns = self.columns.undescribed(self.downstream, ())
        gaps = gather_gaps(self.gaps, self.downstream, columns)
        counted = frozenset(filter(self._is_counted, flows))
        return SqlFacts(flows, frozenset(self.described), counted, frozenset(gaps))

    def _is_counted(self, entity: Reference) -> bool:
        """Whether no column of an entity leads to something filled, though its rows do."""
        reached = {flow.target for flow in self.flows[entity]}
        return self.downstream.fqn not in reached and not self.described <= reached

    def _flows(self, entity: Reference) -> frozenset[Flow]:
        """Return what flows from an entity; its rows count where no column of it does."""
        counted = set() if entity == self.downstream else {Flow(entity.fqn, self.downstream.fqn)}
        return frozenset(self.flows[entity] or counted)

    def _add(
        self,
        target: str,
        influence: Influence | None,
        columns: Iterable[TableColumn],
        function: str | None = None,
    ) -> None:
        """Add what gives one column its value, or influences it or all rows."""
        place = part_of(self.downstream, target)
        for column in columns:
            upstream = self._upstream(column.table, place)
            if upstream is None:
                continue
            source = self.columns.find(upstream, column.column)
            if source is None:
                self._miss(place, f"column {column.column} of {upstream.fqn}")
            elif source != target:  # a row that stays as it is says nothing
                flow = Flow(source, target, influence, None, function)
                self.flows[upstream].add(as_known(upstream, self.downstream, flow))

    def _upstream(self, table: TableName, place: Reference) -> Reference | None:
        found = self.tables.find(table)
        if len(found) != 1:
            name = ".".join(table)
            several = f", which may be {' or '.join(sorted(map(str, found)))}" if found else ""
            self._miss(place, f"{name}{several}")
            return None
        (entity,) = found
        self.flows.setdefault(entity, set())
        return entity

    def _target(self, name: str | int) -> str | None:
        """Find the column that an output fills: by name, or by its place where that counts."""
        entity = self.entities.get(self.downstream)
        columns = () if entity is None else entity.columns
        if isinstance(name, int) and columns:
            found = columns[name].fqn if name < len(columns) else None
        else:
            found = self.columns.find(self.downstream, str(name))
        if found is None:
            said = f"column {name}" if isinstance(name, str) else f"a column {name + 1}"
            reason = f"the SQL that fills it fills {said}, which it lacks"
            gap = Gap(GapKind.EVIDENCE_NOT_MATCHED, self.downstream, reason, unmapped_only=True)
            self.gaps.add(gap)
        return found

    def _miss(self, place: Reference, what: str) -> None:
        catalog = "" if ", which may be" in what else ", which is not in the catalog"
        reason = f"the SQL that fills it takes {what}{catalog}"
        self.gaps.add(Gap(GapKind.EVIDENCE_NOT_MATCHED, place, reason))


def _spoken(dialect: str | None) -> str | None:
    """Return sqlglot's name for a dialect; None where it knows none such."""
    name = (dialect or "").casefold()
    known = _DIALECTS.get(name, name)
    return known if known and known in set(Dialects) else None


def _shared(reference: Reference, near: Reference) -> int:
    """Count the first parts that two names have in common."""
    pairs = zip(split(reference.fqn), split(near.fqn), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
