import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from lineage.governance.policy.check import check
from lineage.governance.policy.check_report import Check
from lineage.graph.build import build_graph
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.views.check.annotations import render_annotations
from lineage.views.check.check_markdown import render_check_markdown
from lineage.views.check.check_text import explain_rule, render_check, rule_in_words
from lineage.views.check.junit import render_junit
from lineage.views.check.sarif import render_sarif
from tests.examples import examples
from tests.governance.policy.policies import coverage_rule, flow_rule, policy_of, waiver

SARIF = Draft4Validator(
    json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_bytes())
)

HOSTILE = [
    "::error::x",
    "a%0A::set-env name=X::y",
    "a\n::error::b\r::notice::c",
    "`x` | <img src=x onerror=alert(1)> [a](http://b) ```",
    "[link](1) \\ {0}",
    "\x00\x1b[31m\u202e\ufffe\ud800 ]]> & < \"",
    "a,line=1:col",
]  # fmt: skip


def check_of(name: str = "email", **others: Any) -> Check:
    """Check a model that a column with some name reaches, and one that is in doubt."""
    people = Reference("table", "raw")
    tagged = Column(name="x", fqn=f"raw.{name}", tags=(Tag(fqn="PII.Sensitive"),))
    feature = Feature(name="f", fqn="m.f", sources=(FeatureSource(name="x", entity=people),))
    models = [MlModel(reference=Reference("mlmodel", m), features=(replace(feature, fqn=f"{m}.f"),))
              for m in ("m", f"m {name}")]  # fmt: skip
    gap = Gap(GapKind.EDGES_NOT_READ, Reference("mlmodel", f"m {name}"), name)
    snapshot = Snapshot(
        entities=(Entity(reference=people, columns=(tagged,)), *models), gaps=(gap,)
    )
    policy = policy_of(flow_rule(), coverage_rule("owner"), **others)
    return check(build_graph(snapshot), policy, today=date(2027, 1, 1))


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Read workflow commands as GitHub's runner does."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        level, properties, message = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line).groups()  # type: ignore[union-attr]  # a line that is none fails here
        pairs = (pair.split("=", 1) for pair in properties.split(","))
        found.append((level, {key: unescaped(value) for key, value in pairs}, unescaped(message)))
    return found


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # it was just written


def unescaped(text: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_text_shows_the_evidence_and_what_is_not_known() -> None:
    text = render_check(check_of(waivers=[waiver(to='"m email"', source="raw.email")]))
    assert "no-pii: violated (2 targets checked)" in text
    assert "  violated: raw.email (PII.Sensitive) reaches m\n    raw.email\n      → m.f" in text
    assert "  waived: raw.email (PII.Sensitive) reaches m email" in text
    assert "    by ann until 2027-01-31: agreed" in text
    assert "  not known: m email\n    edges-not-read at mlmodel:m email: email" in text
    assert text.endswith("policy.toml: violated; 2 rules, 3 violations, 1 waived, 1 not known")


def test_a_rule_is_explained_with_what_it_selects_and_finds() -> None:
    waivers = [waiver(expires="2026-12-31")]
    text = explain_rule(check_of(waivers=waivers), "no-pii")
    assert text.startswith("no-pii: no data of tag:PII.Sensitive may reach kind:mlmodel in any way")
    assert "from tag:PII.Sensitive\n  1 reference now\n    column:raw.email" in text
    assert "to kind:mlmodel\n  2 references now\n    mlmodel:m\n    mlmodel:m email" in text
    assert "expired on 2026-12-31" in text
    assert "known" not in explain_rule(check_of(), "no-pii").splitlines()[0]
    assert explain_rule(check_of(), "known").startswith("known: of each in kind:mlmodel must be")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "in any way"),
        (
            {"allow": ["table", "masked"]},
            "unless masked or where only tables are known to be connected",
        ),
        ({"allow": ["masked"], "masks": ["digest"]}, "unless masked; what masks is digest"),
        ({"allow": ["influence"]}, "unless by influence on rows and groups"),
    ],
)  # fmt: skip
def test_a_rule_is_put_in_words(facts: dict[str, Any], words: str) -> None:
    rule = policy_of(flow_rule(**facts)).rules[0]
    assert rule_in_words(rule) == f"no data of tag:PII.Sensitive may reach kind:mlmodel {words}"


