"""The sample company that `lineage demo` shows: written in `sample.toml`, loaded over REST.

Reading gives the requests as values, in the order they have to be sent. Where the server
wants an entity by its id, a request holds a `Reference`; loading puts in the id that the
server gave when that entity was written.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, NamedTuple

from lineage import fqn as names
from lineage.model.reference import Kind, Reference
from lineage.openmetadata.client import Client

__all__ = ["Sample", "load_sample", "read_sample"]

Body = dict[str, Any]

_PARENTS = ("service", "database", "databaseSchema")

_COLUMN = re.compile(
    r"^(?P<indent> *)(?P<name>.+?) (?P<shown>(?P<type>[A-Z]+)(<(?P<item>[A-Z]+)>)?"
    r"(\((?P<size>\d+)(,(?P<scale>\d+))?\))?)(?P<tags>( #\S+)*)( -- (?P<description>.+))?$"
)
_FEATURE = re.compile(
    r"^(?P<name>.+?) (?P<type>numerical|categorical)( <- (?P<sources>.+?))?"
    r"( : (?P<algorithm>.+?))?( -- (?P<description>.+))?$"
)


class Sample(NamedTuple):
    """The sample company as the requests that create it.

    Attributes
    ----------
    entities : dict of Reference to dict
        The body that creates each, after those it names.
    edges : tuple of dict
        Bodies of `PUT /lineage`.
    deleted : tuple of Reference
        Tables to soft-delete when everything else has been written.
    """

    entities: dict[Reference, Body]
    edges: tuple[Body, ...]
    deleted: tuple[Reference, ...]


def read_sample() -> Sample:
    """Read the sample company from the file in this package.

    Examples
    --------
    >>> [str(reference) for reference in read_sample().deleted]
    ['table:warehouse.analytics.staging.price_list']
    """
    file = resources.files("lineage.catalog").joinpath("sample.toml")
    content = tomllib.loads(file.read_text("utf-8"))
    return Sample(
        entities=dict(_entities(content)),
        edges=tuple(_edge(content, entry) for entry in content["edges"]),
        deleted=tuple(_reference(content, table) for table in content["deleted"]),
    )


def load_sample(client: Client) -> None:
    """Write the sample company to a server; what is there already is written again.

    Raises
    ------
    ServerError
        The server refused a part of it.
    """
    sample = read_sample()
    ids: dict[Reference, str] = {}
    for reference, body in sample.entities.items():
        folder = "/services" if reference.kind.endswith("Service") else ""
        path = f"{folder}/{reference.kind}s"
        ids[reference] = client.put(path, _with_ids(body, ids))["id"]
    for edge in sample.edges:
        client.put("/lineage", _with_ids(edge, ids))
    for table in sample.deleted:
        client.delete(f"/tables/{ids[table]}", {"hardDelete": False})


def _with_ids(value: Any, ids: Mapping[Reference, str]) -> Any:
    if isinstance(value, Reference):
        return {"id": ids[value], "type": value.kind, "fullyQualifiedName": value.fqn}
    if isinstance(value, dict):
        return {key: _with_ids(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_ids(item, ids) for item in value]
    return value


def _entities(content: Body) -> Iterator[tuple[Reference, Body]]:
    """Go through the sections of entities, in the order of the file."""
    for section in [key for key in content if key not in {"deleted", "statements", "edges"}]:
        entries = _tables(content) if section == "tables" else content[section].items()
        for name, entry in entries:
            fields = {"name": name} | entry
            body = {key: _spelled_out(content, key, value) for key, value in fields.items()}
            parents = [body[key] for key in _PARENTS if key in body]
            fqn = ".".join([*parents, names.quote(body["name"])])
            yield Reference(section.removesuffix("s"), fqn), body


def _tables(content: Body) -> Iterator[tuple[str, Body]]:
    for alias, tables in content["tables"].items():
        schema = content["databaseSchemas"][alias]
        shared = {key: schema[key] for key in ("owners", "domains")}
        for name, table in tables.items():
            yield name, {"databaseSchema": _schema(content, alias)} | shared | table


def _spelled_out(content: Body, key: str, value: Any) -> Any:
    """Give the value as the server wants it, where the file has it shorter."""
    match key:
        case "owners":
            return [Reference("team", name) for name in value]
        case "tags":
            return _tags(value)
        case "columns":
            return _columns(value.splitlines())
        case "tasks":
            return _tasks([stage.split(", ") for stage in value.split(" > ")])
        case "mlFeatures":
            return [_feature(content, line) for line in value.splitlines()]
        case _:
            return value


def _tasks(stages: list[list[str]]) -> list[Body]:
    pairs = zip(stages, [*stages[1:], []], strict=True)
    return [{"name": task, "downstreamTasks": later} for stage, later in pairs for task in stage]


def _columns(lines: list[str]) -> list[Body]:
    columns: list[Body] = []
    above: list[Body] = []
    for line in lines:
        [found] = _COLUMN.finditer(line)  # unpacking refuses a line that is no column
        column, depth = _column(found), len(found["indent"]) // 2
        siblings = above[depth - 1].setdefault("children", []) if depth else columns
        siblings.append(column)
        above[depth:] = [column]
    return columns


def _column(found: re.Match[str]) -> Body:
    size, scale = (int(found[part] or 0) for part in ("size", "scale"))
    return _given(
        name=found["name"],
        dataType=found["type"],
        dataTypeDisplay=found["shown"].lower(),
        arrayDataType=found["item"],
        description=found["description"],
        tags=_tags(found["tags"].replace("#", "").split()),
        **({"precision": size, "scale": scale} if scale else {"dataLength": size}),
    )


def _feature(content: Body, line: str) -> Body:
    [found] = _FEATURE.finditer(line)
    pairs = re.findall(r"(?:^|, )(.+?) @ ([^,]+)", found["sources"] or "")
    return _given(
        name=found["name"],
        dataType=found["type"],
        description=found["description"],
        featureAlgorithm=found["algorithm"],
        featureSources=[
            {"name": column, "dataSource": _reference(content, table)} for column, table in pairs
        ],
    )


def _edge(content: Body, entry: Body) -> Body:
    upstream, downstream = (_reference(content, entry[end]) for end in ("from", "to"))
    # A chart, the part of a dashboard, is named below the service.
    dashboard = downstream.kind == Kind.DASHBOARD
    whole = names.parent(downstream.fqn) if dashboard else downstream.fqn
    details = _given(
        source=entry["source"],
        description=entry.get("description"),
        pipeline="pipeline" in entry and Reference(Kind.PIPELINE, entry["pipeline"]),
        sqlQuery="sql" in entry and content["statements"][entry["sql"]].strip(),
        columnsLineage=[
            _given(
                fromColumns=[f"{upstream.fqn}.{column}" for column in columns],
                toColumn=f"{whole}.{part}",
                function=function,
            )
            for line in entry.get("columns", "").splitlines()
            for columns, part, function in _mappings(line)
        ],
    )
    return {"edge": {"fromEntity": upstream, "toEntity": downstream, "lineageDetails": details}}


def _mappings(line: str) -> list[tuple[list[str], str, str]]:
    passage, _, function = line.partition(" : ")
    left, arrow, part = passage.partition(" -> ")
    columns = left.split(", ")
    return [(columns, part, function)] if arrow else [([column], column, "") for column in columns]


def _reference(content: Body, text: str) -> Reference:
    if ":" in text:
        return Reference.parse(text)
    alias, _, table = text.partition(".")
    return Reference(Kind.TABLE, f"{_schema(content, alias)}.{names.quote(table)}")


def _schema(content: Body, alias: str) -> str:
    schema = content["databaseSchemas"][alias]
    return f"{schema['database']}.{schema.get('name', alias)}"


def _tags(fqns: list[str]) -> list[Body]:
    fixed = {"source": "Classification", "labelType": "Manual", "state": "Confirmed"}
    return [{"tagFQN": fqn, **fixed} for fqn in fqns]


def _given(**fields: Any) -> Body:
    return {name: value for name, value in fields.items() if value}
