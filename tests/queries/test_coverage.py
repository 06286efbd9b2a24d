from dataclasses import replace

import pytest

from lineage.model.reference import Reference
from lineage.queries.coverage import coverage
from tests.builders import graph_of, model, table


def test_seven_of_ten_resolved_features_are_seven_tenths_and_the_three_are_named() -> None:
    sources = {f"f{number}": f"a.{'x' if number < 7 else 'gone'}" for number in range(10)}
    (row,) = coverage(graph_of(table("a", "x"), model("m", **sources))).models
    assert row.share == pytest.approx(0.7)
    assert [feature.name for feature, _ in row.unresolved] == ["f7", "f8", "f9"]
    assert "gone" in row.unresolved[0][1]


def test_what_a_model_lacks_is_named() -> None:
    bare = model("m1")
    whole = replace(
        model("m2", f="a.x"),
        dashboard=Reference("dashboard", "bi.m2"),
        owners=(Reference("team", "growth"),),
    )
    first, second = coverage(graph_of(table("a", "x"), bare, whole)).models
    assert first.missing == ("features", "dashboard", "owner")
    assert second.missing == ()
    assert first.share == 0.0


def test_rows_and_summary_tell_the_same() -> None:
    answer = coverage(graph_of(table("a", "x"), model("m", f="a.x")))
    assert answer.summary() == "1 of 1 models lack something; 1 of 1 features resolve to columns"
    assert answer.to_records()[0]["missing"] == ["dashboard", "owner"]
