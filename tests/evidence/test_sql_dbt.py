"""Reading what dbt compiled: the jaffle shop's models give the columns of its catalog."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from lineage.evidence.sql_reading import TableName, read_sql


class Project(NamedTuple):
    """A dbt project: the SQL of its models and the columns of all that it reads and builds."""

    models: dict[TableName, str]
    columns: dict[TableName, tuple[str, ...]]


@pytest.fixture
def project(real_data: Path) -> Project:
    folder = real_data / "dbt-jaffle-shop"
    manifest = json.loads((folder / "manifest" / "v12_manifest_1.12.json").read_text("utf-8"))
    catalog = json.loads((folder / "catalog" / "v1_catalog_1.12.json").read_text("utf-8"))
    models: dict[TableName, str] = {
        (node["database"], node["schema"], node["alias"]): node["compiled_code"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    columns: dict[TableName, tuple[str, ...]] = {
        (node["metadata"]["database"], node["metadata"]["schema"], node["metadata"]["name"]): tuple(
            node["columns"]
        )
        for node in (*catalog["nodes"].values(), *catalog["sources"].values())
    }
    return Project(models, columns)


@pytest.mark.parametrize(
    "form",
    [
        "{query}",
        "({query})",
        "create table {name} as {query}",
        "create table {name} as (\n{query}\n);",
        "create view {name} as (\n{query}\n);",
        "insert into {name} ({columns}) (\n{query}\n)",
    ],
)
def test_each_model_fills_the_columns_of_its_catalog(project: Project, form: str) -> None:
    for name, query in project.models.items():
        columns = project.columns[name]
        quoted = ".".join(f'"{part}"' for part in name)
        text = form.format(query=query, name=quoted, columns=", ".join(columns))
        reading = read_sql(
            text,
            target=name,
            dialect="duckdb",
            columns_of=lambda table: project.columns.get(table, ()),
        )
        assert tuple(dict.fromkeys(output.name for output in reading.outputs)) == columns
        assert reading.tables <= project.columns.keys()
