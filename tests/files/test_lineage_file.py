import json
import tomllib
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.errors import BrokenFile, MistakenFile
from lineage.files.lineage_file import lineage_file_schema, read_lineage_file
from lineage.model.declaration import Declaration
from tests.examples import examples

CASES = json.loads((Path(__file__).parent / "cases/lineage_file_mistakes.json").read_text())

TOML = """\
[[edges]]
upstream = "shop.orders"
downstream = "mlmodel:mlf.churn"
pipeline = "airflow.train"
sql = "select 1"
description = "Nightly."
columns = [
  { upstream = ["amount", "currency"], downstream = "spent", function = "sum" },
  { upstream = "customer", downstream = "mlf.churn.who" },
]

[[models]]
model = "mlf.churn"
algorithm = "gradient boosting"
server = "https://models.example.com/churn"
tags = ["Tier.Tier1"]
store = { storage = "s3://models/churn" }

[models.hyper_parameters]
depth = 6
rate = 0.5
early = true
loss = { value = "log", description = "What is made small." }

[[models.features]]
name = "spent"
data_type = "numerical"
sources = ["shop.orders.amount", { column = "shop.orders.currency", data_type = "string" }]
"""

YAML = """\
edges:
- upstream: shop.orders
  downstream: mlmodel:mlf.churn
  pipeline: airflow.train
  sql: select 1
  description: Nightly.
  columns:
  - {upstream: [amount, currency], downstream: spent, function: sum}
  - {upstream: customer, downstream: mlf.churn.who}
models:
- model: mlf.churn
  algorithm: gradient boosting
  server: https://models.example.com/churn
  tags: [Tier.Tier1]
  store: {storage: s3://models/churn}
  hyper_parameters:
    depth: 6
    rate: 0.5
    early: true
    loss: {value: log, description: What is made small.}
  features:
  - name: spent
    data_type: numerical
    sources: [shop.orders.amount, {column: shop.orders.currency, data_type: string}]
"""


def written(folder: Path, ending: str, text: str) -> Path:
    path = folder / f"lineage{ending}"
    path.write_bytes(text.encode())
    return path


def said(declaration: Declaration) -> str:
    """Spell a declaration without its lines and its path, which differ from form to form."""
    return str([_bare(item) for item in (*declaration.edges, *declaration.models)])


def _bare(value: Any) -> Any:
    if hasattr(value, "text"):
        return value.text
    if isinstance(value, tuple):
        return [_bare(item) for item in value]
    if hasattr(value, "__slots__"):
        return {name: _bare(getattr(value, name)) for name in value.__slots__}
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["title"]))
def test_mistakes_are_reported_all_at_once_with_their_lines(
    case: dict[str, Any], tmp_path: Path
) -> None:
    path = written(tmp_path, case["ending"], "\n".join(case["text"]))
    with pytest.raises(MistakenFile) as refused:
        read_lineage_file(path)
    assert [list(mistake) for mistake in refused.value.mistakes] == case["mistakes"]
    assert str(refused.value).splitlines() == [
        f"{path}, line {line}, column {column}: {reason}"
        for line, column, reason in case["mistakes"]
    ]


def test_toml_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    toml = read_lineage_file(written(tmp_path, ".toml", TOML))
    as_json = json.dumps(tomllib.loads(TOML), indent=2)
    assert said(read_lineage_file(written(tmp_path, ".yaml", YAML))) == said(toml)
    assert said(read_lineage_file(written(tmp_path, ".json", as_json))) == said(toml)


def test_names_know_their_lines(tmp_path: Path) -> None:
    (edge,) = read_lineage_file(written(tmp_path, ".toml", TOML)).edges
    lines = [name.line for mapping in edge.mappings for name in mapping.upstream]
    assert (edge.upstream.line, edge.downstream.line, lines) == (2, 3, [8, 8, 9])
    (model,) = read_lineage_file(written(tmp_path, ".yaml", YAML)).models
    assert [source.column.line for source in model.features[0].sources or ()] == [24, 24]


