from dataclasses import replace

import pytest

from lineage.changes.model_history import ModelHistory, model_history
from lineage.errors import LineageError
from lineage.model.entities import MlModel
from lineage.views.model_history_text import render_model_history
from tests.builders import model


def version(number: float, one: MlModel, **facts: str) -> MlModel:
    return replace(one, version=number, updated_at=int(number * 10), updated_by="ann", **facts)  # type: ignore[arg-type]


def history() -> ModelHistory:
    return model_history(
        (
            version(1.3, model("m", city="a.city"), algorithm="forest"),
            version(0.2, model("m", age="a.age", city="a.city"), algorithm="tree"),
            version(1.2, model("m", age="a.age", city="a.city"), algorithm="forest"),
            version(0.1, model("m", age="a.age"), algorithm="tree"),
        )
    )


def test_each_version_says_what_made_it() -> None:
    records = history().to_records()
    assert [row["version"] for row in records] == [0.1, 0.2, 1.2, 1.3]
    assert [row["bump"] for row in records] == [None, "minor", "major", "minor"]
    assert all(row["follows_rule"] for row in records)
    assert records[2]["changes"] == ["algorithm: tree → forest"]
    assert records[3]["sources"] == ["a.city"]
    assert "feature age: removed" in render_model_history(history())


def test_two_versions_are_compared_fact_by_fact() -> None:
    facts = [str(fact) for fact in history().between("0.1", "v1.3")]
    assert "algorithm: tree → forest" in facts
    assert {"feature age: removed", "feature city: new"} <= set(facts)
    with pytest.raises(LineageError, match=r"no version 7: it has 0\.1, 0\.2, 1\.2, 1\.3"):
        history().between("0.1", "7")


def test_a_number_that_the_rule_does_not_give_is_said() -> None:
    answer = model_history((version(0.1, model("m")), version(0.5, model("m"), target="left")))
    assert answer.summary() == "mlmodel:m: 2 versions; 1 not numbered by the rule"
    assert "major, not by the rule" in render_model_history(answer)


@pytest.mark.parametrize(("moment", "found"), [(0, None), (2, 0.2), (11, 0.2), (99, 1.3)])
def test_a_model_as_of_a_moment_is_its_last_version_until_then(
    moment: int, found: float | None
) -> None:
    then = history().as_of(moment)
    assert (then and then.version) == found
