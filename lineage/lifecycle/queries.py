"""Queries: the flows of data that the SQL text of a system describes."""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from lineage.errors import LineageError
from lineage.lifecycle.facts import DatasetName, FlowFact, MappingFact
from lineage.model.declaration import FactOrigin
from lineage.model.edges import Influence

if TYPE_CHECKING:
    from lineage.evidence.sql_reading import SqlReading, TableColumn, TableName

__all__ = ["QueryNotRead", "query_flows"]

_How = tuple[str, Influence | None, str | None]
"""The column that is filled, how it is influenced, and the function."""


class QueryNotRead(LineageError):  # noqa: N818  # a name that is a sentence needs no suffix
    """A query that could not be read for certain, with the reason."""


def query_flows(
    text: str,
    *,
    target: DatasetName,
    dataset_of: Callable[["TableName"], DatasetName],
    columns_of: Callable[[DatasetName], tuple[str, ...]] = lambda _: (),
    dialect: str = "",
) -> tuple[FlowFact, ...]:
    """Read which columns of which tables a query makes its result of.

    Parameters
    ----------
    text : str
        The query.
    target : DatasetName
        What its result is.
    dataset_of : callable
        Gives the data set that a table's name, in small letters, means.
    columns_of : callable
        Gives the columns of a data set; none where they are not known.
    dialect : str
        As sqlglot calls it.

    Returns
    -------
    tuple of FlowFact
        One for each table; sorted. Of a table that only gives rows, no columns are known.

    Raises
    ------
    QueryNotRead
        It is not certain what the query does.

    Examples
    --------
    >>> flows = query_flows(
    ...     "select lower(email) as mail from crm.people where age > 17",
    ...     target=DatasetName("feast", "people"),
    ...     dataset_of=lambda table: DatasetName("pg", ".".join(table)),
    ... )
    >>> [(mapping.upstream, mapping.column, mapping.function) for mapping in flows[0].mappings]
    [(('email',), 'mail', 'LOWER(email)'), (('age',), '', None)]
    """
    reading = _read(text, target.name, dialect, lambda table: columns_of(dataset_of(table)))
    found: dict[DatasetName, dict[_How, dict[str, None]]] = defaultdict(dict)

    def add(column: "TableColumn", how: _How) -> None:
        found[dataset_of(column.table)].setdefault(how, {})[column.column] = None

    for table in reading.tables:
        found[dataset_of(table)]  # of a table whose rows are counted no column is named
    filled = columns_of(target)
    for output in reading.outputs:
        name = output.name if isinstance(output.name, str) else _at(filled, output.name)
        for column in output.values:
            add(column, (name, None, output.function))
        for influence, column in output.influences:
            add(column, (name, influence, None))
    for influence, column in reading.rows:
        add(column, ("", influence, None))
    return tuple(
        FlowFact(
            upstream=dataset,
            downstream=target,
            origin=FactOrigin.COMPUTED,
            mappings=tuple(
                MappingFact(tuple(columns), name, function, influence)
                for (name, influence, function), columns in hows.items()
            ),
            influences_known=True,
            sql=text,
        )
        for dataset, hows in sorted(found.items())
    )


def _read(
    text: str,
    target: str,
    dialect: str,
    columns_of: "Callable[[TableName], tuple[str, ...]]",
) -> "SqlReading":
    """Read a text by the SQL reader, which is slow to load."""
    from lineage.evidence.sql_reading import NotRead, read_sql  # noqa: PLC0415  # sqlglot

    try:
        return read_sql(text, target=target, dialect=dialect, columns_of=columns_of)
    except NotRead as reason:
        raise QueryNotRead(str(reason)) from None


def _at(columns: tuple[str, ...], place: int) -> str:
    if place < len(columns):
        return columns[place]
    message = f"what it fills at place {place + 1} has no name"
    raise QueryNotRead(message)
