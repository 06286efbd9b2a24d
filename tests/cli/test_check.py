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
def test_the_exit_code_distinguish_clean_violated_and_unknown(
    at_company: Terminal, tmp_path: Path, to: str, code: int
) -> None:
    printed = at_company.type("check", written(tmp_path, to), "--no-sql", code=code)
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
    assert printed["github"].startswith("::error title=no-personal-data::")
    assert printed["markdown"].startswith("## Personal data stays out of models: violated")


def test_a_policy_of_the_user_is_a_file_of_the_repository_and_a_ready_one_is_not(
    at_company: Terminal, tmp_path: Path
) -> None:
    own = written(tmp_path, "kind:mlmodel")
    assert f"::error file={own},line=2" in at_company.type("check", own, "-f", "github", code=1)
    for policy, uri in [(own, str(own)), ("pii", "lineage/files/policies/pii.toml")]:
        log = json.loads(at_company.type("check", policy, "-f", "sarif", code=1))
        (run,) = log["runs"]
        places = [item["locations"][0]["physicalLocation"] for item in run["results"]]
        named = [place["artifactLocation"] for place in places]
        assert {item["uri"] for item in named} == {uri}
        bases = {item["uriBaseId"] for item in named if "uriBaseId" in item}
        assert bases == set(run.get("originalUriBaseIds", {}))
        assert bool(bases) == (policy == "pii")


def test_the_sql_on_edges_is_laid_over_what_is_checked(
    at_company: Terminal, tmp_path: Path
) -> None:
    policy = written(tmp_path, "churn.days_since_last_order")
    at_company.type("check", policy, "--no-sql")
    printed = at_company.type("check", policy, code=1)
    assert "orders.contact_phone (PII.Sensitive) reaches-by-influence" in printed


def test_a_policy_names_its_register_beside_itself(at_company: Terminal, tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text('[attributes.gender]\ncolumns = ["*.gender"]\n')
    policy = tmp_path / "policy.toml"
    rule = '[[rules]]\nname = "apart"\nfrom = { attribute = "gender" }\nto = "kind:mlmodel"\n'
    policy.write_text(f'register = "people.toml"\n{rule}')
    printed = at_company.type("check", policy, code=1)
    assert "newsletter.subscribers.gender" in printed
    explained = at_company.type("check", policy, "--explain", "apart", code=1)
    assert "no data of attribute 'gender' may reach kind:mlmodel in any way" in explained
    policy.write_text(f'register = "peple.toml"\n{rule}')
    at_company.type("check", policy, code=2)
    assert "peple.toml: cannot be read" in at_company.errors


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
