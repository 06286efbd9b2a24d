import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from tests.cli.typing_at import Terminal


def test_select_lists_what_a_selection_means(at_company: Terminal) -> None:
    printed = at_company.type("select", "customers.email..churn").splitlines()
    assert printed[0] == "column:shop_postgres.shop.public.customers.email"
    assert printed[-1] == "customers.email..churn: 4 entities and 5 parts; complete"


def test_select_exits_with_2_where_not_everything_is_known(at_company: Terminal) -> None:
    printed = at_company.type("select", "fraud_screening+", code=2)
    assert "not known: no-sources at" in printed


def test_select_gives_rows(at_company: Terminal) -> None:
    printed = at_company.type("select", "kind:mlmodel and owner:*", "-f", "json")
    assert len(json.loads(printed)["records"]) == 5


def test_a_mistake_in_a_selection_is_pointed_at(at_company: Terminal) -> None:
    at_company.type("select", "churn & kind:table", code=2)
    assert at_company.errors.splitlines()[1:] == ["  churn & kind:table", "        ^"]


@pytest.mark.parametrize("verb", ["audit", "coverage"])
def test_verbs_on_models_take_a_selection(at_company: Terminal, verb: str) -> None:
    printed = at_company.type(verb, "tier:Tier1 or churn", code=1 if verb == "audit" else 0)
    assert "mlflow.churn" in printed
    assert "mlflow.credit_risk" in printed
    assert "delivery_time" not in printed


def test_coverage_takes_a_name(at_company: Terminal) -> None:
    assert "1 of 1 model lacks" in at_company.type("coverage", "fraud_screening")


def test_an_audit_says_what_its_selection_cannot_know(at_company: Terminal) -> None:
    at_company.type("audit", "customers.email+ or tag:Nothing", code=1)
    assert "nothing is tag:Nothing" in at_company.errors
    at_company.type("audit", "churn or (fraud_screening+ and kind:mlmodel)", code=1)
    assert "not known: " in at_company.errors


def test_traces_of_a_selection_are_one_answer(at_company: Terminal) -> None:
    printed = at_company.type("upstream", "churn or delivery_time", "-f", "json")
    answer = json.loads(printed)
    starts = {record["start"] for record in answer["records"]}
    assert starts == {"mlmodel:mlflow.churn", "mlmodel:mlflow.delivery_time"}
    assert "upstream of 2 starts; complete" in answer["summary"]
    text = at_company.type("upstream", "churn or delivery_time")
    assert text.count("hops at most") == 2
    one, two, both = (
        list(map(tuple, csv.reader(StringIO(at_company.type("upstream", word, "-f", "csv")))))
        for word in ("churn", "delivery_time", "churn or delivery_time")
    )
    assert sorted(both) == sorted({*one, *two})


def test_a_selection_of_several_is_drawn_by_itself(at_company: Terminal, tmp_path: Path) -> None:
    target = tmp_path / "x.svg"
    at_company.type("draw", "customers.email..churn", "-o", target)
    assert "campaign_bucket" in target.read_text()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("chrn", "nothing is called 'chrn' here; did you mean churn"),
        ("kind:mlmodl", "did you mean mlmodel"),
        ("tag:Nothing.Such", "nothing is called 'tag:Nothing.Such' here"),
        ("date_of_birth", "'date_of_birth' may mean any of"),
        ("qqq:x", "'qqq' is no key"),
    ],
)
def test_what_is_neither_name_nor_selection_is_refused(
    at_company: Terminal, word: str, said: str
) -> None:
    at_company.type("upstream", word, code=2)
    assert said in at_company.errors


CUSTOMERS = "kind:column and *.public.customers.*"


def test_paths_between_selections_are_those_of_every_pair_that_any_connects(
    at_company: Terminal,
) -> None:
    words = ("paths", CUSTOMERS, "churn or demand_forecast", "--columns")
    answer = json.loads(at_company.type(*words, "-f", "json"))
    starts, ends = ({row[key] for row in answer["records"]} for key in ("start", "end"))
    assert len(starts) > 1
    assert ends == {"mlmodel:mlflow.churn"}
    first = min(starts).partition(":")[2]
    alone = json.loads(at_company.type("paths", first, "churn", "--columns", "-f", "json"))
    of_pair = [row for row in answer["records"] if row["start"] == f"column:{first}"]
    for row in of_pair:
        del row["start"], row["end"]
    assert of_pair == alone["records"]
    text = at_company.type(*words)
    assert text.count(" to mlmodel:mlflow.churn, ") == len(starts)
    assert text.splitlines()[-1] == answer["summary"]


def test_paths_between_nothing_connected_say_so(at_company: Terminal) -> None:
    text = at_company.type("paths", "churn or delivery_time", "kind:table and *.customers")
    assert text.endswith("pairs connected\n")
    assert text.startswith("0 paths, 0 of ")


def test_the_scope_of_a_plan_takes_a_selection(at_company: Terminal) -> None:
    one = at_company.type("plan", "--scope", "churn")
    assert at_company.type("plan", "--scope", "kind:mlmodel and churn") == one
    both = at_company.type("plan", "--scope", "churn or credit_risk", "-f", "json")
    rows = json.loads(both)["records"]
    assert {row["downstream"] for row in rows} == {
        "mlmodel:mlflow.churn",
        "mlmodel:mlflow.credit_risk",
    }
    at_company.type("plan", "--scope", "kind:mlmodel and tag:Nothing", code=2)
    assert "nothing is called" in at_company.errors