def test_sarif_has_a_result_for_each_violation_and_each_doubt() -> None:
    waivers = [waiver(to='"m email"'), waiver(expires="2026-12-31")]
    log = json.loads(render_sarif(check_of(waivers=waivers)))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["no-pii", "known"]
    levels = [(item["ruleId"], item["level"], "suppressions" in item) for item in run["results"]]
    assert levels == [
        ("no-pii", "error", False),
        ("no-pii", "error", True),
        ("known", "error", False),
        ("known", "error", False),
        ("no-pii", "warning", False),
    ]
    assert all(
        run["tool"]["driver"]["rules"][item["ruleIndex"]]["id"] == item["ruleId"]
        for item in run["results"]
    )
    (flow,) = run["results"][0]["codeFlows"][0]["threadFlows"]
    names = [step["location"]["message"]["text"] for step in flow["locations"]]
    assert names == ["raw.email", "m.f"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "expired" in note["message"]["text"]
    prints = [item["partialFingerprints"]["lineage/v1"] for item in run["results"]]
    assert len(set(prints)) == len(prints)


def test_sarif_fingerprints_outlive_a_change_of_the_file() -> None:
    answer = check_of()
    moved = replace(answer, policy=replace(answer.policy, file="other.toml"))

    def prints(text: str) -> list[str]:
        results = json.loads(text)["runs"][0]["results"]
        return [item["partialFingerprints"]["lineage/v1"] for item in results]

    assert prints(render_sarif(answer)) == prints(render_sarif(moved))


@pytest.mark.parametrize("name", ["email", *HOSTILE])
def test_sarif_is_what_its_schema_says(name: str) -> None:
    waivers = [waiver(to="m", source='"*"')]
    log = json.loads(render_sarif(check_of(name, waivers=waivers)).encode("utf-8"))
    assert list(SARIF.iter_errors(log)) == []
    log["runs"][0]["results"][0]["level"] = "dreadful"
    assert len(list(SARIF.iter_errors(log))) == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_makes_a_link_in_sarif(name: str) -> None:
    text = render_sarif(check_of(name)).encode("utf-8")
    for result in json.loads(text)["runs"][0]["results"]:
        message = result["message"]["text"]
        assert not re.search(r"(?<!\\)(\\\\)*[\[\]]", message)


def test_junit_has_a_case_for_each_rule_and_target() -> None:
    root = parsed(render_junit(check_of(waivers=[waiver(rule="known", to="m")])))
    cases = {
        (suite.get("name"), case.get("name")): [child.tag for child in case]
        for suite in root
        for case in suite
    }
    assert cases == {
        ("no-pii", "mlmodel:m"): ["failure"],
        ("no-pii", "mlmodel:m email"): ["failure"],
        ("known", "mlmodel:m"): ["skipped"],
        ("known", "mlmodel:m email"): ["failure"],
    }
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("4", "3", "1")


def test_junit_shows_a_doubt_about_the_rule_as_a_case_of_its_own() -> None:
    answer = check(build_graph(Snapshot()), policy_of(flow_rule()), today=date(2027, 1, 1))
    (case,) = parsed(render_junit(answer)).iter("testcase")
    assert case.get("name") == "the rule as a whole"
    assert case[0].tag == "error"


@pytest.mark.parametrize("name", HOSTILE)
def test_junit_is_read_by_its_reader_whatever_the_names(name: str) -> None:
    reader = pytest.importorskip("junitparser")
    suites = reader.JUnitXml.fromstring(render_junit(check_of(name)).encode("utf-8"))
    assert (suites.tests, suites.failures, suites.errors) == (4, 4, 0)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_ends_a_workflow_command_or_begins_another(name: str) -> None:
    answer = check_of(name)
    found = commands(render_annotations(answer))
    assert [level for level, _, _ in found] == ["error"] * 4 + ["warning", "error"]
    assert all(place["file"] == "policy.toml" for _, place, _ in found[:-1])
    assert {place["title"] for _, place, _ in found[:-1]} == {"no-pii", "known"}


def test_annotations_show_waivers_as_notices() -> None:
    waivers = [waiver(to='"m email"'), waiver(expires="2026-12-31")]
    found = commands(render_annotations(check_of(waivers=waivers)))
    notices = [message for level, _, message in found if level == "notice"]
    assert notices[0].startswith("waived by ann until 2027-01-31: raw.email")
    assert "expired on 2026-12-31" in notices[1]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_markup_in_markdown(name: str) -> None:
    markdown = pytest.importorskip("markdown_it").MarkdownIt("commonmark").enable("table")
    text = render_check_markdown(check_of(name))
    tokens = [child for token in markdown.parse(text) for child in (token, *(token.children or []))]
    kinds = {token.type for token in tokens}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "fence", "em_open"}
    assert sum(token.type == "table_open" for token in tokens) == 1
    assert sum(token.type == "tr_open" for token in tokens) == 3


def test_markdown_shows_rules_as_a_table_and_paths_as_code() -> None:
    lines = render_check_markdown(check_of(waivers=[waiver(to="m")])).splitlines()
    assert lines[0] == "## policy.toml: violated"
    assert "| no-pii | violated | 2 | 1 | 1 | 1 |" in lines
    assert "- violated: `raw.email (PII.Sensitive) reaches m email`" in lines
    assert "  - `raw.email → m email.f`" in lines
    assert "  - by `ann, until 2027-01-31: agreed`" in lines


@given(st.text(min_size=1, max_size=20))
@settings(max_examples=examples(50))
def test_every_form_can_be_read_whatever_the_names(name: str) -> None:
    answer = check_of(name)
    assert len(json.loads(render_sarif(answer))["runs"][0]["results"]) == 5
    assert parsed(render_junit(answer)).get("tests") == "4"
    assert len(commands(render_annotations(answer))) == 6
