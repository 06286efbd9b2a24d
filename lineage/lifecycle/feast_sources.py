"""The data sources of Feast, by the names that their stores have for them."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from lineage.lifecycle.facts import DatasetName
from lineage.lifecycle.path_names import path_name
from lineage.lifecycle.protobuf import Message

__all__ = ["StoredSource", "stored_source"]


class StoredSource(NamedTuple):
    """Where the data of a source lies: in a data set, or in what a query makes.

    Attributes
    ----------
    query : str
        Empty where it is a data set of its own.
    dialect : str
        Of the query, and of the names in it.
    """

    dataset: DatasetName | None
    query: str = ""
    dialect: str = ""


class _Store(NamedTuple):
    """A kind of store: where its options stand, and the fields that its names are put of."""

    dialect: str
    options: int
    above: tuple[int, ...] = ()


_TABLE, _QUERY = 1, 2
_STORES = (
    _Store("bigquery", 12),
    _Store("redshift", 15, (4, 3)),
    _Store("snowflake", 19, (4, 3)),
    _Store("spark", 27),
    _Store("trino", 30),
    _Store("athena", 35, (4, 3)),
)
_FILE, _CUSTOM, _BATCH = 11, 16, 26
_SPARK_PATH = 3


def stored_source(source: Message) -> StoredSource:
    """Find where the data of a source lies; nowhere, where it does not say.

    Parameters
    ----------
    source : Message
        A `feast.core.DataSource`.
    """
    if _BATCH in source:  # a stream keeps its history in a source of another kind
        return stored_source(source.message(_BATCH))
    if _FILE in source:
        return StoredSource(path_name(source.message(_FILE).text(2)))
    if _CUSTOM in source:
        return _custom(source)
    for store in _STORES:
        if store.options in source:
            return _named(source.message(store.options), store)
    return StoredSource(None)


def _named(options: Message, store: _Store) -> StoredSource:
    if options.text(_QUERY):
        return StoredSource(None, options.text(_QUERY), store.dialect)
    if options.text(_TABLE):
        parts = [options.text(field) for field in store.above] + [options.text(_TABLE)]
        return StoredSource(DatasetName(store.dialect, ".".join(filter(None, parts))))
    if store.dialect == "spark" and options.text(_SPARK_PATH):
        return StoredSource(path_name(options.text(_SPARK_PATH)))
    return StoredSource(None)


def _custom(source: Message) -> StoredSource:
    """Read the sources that Feast's contributors added, which keep their options as JSON."""
    try:
        options = json.loads(source.message(_CUSTOM).content(1))
    except ValueError:
        return StoredSource(None)
    dialect = _dialect(source.text(17))
    if not isinstance(options, Mapping):
        return StoredSource(None)
    query, table = options.get("query"), options.get("table")
    if isinstance(query, str) and query:
        return StoredSource(None, query, dialect)
    if isinstance(table, str) and table:
        return StoredSource(DatasetName(dialect, table))
    return StoredSource(None)


def _dialect(class_name: str) -> str:
    """Name the dialect of a source by its class.

    Examples
    --------
    >>> _dialect("feast.infra.offline_stores.contrib.postgres_source.PostgreSQLSource")
    'postgres'
    """
    known = ("postgres", "clickhouse", "mssql", "mysql", "duckdb", "oracle")
    name = next((item for item in known if item in class_name.casefold()), "custom")
    return {"mssql": "tsql"}.get(name, name)
