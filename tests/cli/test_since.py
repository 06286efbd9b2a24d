import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.cli import main
from tests.cli.typing_at import Terminal
from tests.conftest import talking_to

MODEL = "mlflow.churn"


@pytest.fixture
def changed(company_file: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Give a terminal at a company that lost a column since churn 0.1."""
    with Catalog(company_file) as catalog, talking_to(catalog) as client:
        path = "/tables/name/warehouse.ml.features.customer_activity"
        table = client.get(path, {"fields": "columns"})
        place = [column["name"] for column in table["columns"]].index("tenure_days")
        client.patch(f"/tables/{table['id']}", [{"op": "remove", "path": f"/columns/{place}"}])
    return Terminal(main, capsys, company_file)


def test_every_form_names_the_change(changed: Terminal) -> None:
    forms = ("text", "table", "json", "csv", "markdown")
    printed = {form: changed.type("since", "churn", "0.1", "-f", form, code=1) for form in forms}
    assert all("tenure_days" in text.replace("\n", "") for text in printed.values())
    first = json.loads(printed["json"])["records"][0]
    assert first["verdict"] == "broken"
    assert first["versions"] == [1.1]
    assert next(csv.DictReader(StringIO(printed["csv"])))["by"] == "ingestion-bot"
    assert printed["markdown"].startswith("## Since: broken")


@pytest.mark.parametrize(("since", "code"), [("0.1", 1), ("2999-01-01", 2)])
def test_what_was_found_and_what_is_not_known_fail(
    changed: Terminal, since: str, code: int
) -> None:
    changed.type("since", "churn", since, code=code)
    changed.type("since", "churn", since, "--fail-on", "broken", code=1 if code == 1 else 0)


def test_a_kept_snapshot_gives_the_edges_of_then(
    company_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal, kept = Terminal(main, capsys, company_file), tmp_path / "kept.json.gz"
    terminal.type("read", "-o", kept)
    words = ("since", "churn", "2999-01-01", "--kept", kept)
    assert "6 features: 6 safe; complete" in terminal.type(*words)


def test_a_kept_snapshot_of_another_catalog_is_refused(
    changed: Terminal, company_snapshot: Path
) -> None:
    changed.type("since", "churn", "0.1", "--kept", company_snapshot, code=2)
    assert "the snapshot was read from catalog:test, not from" in changed.errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("churn", "9.9"), "has no version 9.9: it has 0.1"),
        (("churn", "last week"), "neither a version"),
        (("nothing_there", "0.1"), "nothing_there"),
    ],
)
def test_a_mistake_is_one_line(changed: Terminal, words: tuple[str, ...], message: str) -> None:
    changed.type("since", *words, code=2)
    assert message in changed.errors
    assert len(changed.errors.strip().splitlines()) == 1


def test_a_snapshot_has_no_versions(at_company: Terminal) -> None:
    at_company.type("since", MODEL, "0.1", code=2)
    assert "is a snapshot" in at_company.errors


def test_a_source_that_moved_is_said_with_its_figures(
    company_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "warehouse.ml.features.customer_activity"
    with Catalog(company_file) as catalog, talking_to(catalog) as client:
        identity = client.get(f"/tables/name/{table}")["id"]
        now = client.get(f"/mlmodels/name/{MODEL}")["updatedAt"]
        for moment, share in ((now - 1000, 0.01), (now + 1000, 0.4)):
            column = {"name": "tenure_days", "timestamp": moment, "nullProportion": share}
            body = {"tableProfile": {"timestamp": moment}, "columnProfile": [column]}
            client.put(f"/tables/{identity}/tableProfile", body)
    terminal = Terminal(main, capsys, company_file)
    words = ("since", "churn", "0.1", "--profiles")
    printed = terminal.type(*words, code=1)
    assert f"{table}.tenure_days: null share 0.39 (over 0.05)" in printed
    assert f"{table}.previous_score: not known: no profile from then" in printed
    assert "null share 0.39" in terminal.type(*words, "-f", "markdown", code=1)
    records = json.loads(terminal.type(*words, "-f", "json", code=1))["records"]
    assert any("null share 0.39" in (record["drift"] or "") for record in records)


def test_versions_are_read_of_what_only_the_sql_of_an_edge_names(
    company_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = "shop_postgres.shop.newsletter.subscribers"
    with Catalog(company_file) as catalog, talking_to(catalog) as client:
        ends = [
            {"id": client.get(f"/tables/name/{name}")["id"], "type": "table"}
            for name in (
                "warehouse.analytics.core.customer",
                "warehouse.ml.features.customer_activity",
            )
        ]
        sql = "insert into features.customer_activity (tenure_days) select email from subscribers"
        edge = {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": {"sqlQuery": sql}}
        client.put("/lineage", {"edge": edge})
        table = client.get(f"/tables/name/{named}", {"fields": "columns"})
        place = [column["name"] for column in table["columns"]].index("email")
        other = {"op": "replace", "path": f"/columns/{place}/dataType", "value": "TEXT"}
        client.patch(f"/tables/{table['id']}", [other])
    terminal = Terminal(main, capsys, company_file)
    assert f"retype column:{named}.email" in terminal.type("since", "churn", "0.1", code=1)
    assert f"{named}.email" not in terminal.type("since", "churn", "0.1", "--no-sql", code=2)


def test_the_history_of_a_model_is_listed_and_compared(
    company_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Catalog(company_file) as catalog, talking_to(catalog) as client:
        identity = client.get(f"/mlmodels/name/{MODEL}")["id"]
        patch = [{"op": "replace", "path": "/algorithm", "value": "another"}]
        client.patch(f"/mlmodels/{identity}", patch)
    terminal = Terminal(main, capsys, company_file)
    printed = terminal.type("history", "churn")
    assert "mlmodel:mlflow.churn: 2 versions" in printed
    assert "1.1 · " in printed
    assert "→ another" in terminal.type("history", MODEL, "--between", "0.1", "1.1")
    assert len(json.loads(terminal.type("history", MODEL, "-f", "json"))["records"]) == 2
    terminal.type("history", "mlflow.nothing", code=2)
