from dataclasses import replace

import pytest

from lineage.model.reference import Reference
from lineage.queries.coverage import coverage
from lineage.views.coverage_text import render_coverage
from tests.builders import edge, feature, graph_of, model, table


def test_seven_of_ten_resolved_features_are_seven_tenths_and_the_three_are_named() -> None:
    sources = {f"f{number}": f"a.{'x' if number < 7 else 'gone'}" for number in range(10)}
    (row,) = coverage(graph_of(table("a", "x"), model("m", **sources))).models
    assert row.share == pytest.approx(0.7)
    assert [one.name for one, _ in row.unresolved] == ["f7", "f8", "f9"]
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


def test_a_feature_that_declares_nothing_and_is_mapped_is_known_by_the_record() -> None:
    graph = graph_of(table("a", "x y"), model("m", f="a.x", g="", h=""), edge("a>m", "y>g"))
    answer = coverage(graph)
    (row,) = answer.models
    assert (row.declared, row.recorded) == ((feature("m.f"),), (feature("m.g"),))
    assert row.resolved == (feature("m.f"), feature("m.g"))
    assert row.unresolved == ((feature("m.h"), "the feature declares no source"),)
    assert answer.summary().endswith(
        "2 of 3 features resolve to columns, 1 of them by what is recorded alone"
    )
    text = render_coverage(answer)
    assert "2 of 3 features resolve (1 declared, 1 recorded); no dashboard, no owner" in text
    assert "  g: declares no source; known by what is recorded" in text
    assert answer.to_records()[0]["recorded"] == 1


def test_a_mapping_that_names_no_column_says_nothing_of_a_source_that_resolves() -> None:
    recorded = edge("a>m", "x>f")
    bare = replace(recorded, column_edges=(replace(recorded.column_edges[0], upstream=()),))
    graph = graph_of(table("a", "x"), model("m", f="a.x", g=""), bare)
    (row,) = coverage(graph).models
    assert row.declared == (feature("m.f"),)
    assert row.unresolved == ((feature("m.g"), "the feature declares no source"),)


def test_a_mapping_from_a_column_that_is_gone_makes_no_feature_known() -> None:
    graph = graph_of(table("a", "x"), model("m", f=""), edge("a>m", "gone>f"))
    (row,) = coverage(graph).models
    ((_, reason),) = row.unresolved
    assert reason == "the feature declares no source, and the column it is mapped from is not there"


def test_a_source_that_does_not_resolve_is_named_whatever_is_recorded() -> None:
    graph = graph_of(table("a", "x"), model("m", f="a.gone"), edge("a>m", "x>f"))
    (row,) = coverage(graph).models
    assert [one.name for one, _ in row.unresolved] == ["f"]


def test_rows_and_summary_show_the_same() -> None:
    answer = coverage(graph_of(table("a", "x"), model("m", f="a.x")))
    assert answer.summary() == "1 of 1 model lacks something; 1 of 1 feature resolves to columns"
    assert answer.to_records()[0]["missing"] == ["dashboard", "owner"]
