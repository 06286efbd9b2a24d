import json
from pathlib import Path

import pytest

from tests.cli.typing_at import Terminal

POLICY = """
[[rules]]
name = "no-pii"
from = "tag:PII.Sensitive"
to = "{to}"
allow = ["masked"]
"""


def written(tmp_path: Path, to: str, more: str = "") -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY.format(to=to) + more)
    return path


@pytest.mark.parametrize(
    ("to", "code"), [("churn", 0), ("credit_risk", 1), ("fraud_screening", 2), ("kind:mlmodel", 1)]
)
def test_the_exit_code_tells_clean_violated_and_unknown(
    at_company: Terminal, tmp_path: Path, to: str, code: int
) -> None:
    printed = at_company.type("check", written(tmp_path, to), code=code)
    assert f": {['clean', 'violated', 'unknown'][code]}; 1 rule" in printed


def test_a_waiver_lets_a_violation_pass(at_company: Terminal, tmp_path: Path) -> None:
    more = '[[waivers]]\nrule = "no-pii"\nto = "credit_risk"\nowner = "ann"\nreason = "law"\n'
    policy = written(tmp_path, "credit_risk", f"{more}expires = 9999-12-31\n")
    assert "by ann until 9999-12-31: law" in at_company.type("check", policy)
    policy = written(tmp_path, "credit_risk", f"{more}expires = 2000-01-01\n")
    assert "expired on 2000-01-01" in at_company.type("check", policy, code=1)


def test_every_form_is_printed(at_company: Terminal) -> None:
    forms = ("text", "table", "json", "csv", "sarif", "junit", "markdown", "github")
    printed = {form: at_company.type("check", "pii", "-f", form, code=1) for form in forms}
    assert all("mlflow.credit_risk" in text for text in printed.values())
    assert json.loads(printed["json"])["records"][0]["verdict"] == "reaches"
    assert json.loads(printed["sarif"])["version"] == "2.1.0"
    assert "<testsuites " in printed["junit"]
    assert printed["github"].startswith("::error file=pii,line=")
    assert printed["markdown"].startswith("## Personal data stays out of models: violated")


def test_a_check_can_be_written_to_a_file(at_company: Terminal, tmp_path: Path) -> None:
    target = tmp_path / "check.sarif"
    printed = at_company.type("check", "pii", "-f", "sarif", "-o", target, code=1)
    assert printed.startswith(f"{target}: Personal data stays out of models: violated")
    assert json.loads(target.read_text())["runs"]


@pytest.mark.parametrize("name", ["documentation", "fairness", "pii", "special-categories"])
def test_the_ready_policies_find_what_the_sample_has(at_company: Terminal, name: str) -> None:
    assert "violated" in at_company.type("check", name, code=1)


def test_a_rule_is_explained(at_company: Terminal) -> None:
    printed = at_company.type("check", "pii", "--explain", "no-personal-data", code=1)
    assert printed.startswith("no-personal-data: no data of tag:PII.Sensitive may reach")
    assert "12 references now" in printed
    at_company.type("check", "pii", "--explain", "no-personel-data", code=2)
    assert "did you mean no-personal-data?" in at_company.errors


def test_a_broken_policy_is_refused_with_all_its_mistakes(
    at_company: Terminal, tmp_path: Path
) -> None:
    policy = written(tmp_path, "tagg:x", 'form = "a"\n')
    at_company.type("check", policy, code=2)
    selection = "'to' is 'tagg:x', position 1: 'tagg' is no key; did you mean tag?"
    assert at_company.errors.splitlines() == [
        f"lineage: {policy}, line 5, column 1: {selection}",
        f"lineage: {policy}, line 7, column 1: there is no key 'form' here; did you mean 'from'?",
    ]


def test_a_policy_that_is_not_there_is_refused_with_the_nearest(at_company: Terminal) -> None:
    at_company.type("check", "piii", code=2)
    assert "did you mean pii?" in at_company.errors
    at_company.type("check", "none.toml", code=2)
    assert "none.toml: cannot be read" in at_company.errors
