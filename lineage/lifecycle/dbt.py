"""dbt: the tables of a project, the SQL that makes each, and who uses them, of its `target/`.

Manifests of version 4 (dbt 1.0) to 12 are read, with the catalog that `dbt docs generate` writes
beside them. A model that was not compiled, or whose SQL is not understood, is connected to all
that it depends on, table by table.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from lineage.errors import BrokenFile
from lineage.files.document_file import parse_content
from lineage.files.text_file import read_text
from lineage.lifecycle.facts import (
    ColumnFact,
    DatasetFact,
    DatasetName,
    FactGap,
    Facts,
    FlowFact,
    InputFact,
    ModelFact,
)
from lineage.lifecycle.queries import QueryNotRead, query_flows
from lineage.model.declaration import FactOrigin
from lineage.model.reference import Kind
from lineage.model.snapshot import GapKind

__all__ = ["read_dbt"]

_VERSIONS = range(4, 13)
_TABLES = frozenset({"model", "seed", "snapshot", "source"})
_DIALECTS = {"athena": "athena", "sqlserver": "tsql", "fabric": "tsql", "synapse": "tsql"}
"""sqlglot's dialects, where dbt calls its adapters otherwise."""

_Node = dict[str, Any]


def read_dbt(target: str | os.PathLike[str]) -> Facts:
    """Read what dbt compiled.

    Parameters
    ----------
    target : path
        The folder `target/` of a project, or its `manifest.json`.

    Returns
    -------
    Facts
        Data sets are named as the warehouse does: `database.schema.table`, in a namespace called
        after dbt's adapter. Exposures of type `ml` are models, all others are dashboards.

    Raises
    ------
    BrokenFile
        There is no manifest, or it is of a version that is not read.

    Examples
    --------
    >>> read_dbt("no/such")
    Traceback (most recent call last):
    lineage.errors.BrokenFile: no/such/manifest.json: cannot be read: No such file or directory
    """
    path = Path(target)
    manifest_path = path if path.suffix == ".json" else path / "manifest.json"
    manifest = _load(manifest_path)
    _check_version(manifest_path, manifest)
    catalog_path = manifest_path.with_name("catalog.json")
    catalog = _load(catalog_path) if catalog_path.is_file() else {}
    return _Project(f"dbt:{target}", manifest, catalog).facts()


def _load(path: Path) -> dict[str, Any]:
    content = parse_content(read_text(path), name=str(path))
    if not isinstance(content, dict) or not isinstance(content.get("metadata"), dict):
        raise BrokenFile(str(path), "is JSON, but dbt did not write it: it has no `metadata`")
    return content


def _check_version(path: Path, manifest: dict[str, Any]) -> None:
    schema = str(manifest["metadata"].get("dbt_schema_version"))
    number = schema.rpartition("/v")[2].removesuffix(".json")
    if "/manifest/" not in schema or not number.isdigit() or int(number) not in _VERSIONS:
        wanted = f"{_VERSIONS.start} to {_VERSIONS.stop - 1}"
        raise BrokenFile(str(path), f"is {schema}; this library reads manifests {wanted}")


@dataclass(slots=True)
class _Gathered:
    """Flows, and what could not be read, as they are met."""

    flows: list[FlowFact] = field(default_factory=list)
    gaps: list[FactGap] = field(default_factory=list)


