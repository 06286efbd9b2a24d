"""What the SQL on a catalog's edges tells of columns; nothing is believed that is not certain.

Importing this takes sqlglot, which is slow to load.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from lineage.evidence.column_names import ColumnNames
from lineage.evidence.evidence_body import EvidenceFinding, EvidenceKind, Told
from lineage.evidence.name_suffixes import Endings, split
from lineage.evidence.sql_reading import (
    NotRead,
    Output,
    SqlReading,
    TableColumn,
    TableName,
    read_sql,
)
from lineage.model.edges import ColumnEdge, Edge, Evidence, Influence, Origin
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot

__all__ = ["TOLD_BY", "tell_sql"]

TOLD_BY = "the SQL of the edge"
"""What tells of a mapping that was parsed."""

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


def tell_sql(snapshot: Snapshot) -> Told:
    """Read the SQL on every recorded edge that has any.

    The dialect is that of the service of what the edge fills, else of what feeds it.

    Parameters
    ----------
    snapshot : Snapshot
        The catalog; it is not changed.

    Returns
    -------
    Told
        Not witnessed: it completes what is recorded, and finds what disagrees.

    Examples
    --------
    >>> from lineage.model.entities import Column
    >>> one, two = (
    ...     Reference("table", "pg.shop.public.one"),
    ...     Reference("table", "pg.shop.public.two"),
    ... )
    >>> mail = Column(name="mail", fqn=f"{one.fqn}.mail")
    >>> key = Column(name="key", fqn=f"{two.fqn}.key")
    >>> tables = Entity(reference=one, columns=(mail,)), Entity(reference=two, columns=(key,))
    >>> sql = Evidence(sql="insert into two select md5(mail) from one")
    >>> edge = Edge(upstream=one, downstream=two, evidence=sql)
    >>> (told,) = tell_sql(Snapshot(entities=tables, edges=(edge,))).edges
    >>> told.column_edges[0].function
    'MD5(mail)'
    """
    telling = _Telling(snapshot)
    for edge in snapshot.edges:
        if edge.evidence.sql and edge.evidence.origin == Origin.RECORDED:
            telling.tell(edge, edge.evidence.sql)
    return Told(
        edges=tuple(telling.edges()),
        described=frozenset(telling.described),
        read_whole=frozenset(telling.read_whole),
        witnessed=False,
        findings=tuple(sorted(telling.findings)),
    )


_How = tuple[str, Influence | None, str | None]
"""What a mapping leads to, how it influences, its function."""


@dataclass(slots=True)
class _Telling:
    """What has been told so far; each text is read once for each table it fills."""

    snapshot: Snapshot
    findings: set[EvidenceFinding] = field(default_factory=set)
    described: set[tuple[Reference, str]] = field(default_factory=set)
    read_whole: set[tuple[Reference, Reference, str]] = field(default_factory=set)
    entities: dict[Reference, Entity] = field(init=False)
    columns: ColumnNames = field(init=False)
    endings: Endings = field(init=False)
    readings: dict[tuple[str, str, Reference], SqlReading | NotRead] = field(default_factory=dict)
    mappings: dict[tuple[Reference, Reference], dict[_How, list[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def __post_init__(self) -> None:
        self.entities = {entity.reference: entity for entity in self.snapshot.entities}
        self.columns = ColumnNames(self.snapshot.entities)
        self.endings = Endings(self.snapshot.entities, shortest=1)

    def tell(self, edge: Edge, sql: str) -> None:
        """Add what the SQL of one edge tells of what is upstream."""
        reading = self._reading(sql, edge)
        if isinstance(reading, NotRead):
            self._find(EvidenceKind.UNREADABLE, edge, f"its SQL is not read: {reading}")
            return
        mentioned = reading.tables
        if edge.upstream not in {self._table(table, edge.downstream) for table in mentioned}:
            reason = f"its SQL takes no column from {edge.upstream.fqn}"
            self._find(EvidenceKind.DISAGREES, edge, reason)
            return
        fits = [self._add_output(edge, output) for output in reading.outputs]
        fits += [
            self._add(edge, (edge.downstream.fqn, influence, None), column)
            for influence, column in reading.rows
        ]
        is_clear = not any(self._is_ambiguous(table, edge.downstream) for table in mentioned)
        if is_clear and all(fits):
            self.read_whole.add((edge.upstream, edge.downstream, sql))

    def _add_output(self, edge: Edge, output: Output) -> bool:
        """Add what fills one column; tell whether all of it fits the catalog."""
        target = self._filled(edge.downstream, output.name)
        if target is None:
            reason = f"its SQL fills column {output.name}, which {edge.downstream.fqn} lacks"
            self._find(EvidenceKind.DISAGREES, edge, reason)
            return False
        self.described.add((edge.downstream, target))
        hows: list[tuple[_How, TableColumn]]
        hows = [((target, None, output.function), column) for column in output.values]
        hows += [((target, influence, None), column) for influence, column in output.influences]
        fits = [self._add(edge, how, column) for how, column in hows]
        return all(fits)

    def _add(self, edge: Edge, how: _How, column: TableColumn) -> bool:
        """Add one column's part in a mapping, where it is one of what is upstream."""
        if self._table(column.table, edge.downstream) != edge.upstream:
            return True
        found = self._known(edge.upstream, column.column)
        if found is None:
            reason = f"its SQL takes column {column.column}, which {edge.upstream.fqn} lacks"
            self._find(EvidenceKind.DISAGREES, edge, reason)
            return False
        self.mappings[edge.upstream, edge.downstream][how].append(found)
        return True

    def _known(self, entity: Reference, path: str) -> str | None:
        """Find a column; a field that is not known to be nested stands for what it is in."""
        found = self.columns.known(entity, path)
        while found is None and "." in path:
            path = path.rpartition(".")[0]
            found = self.columns.known(entity, path)
        return found

    def _filled(self, entity: Reference, name: str | int) -> str | None:
        """Find the column that an output fills: by name, or by its place where only that counts."""
        if isinstance(name, str):
            return self.columns.known(entity, name)
        columns = self.entities[entity].columns if entity in self.entities else ()
        return columns[name].fqn if name < len(columns) else None

    def _reading(self, sql: str, edge: Edge) -> SqlReading | NotRead:
        dialect = self._dialect(edge.downstream) or self._dialect(edge.upstream) or ""
        key = sql, dialect, edge.downstream
        if key not in self.readings:
            try:
                self.readings[key] = read_sql(
                    sql,
                    target=tuple(split(edge.downstream.fqn)),
                    dialect=dialect,
                    columns_of=lambda table: self._columns_of(table, edge.downstream),
                )
            except NotRead as reason:
                self.readings[key] = reason
        return self.readings[key]

    def _dialect(self, reference: Reference) -> str | None:
        entity = self.entities.get(reference)
        kind = None if entity is None else entity.service_type
        return None if kind is None else _DIALECTS.get(kind.casefold())

    def _columns_of(self, table: TableName, near: Reference) -> tuple[str, ...]:
        found = self._table(table, near)
        return () if found is None else tuple(item.name for item in self.entities[found].columns)

    def _table(self, table: TableName, near: Reference) -> Reference | None:
        """Find the entity a table is: the one whose name has most in common with what is filled."""
        found = self.endings.find(table)
        if len(found) < 2:
            return next(iter(found), None)
        shared = {reference: _shared(reference, near) for reference in found}
        nearest = [item for item in found if shared[item] == max(shared.values())]
        return nearest[0] if len(nearest) == 1 else None

    def _is_ambiguous(self, table: TableName, near: Reference) -> bool:
        return bool(self.endings.find(table)) and self._table(table, near) is None

    def edges(self) -> Iterator[Edge]:
        """Make an edge for each pair of entities, with a mapping for each way of leading on."""
        for (upstream, downstream), hows in sorted(self.mappings.items()):
            mappings = [
                ColumnEdge(
                    upstream=tuple(dict.fromkeys(columns)),
                    downstream=target,
                    function=function,
                    influence=influence,
                    evidence_source=TOLD_BY,
                )
                for (target, influence, function), columns in hows.items()
            ]
            yield Edge(
                upstream=upstream,
                downstream=downstream,
                column_edges=tuple(mappings),
                evidence=Evidence(origin=Origin.RECORDED),
            )

    def _find(self, kind: EvidenceKind, edge: Edge, reason: str) -> None:
        subject = f"{edge.upstream} → {edge.downstream}"
        self.findings.add(EvidenceFinding(kind, subject, reason))


def _shared(reference: Reference, near: Reference) -> int:
    """Count the first parts that two names have in common."""
    pairs = zip(split(reference.fqn), split(near.fqn), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
