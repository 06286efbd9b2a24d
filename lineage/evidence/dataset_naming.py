"""How OpenLineage's naming conventions spell the names of tables, topics and files.

A namespace names the store, and by it how names are made up: `table/shop/people` in AWS Glue is
table `people` of database `shop`, `raw/people` in a bucket is a path, and the name of a topic is
one word whatever dots are in it.
"""

import re
from itertools import pairwise
from typing import NamedTuple

from lineage.evidence.openlineage_event import DatasetName
from lineage.model.reference import Kind

__all__ = ["Naming", "find_naming", "split_name"]

_BUCKETS = frozenset({"abfs", "abfss", "adl", "gs", "oss", "s3", "s3a", "s3n", "wasb", "wasbs"})
_FILES = frozenset({"dbfs", "file", "hdfs", "maprfs", "viewfs"})
_TOPICS = frozenset({"eventhubs", "kafka", "kinesis", "pubsub", "pulsar", "rabbitmq"})
_PREFIXED = {"arn:aws:glue": "table", "azurecosmos": "colls"}
"""Stores whose names begin with the word for a table."""

_PART = re.compile(r'"((?:[^"]|"")+)"|`([^`]+)`|\[([^\]]+)\]|([^."`\[\]]+)')
_HIVE_DATABASE = re.compile(r"(.+)\.db", re.IGNORECASE)
"""The folder of a database in a Hive warehouse."""


class Naming(NamedTuple):
    """What an entity may be called that a dataset is.

    Attributes
    ----------
    spellings : tuple of tuple of str
        The last parts of its fully qualified name, bare; the one that says most first.
    kinds : frozenset of str
        The kinds it can be of; empty for any.
    store : str
        What kind of store its namespace names, in small letters.
    """

    spellings: tuple[tuple[str, ...], ...]
    kinds: frozenset[str] = frozenset()
    store: str = ""


def find_naming(dataset: DatasetName) -> Naming:
    """Take a dataset's names apart as its store makes them up.

    Examples
    --------
    >>> find_naming(DatasetName("arn:aws:glue:eu-west-1:1234", "table/shop/people")).spellings
    (('shop', 'people'),)
    >>> find_naming(DatasetName("s3://lake", "/raw/people")).spellings
    (('lake', 'raw/people'), ('lake', 'raw', 'people'), ('raw', 'people'))
    >>> find_naming(DatasetName("kafka://broker:9092", "shop.orders")).spellings
    (('shop.orders',),)
    >>> find_naming(DatasetName("mssql://db:1433", "[shop].[dbo].[people]")).spellings
    (('shop', 'dbo', 'people'),)
    """
    store, authority, path = _namespace(dataset.namespace)
    if store in _TOPICS:
        is_full = dataset.name.startswith("topic:")  # as Pub/Sub names it, with its project
        topic = dataset.name.rpartition(":")[2] if is_full else dataset.name
        return Naming(((topic.strip("/"),),), frozenset({Kind.TOPIC}), store)
    if store in _BUCKETS or store in _FILES:
        bucket = authority.partition("@")[0] if store in _BUCKETS else ""
        return Naming(tuple(_path_spellings(bucket, dataset.name)), store=store)
    prefix = _PREFIXED.get("arn:aws:glue" if store == "arn" else store)
    parts = split_name(dataset.name)
    if prefix is not None and parts[:1] == (prefix,):
        parts = parts[1:]
    above = tuple(piece for piece in path if piece != "dbs")
    spellings = ((*above, *parts), parts) if above and parts else (parts,)
    return Naming(tuple(spelling for spelling in spellings if spelling), store=store)


def split_name(name: str) -> tuple[str, ...]:
    """Split a name at its dots, or its slashes where it has any; none where it cannot be split.

    Examples
    --------
    >>> split_name('shop."odd.name".`t`'), split_name("shop/people"), split_name("..")
    (('shop', 'odd.name', 't'), ('shop', 'people'), ())
    """
    if "/" in name:
        return tuple(piece for piece in name.split("/") if piece)
    parts, position = [], 0
    while (found := _PART.match(name, position)) is not None:
        parts.append(next(group for group in found.groups() if group).replace('""', '"'))
        if found.end() == len(name):
            return tuple(parts)
        if name[found.end()] != ".":
            break
        position = found.end() + 1
    return ()


def _namespace(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Split a namespace into its store, where that is, and what of a name it holds itself."""
    store, _, rest = text.partition(":")
    authority, *path = rest.removeprefix("//").split("/")
    return store.lower(), authority, tuple(piece for piece in path if piece)


def _path_spellings(bucket: str, path: str) -> list[tuple[str, ...]]:
    pieces = tuple(piece for piece in path.split("/") if piece and piece != "*")
    spellings = [(bucket, "/".join(pieces)), (bucket, *pieces)] if bucket and pieces else []
    if pieces:
        spellings.append(pieces)
    for above, below in pairwise(pieces):
        database = _HIVE_DATABASE.fullmatch(above)
        if database and below == pieces[-1]:
            spellings.append((database[1], below))
    return list(dict.fromkeys(spellings))