class _Project:
    """One manifest with its catalog."""

    def __init__(self, system: str, manifest: dict[str, Any], catalog: dict[str, Any]) -> None:
        self.system, self.manifest = system, manifest
        self.described = {**catalog.get("nodes", {}), **catalog.get("sources", {})}
        self.adapter = str(manifest["metadata"].get("adapter_type") or "dbt")
        nodes = {**manifest.get("nodes", {}), **manifest.get("sources", {})}
        self.nodes: dict[str, _Node] = {
            name: node for name, node in nodes.items() if node.get("resource_type") in _TABLES
        }
        self.tests = [
            node
            for node in manifest.get("nodes", {}).values()
            if node.get("resource_type") == "test"
        ]

    def facts(self) -> Facts:
        """Gather everything."""
        gathered = _Gathered()
        for name in sorted(self.nodes):
            self._make(name, gathered)
        exposures = sorted(self.manifest.get("exposures", {}).values(), key=_name)
        shown = [item for item in exposures if item.get("type") != "ml"]
        datasets = [self._dataset(name) for name in sorted(self.nodes)]
        return Facts(
            system=self.system,
            models=tuple(self._model(item) for item in exposures if item.get("type") == "ml"),
            datasets=(*datasets, *map(_dashboard, shown)),
            flows=(*gathered.flows, *(flow for item in shown for flow in self._uses(item))),
            gaps=tuple(gathered.gaps),
        )

    def _make(self, name: str, gathered: _Gathered) -> None:
        """Add how one model or snapshot is made."""
        node = self.nodes[name]
        needed = [self.names[item] for item in _needed(node) if item in self.names]
        try:
            flows = self._sql_flows(node) if needed else ()
        except QueryNotRead as reason:
            flows = ()
            why = f"the SQL of {node['name']} is not read: {reason}"
            gathered.gaps.append(
                FactGap(kind=GapKind.INFLUENCE_UNKNOWN, about=self.names[name], reason=why)
            )
        gathered.flows += flows
        found = {flow.upstream for flow in flows}
        gathered.flows += [
            FlowFact(upstream=item, downstream=self.names[name], origin=FactOrigin.COMPUTED)
            for item in needed
            if item not in found and not self._is_passed(item, found)
        ]

    def _is_passed(self, dataset: DatasetName, found: set[DatasetName]) -> bool:
        """Whether a data set is only a text inside others, and what it is made of was found."""
        return dataset in self.ephemeral and bool(found)

    @cached_property
    def ephemeral(self) -> frozenset[DatasetName]:
        """The models that no table is made of."""
        return frozenset(
            self.names[name]
            for name, node in self.nodes.items()
            if (node.get("config") or {}).get("materialized") == "ephemeral"
        )

    def _sql_flows(self, node: _Node) -> tuple[FlowFact, ...]:
        text = node.get("compiled_code") or node.get("compiled_sql")
        if node.get("language", "sql") != "sql":
            message = f"it is written in {node['language']}"
            raise QueryNotRead(message)
        if not text:
            message = "dbt did not compile it: run `dbt compile`"
            raise QueryNotRead(message)
        return query_flows(
            text,
            target=self.names[node["unique_id"]],
            dataset_of=self._dataset_of,
            columns_of=lambda dataset: self.columns.get(dataset, ()),
            dialect=_DIALECTS.get(self.adapter, self.adapter),
        )

    @cached_property
    def names(self) -> dict[str, DatasetName]:
        """The name of each table, by dbt's own name of it."""
        return {name: self._name(node) for name, node in self.nodes.items()}

    def _name(self, node: _Node) -> DatasetName:
        last = node.get("alias") or node.get("identifier") or node["name"]
        parts = [node.get("database"), node.get("schema"), last]
        return DatasetName(self.adapter, ".".join(_bare(part) for part in parts if part))

    @cached_property
    def columns(self) -> dict[DatasetName, tuple[str, ...]]:
        """The columns of each table, in their order, where the catalog lists them."""
        return {
            self.names[name]: tuple(column.name for column in self._columns(name))
            for name in self.nodes
            if name in self.described
        }

    @cached_property
    def by_suffix(self) -> dict[tuple[str, ...], list[DatasetName]]:
        """Tables by the last parts of their names, in small letters."""
        found: dict[tuple[str, ...], list[DatasetName]] = defaultdict(list)
        for name in sorted(set(self.names.values())):
            parts = tuple(name.name.casefold().split("."))
            for start in range(len(parts)):
                found[parts[start:]].append(name)
        return found

    def _dataset_of(self, table: tuple[str, ...]) -> DatasetName:
        found = self.by_suffix.get(table, [])
        return found[0] if len(found) == 1 else DatasetName(self.adapter, ".".join(table))

    def _dataset(self, name: str) -> DatasetFact:
        node = self.nodes[name]
        owned = (self.described.get(name, {}).get("metadata") or {}).get("owner")
        return DatasetFact(
            dataset=self.names[name],
            columns=tuple(self._columns(name)),
            description=node.get("description") or None,
            owners=tuple(dict.fromkeys(self._owners(node))) or ((owned,) if owned else ()),
            tags=tuple(node.get("tags") or ()),
            tests=tuple(sorted(self._tests(name, None))),
        )

    def _columns(self, name: str) -> Iterator[ColumnFact]:
        """List columns: those of the catalog, else those that somebody described."""
        said = {
            key.casefold(): item for key, item in (self.nodes[name].get("columns") or {}).items()
        }
        listed = (self.described.get(name, {}).get("columns") or {}).values()
        rows = sorted(listed, key=lambda item: item.get("index", 0)) or said.values()
        for row in rows:
            item = said.get(row["name"].casefold(), {})
            yield ColumnFact(
                name=row["name"],
                data_type=row.get("type") or item.get("data_type"),
                description=item.get("description") or None,
                tags=tuple(item.get("tags") or ()),
                tests=tuple(sorted(self._tests(name, row["name"]))),
            )

    def _tests(self, name: str, column: str | None) -> Iterator[str]:
        """Name the tests of a table, or of a column of it."""
        for test in self.tests:
            about = test.get("attached_node") or next(iter(_needed(test)), None)
            if about == name and _same(test.get("column_name"), column):
                yield (test.get("test_metadata") or {}).get("name") or test["name"]

    def _owners(self, node: _Node) -> Iterator[str]:
        """Name who a table belongs to: its own owner, else that of its group."""
        config = node.get("config") or {}
        for meta in (node.get("meta") or {}, config.get("meta") or {}):
            yield from _texts(meta.get("owner"))
        group = node.get("group") or config.get("group")
        for item in self.manifest.get("groups", {}).values():
            if item.get("name") == group:
                yield from _texts(item.get("owner"))

    def _model(self, exposure: _Node) -> ModelFact:
        used = [self.names[item] for item in _needed(exposure) if item in self.names]
        return ModelFact(
            name=exposure["name"],
            description=exposure.get("description") or None,
            source_url=exposure.get("url") or None,
            inputs=tuple(InputFact(item, FactOrigin.REGISTERED) for item in used),
            tags=tuple(exposure.get("tags") or ()),
        )

    def _uses(self, exposure: _Node) -> Iterator[FlowFact]:
        for item in _needed(exposure):
            if item in self.names:
                yield FlowFact(
                    upstream=self.names[item],
                    downstream=_exposed(exposure),
                    origin=FactOrigin.REGISTERED,
                )


def _dashboard(exposure: _Node) -> DatasetFact:
    return DatasetFact(
        dataset=_exposed(exposure),
        kind=Kind.DASHBOARD,
        description=exposure.get("description") or None,
        owners=tuple(_texts(exposure.get("owner"))),
        tags=tuple(exposure.get("tags") or ()),
    )


def _exposed(exposure: _Node) -> DatasetName:
    return DatasetName("dbt", exposure["name"])


def _needed(node: _Node) -> tuple[str, ...]:
    return tuple((node.get("depends_on") or {}).get("nodes") or ())


def _texts(owner: object) -> Iterable[str]:
    """Name an owner, whom dbt lets people write as a text or as a name with addresses."""
    if isinstance(owner, dict):
        owner = owner.get("name") or owner.get("email")
    return [owner] if isinstance(owner, str) and owner else []


def _same(one: str | None, other: str | None) -> bool:
    return (one or "").strip('"`').casefold() == (other or "").casefold()


def _name(node: _Node) -> str:
    return str(node["name"])


def _bare(part: str) -> str:
    return f'"{part}"' if "." in part else part
