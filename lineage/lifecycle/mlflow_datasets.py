"""The data sets that MLflow's runs log, by the names that their stores have for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lineage.lifecycle.facts import (
    ColumnFact,
    DatasetFact,
    DatasetName,
    FactGap,
    FlowFact,
)
from lineage.lifecycle.mlflow_api import Record, inner, pairs
from lineage.lifecycle.path_names import path_name
from lineage.lifecycle.queries import QueryNotRead, query_flows
from lineage.model.snapshot import GapKind

__all__ = ["LoggedDataset", "column_facts", "logged_datasets"]

_CONTEXT = "mlflow.data.context"
_NOT_TRAINING = frozenset({"eval", "evaluation", "test", "testing", "validation", "valid", "val"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDataset:
    """Data that a run was trained on.

    Attributes
    ----------
    fact : DatasetFact
        Its name and columns.
    flows : tuple of FlowFact
        Where it is a query: what that is made of.
    gap : FactGap or None
        What is not known of where it comes from.
    """

    fact: DatasetFact
    flows: tuple[FlowFact, ...] = ()
    gap: FactGap | None = None


def logged_datasets(run: Record, system: str) -> Iterator[LoggedDataset]:
    """Go through what a run was trained on; what it was only evaluated on is left out.

    Parameters
    ----------
    run : dict
        As MLflow's REST interface gives it.
    system : str
        What to call the server.
    """
    for item in (run.get("inputs") or {}).get("dataset_inputs") or ():
        context = pairs(item.get("tags")).get(_CONTEXT, "")
        if context.lower() not in _NOT_TRAINING:
            yield _logged(item["dataset"], system)


def _logged(dataset: Record, system: str) -> LoggedDataset:
    source = inner(dataset.get("source"))
    source = source if isinstance(source, dict) else {}
    columns = tuple(column_facts((inner(dataset.get("schema")) or {}).get("mlflow_colspec")))
    own = DatasetName(system, f"{dataset['name']}@{dataset.get('digest')}")
    if isinstance(source.get("sql"), str):
        return _query(own, columns, source["sql"])
    named = _named(dataset.get("source_type", ""), source)
    if named is not None:
        return LoggedDataset(fact=DatasetFact(dataset=named, columns=columns))
    reason = f"data set {dataset['name']!r} was logged without a source: nothing says what it is"
    gap = FactGap(kind=GapKind.ENTITY_NOT_FOUND, about=own, reason=reason)
    return LoggedDataset(fact=DatasetFact(dataset=own, columns=columns), gap=gap)


def _query(own: DatasetName, columns: tuple[ColumnFact, ...], sql: str) -> LoggedDataset:
    fact = DatasetFact(dataset=own, columns=columns)
    try:
        flows = query_flows(
            sql,
            target=own,
            dataset_of=lambda table: DatasetName("spark", ".".join(table)),
            dialect="spark",
        )
    except QueryNotRead as error:
        reason = f"its query is not read: {error}"
        gap = FactGap(kind=GapKind.EVIDENCE_NOT_READ, about=own, reason=reason)
        return LoggedDataset(fact=fact, gap=gap)
    return LoggedDataset(fact=fact, flows=flows)


def _named(kind: str, source: dict[str, Any]) -> DatasetName | None:
    """Name a data set by what its kind of source holds."""
    table = source.get("delta_table_name") or source.get("table_name")
    if table:
        return DatasetName("delta" if kind == "delta_table" else "spark", str(table))
    if kind == "hugging_face":
        return DatasetName("hugging_face", str(source.get("path")))
    place = source.get("uri") or source.get("url") or source.get("path")
    if not place:
        return None
    return path_name(str(place), store=kind if kind != "local" else "file")


def column_facts(colspec: object) -> Iterator[ColumnFact]:
    """Read the columns of a schema or signature; what has no name is left out.

    Examples
    --------
    >>> list(column_facts([{"type": "long", "name": "age"}, {"type": "double"}]))
    [ColumnFact(name='age', data_type='long', description=None, tags=(), tests=())]
    """
    for item in colspec if isinstance(colspec, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            kind = item.get("type")
            yield ColumnFact(name=item["name"], data_type=kind if isinstance(kind, str) else None)