def test_settings_are_kept_as_text(tmp_path: Path) -> None:
    (model,) = read_lineage_file(written(tmp_path, ".toml", TOML)).models
    settings = {item.name: item.value for item in model.hyper_parameters or ()}
    assert settings == {"depth": "6", "rate": "0.5", "early": "true", "loss": "log"}


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    plain = read_lineage_file(written(tmp_path, ".toml", TOML))
    marked = "\ufeff" + TOML.replace("\n", "\r\n")
    assert read_lineage_file(written(tmp_path, ".toml", marked)) == plain


def test_the_schema_accepts_what_is_read_and_refuses_what_is_not() -> None:
    schema = lineage_file_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema)
    checker.validate(tomllib.loads(TOML))
    for case in CASES:
        if case["ending"] == ".toml":
            content = tomllib.loads("\n".join(case["text"]))
            assert not checker.is_valid(content), case["title"]


@pytest.mark.parametrize(
    ("ending", "text", "reason"),
    [
        (".toml", "[[edges]]\nupstream = ", "line 2: is no TOML: Invalid value"),
        (".toml", 'a = 1\n\n"', "line 3: is no TOML"),
        (".yaml", "edges:\n  - [", "line 2, column 6: is no YAML"),
        (".yaml", "models:\n- !!bool x", "line 2, column 3: tag:yaml.org,2002:bool is a tag"),
        (".yaml", "edges: &a []\nmodels: *a", "line 2, column 9: *a is an alias"),
        (".yaml", "edges: []\nedges: []", "line 2, column 1: 'edges' is there already, on line 1"),
        (
            ".yaml",
            "- a",
            "line 1, column 1: a file should be a table; there may be $schema, edges or models",
        ),
        (".json", '{"edges": [}', "line 1, column 12: is no JSON"),
        (
            ".json",
            '{"edges": [],\n"edges": []}',
            "line 2, column 1: 'edges' is there already, on line 1",
        ),
        (".json", "[" * 100_000, "is nested too deeply"),
        (".toml", "a = " + "[" * 100_000, "is nested too deeply"),
        (".yaml", "[" * 600 + "]" * 600, "is nested too deeply"),
        (".yaml", "models: [2026-13-45]", "holds a value that cannot be read: month"),
        (".json", f'{{"edges": {"9" * 5000}}}', "holds a value that cannot be read: Exceeds"),
        (".yaml", "edges: \x00", "is no YAML: unacceptable character"),
        (".toml", "edges = []", "declares nothing"),
        (".yaml", "", "a file should be a table; there may be $schema, edges or models"),
        (".csv", "a,b", "should end in .toml, .yaml, .yml or .json"),
    ],
)
def test_a_file_of_another_form_is_one_clear_line(
    tmp_path: Path, ending: str, text: str, reason: str
) -> None:
    with pytest.raises(BrokenFile) as refused:
        read_lineage_file(written(tmp_path, ending, text))
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


PIECES = st.sampled_from(
    (
        *("[[edges]]", "[models]", "upstream", "edges", "columns", "'a'", '"b"', '"""', "'''"),
        *("=", ":", "{", "}", "[", "]", ",", "\n", " ", "- ", "#", "&a ", "*a", "!!int ", "1", "?"),
        *("true", "null", "2026-01-01", "\ud7ff", "\u2028", "\t", "<<", "---\n", "9" * 9),
    )
)


@settings(max_examples=examples(60))
@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from((".toml", ".yaml", ".json")))
def test_whatever_a_file_holds_is_read_or_refused(text: str, ending: str) -> None:
    with TemporaryDirectory() as folder:
        path = written(Path(folder), ending, text)
        with suppress(BrokenFile):
            declaration = read_lineage_file(path)
            assert declaration.edges or declaration.models


def test_a_missing_file_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be read: No such file"):
        read_lineage_file(tmp_path / "none.toml")
    (tmp_path / "picture.toml").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(BrokenFile, match="no text in UTF-8"):
        read_lineage_file(tmp_path / "picture.toml")


def test_the_schema_in_the_docs_is_the_one_of_the_code() -> None:
    page = Path(__file__).parents[2] / "docs" / "lineage-file.schema.json"
    assert json.loads(page.read_text()) == lineage_file_schema()
