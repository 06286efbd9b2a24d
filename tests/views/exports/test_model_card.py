"""Model cards: the front matter read by a YAML reader, the tables by their lines."""

import re

import pytest
import yaml
from hypothesis import given, settings

from lineage import audit, export, resolve, upstream
from lineage.errors import LineageError
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from lineage.text_escapes import unescape
from tests.examples import examples
from tests.views.exports.catalogs import full_snapshot, hostile_snapshots

MODEL = Reference(Kind.MLMODEL, "mlflow.churn")


@pytest.fixture(scope="module")
def graph() -> LineageGraph:
    return build_graph(full_snapshot())


def sections_of(card: str) -> dict[str, str]:
    """Return the text under each heading."""
    pieces = re.split(r"^## (.*)\n\n", card, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def cells_of(section: str) -> list[list[str]]:
    """Read the rows of a table; a bar that is escaped ends no cell."""
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


def test_a_card_has_what_the_catalog_knows_of_a_model(graph: LineageGraph) -> None:
    card = export(graph, "model-card").content.decode()
    sections = sections_of(card)
    assert card.count("# Churn\n") == 1
    assert "- Algorithm: mark algorithm" in card
    assert cells_of(sections["Hyper-parameters"]) == [["`depth`", "7", "How deep."]]
    assert [row[0] for row in cells_of(sections["Features"])] == ["`mail`", "`grown`", "`lost`"]
    data = cells_of(sections["Training data and where it comes from"])
    assert data[0] == ["`table:pg.shop.mark_schema.clean`", "1", "value", ""]
    assert ["`table:pg.shop.mark_schema.people`", "2", "value", "team:mark\\_owner"] in data
    assert "mark reason" in sections["What is not known"]


def test_a_card_has_the_findings_of_the_audit(graph: LineageGraph) -> None:
    answer = audit(graph, tags=["PII.*"])
    card = export(graph, "model-card", answer).content.decode()
    rows = cells_of(sections_of(card)["Sensitive data"])
    assert {(row[0], row[2]) for row in rows} == {
        (f"`{finding.sensitive.reference}`", str(finding.verdict))
        for finding in answer.models[0].findings
    }
    assert f"**{answer.models[0].verdict}**" in card


@given(hostile_snapshots())
@settings(max_examples=examples(50))
def test_the_front_matter_of_a_hostile_model_is_read_back(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    (model,) = (item for item in graph if item.kind == Kind.MLMODEL)
    card = export(graph, "model-card").content.decode()
    empty, matter, body = card.split("---\n", 2)
    assert empty == ""
    read = yaml.safe_load(matter)
    assert read["tags"] == ["lineage"]
    assert unescape(read["model_name"]) == model.name
    assert list(sections_of(body)) == [
        "Features",
        "Hyper-parameters",
        "Training data and where it comes from",
        "Sensitive data",
        "What is not known",
    ]
    assert all(len(row) == 4 for row in cells_of(sections_of(body)["Features"]))


def test_the_model_that_was_asked_about_has_the_card(graph: LineageGraph) -> None:
    feature = Reference(Kind.FEATURE, "mlflow.churn.mail")
    for answer in (upstream(graph, feature), upstream(graph, MODEL), resolve(graph, "churn")):
        assert b"# Churn" in export(graph, "model-card", answer).content


def test_a_card_of_no_model_is_refused(graph: LineageGraph) -> None:
    with pytest.raises(LineageError, match="here are 0: name the one"):
        export(graph, "model-card", resolve(graph, "kind:table"))


def test_a_card_between_entities_has_no_features(graph: LineageGraph) -> None:
    card = export(graph, "model-card", grain="entity").content.decode()
    assert "Features" not in sections_of(card)
