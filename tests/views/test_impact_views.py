import csv
import json
import re
from io import StringIO
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from lineage.graph.build import build_graph
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.proposed_change import Action, ProposedChange, Written
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.queries.impact.hits import Impact
from lineage.queries.impact.impact import impact
from lineage.views.impact_json import render_impact_json
from lineage.views.impact_markdown import render_impact_markdown
from lineage.views.impact_sarif import render_impact_sarif
from lineage.views.impact_text import render_impact
from lineage.views.records import render_csv

SARIF = Draft4Validator(
    json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_bytes())
)
HOSTILE = [
    "`x` | <img src=x onerror=alert(1)> [a](http://b) ```",
    "a|b\n| c",
    "\x00\x1b[31m\u202e\ufffe\ud800 ]]> & < \"",
]  # fmt: skip


def answer_of(name: str = "email", *, file: str = "m y.sql") -> Impact:
    """Ask what happens if a column with some name goes, and another comes."""
    people, board = Reference("table", "raw"), Reference("dashboard", f"board {name}")
    column = Column(name=name, fqn=f"raw.{name}", data_type="TEXT")
    owner = Reference("team", f"team {name}")
    sources = (FeatureSource(name=name, entity=people),)
    features = (Feature(name="f", fqn=f"m.{name}", sources=sources), Feature(name="g", fqn="m.g"))
    model = MlModel(
        reference=Reference("mlmodel", "m"),
        features=features,
        owners=(owner,),
        tags=(Tag(fqn="Tier.Tier1"),),
        dashboard=board,
    )
    gap = Gap(GapKind.EDGES_NOT_READ, model.reference, name)
    table = Entity(reference=people, columns=(column,))
    graph = build_graph(Snapshot(entities=(table, model), gaps=(gap,)))
    written = Written(file=file, line=3, column=7)
    subject = Reference("column", column.fqn)
    new = Reference("column", "raw.e_mail")
    changes = [
        ProposedChange(action=Action.DROP, subject=subject, written=written),
        ProposedChange(action=Action.ADD, subject=new, after="TEXT", written=written),
    ]
    return impact(graph, changes)


@pytest.mark.parametrize("name", ["email", *HOSTILE])
def test_sarif_is_valid_and_says_what_is_hit_where(name: str) -> None:
    log = json.loads(render_impact_sarif(answer_of(name)))
    assert list(SARIF.iter_errors(log)) == []
    (run,) = log["runs"]
    first = run["results"][0]
    assert first["ruleId"] == "broken"
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "m%20y.sql"
    flow = first["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["executionOrder"] for step in flow] == [1, 2]
    assert len({json.dumps(item["partialFingerprints"]) for item in run["results"]}) == len(
        run["results"]
    )


def test_sarif_of_a_change_in_no_file_names_none() -> None:
    log = json.loads(render_impact_sarif(answer_of(file="")))
    assert list(SARIF.iter_errors(log)) == []
    assert "physicalLocation" not in log["runs"][0]["results"][0]["locations"][0]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_never_markup(name: str) -> None:
    text = render_impact_markdown(answer_of(name))
    without_code = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", text)
    assert "<img" not in without_code
    assert "](http" not in without_code
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


def test_markdown_says_who_has_to_know_and_what_is_not_assumed() -> None:
    text = render_impact_markdown(answer_of())
    assert "**Who has to know**: `team email`" in text
    assert "**Dashboards**: `board email`" in text
    assert "- `column:raw.email may be renamed to e_mail`: not assumed" in text
    assert "`Tier.Tier1`" in text
    assert "- not known: `edges-not-read at mlmodel:m: email`" in text


def test_text_says_the_same() -> None:
    text = render_impact(answer_of())
    assert "  mlmodel:m  [1 hop · owned by team email · Tier.Tier1]" in text
    assert "by owner: team:team email 2" in text
    assert "dashboards: board email" in text
    assert "not assumed: column:raw.email may be renamed to e_mail" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_text_stays_on_its_lines(name: str) -> None:
    assert "\x1b" not in render_impact(answer_of(name), everything=True, paths=True)


def test_json_and_csv_have_a_row_a_hit() -> None:
    answer = answer_of()
    said = json.loads(render_impact_json(answer))
    assert [row["verdict"] for row in said["records"]] == [str(hit.verdict) for hit in answer.hits]
    assert said["renames"] == [{"gone": "raw.email", "new": "raw.e_mail"}]
    assert said["totals"] == {
        "by_hops": {"1": 2},
        "by_kind": {"feature": 1, "mlmodel": 1},
        "by_owner": {"team:team email": 2},
    }
    rows = list(csv.DictReader(StringIO(render_csv(answer))))
    assert [row["fqn"] for row in rows] == [hit.reference.fqn for hit in answer.hits]
