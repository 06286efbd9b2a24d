from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.files.document_file import READY_POLICIES, read_ready_policy
from lineage.governance.audit.audit import audit
from lineage.governance.policy.check import check
from lineage.governance.policy.check_report import Check, Status
from lineage.governance.policy.reading import make_policy
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Strength
from lineage.model.entities import Entity, MlModel, Tag
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from tests.builders import column, edge, entity, feature, graph_of, model, table
from tests.examples import examples
from tests.governance.policy.policies import coverage_rule, flow_rule, policy_of, waiver
from tests.strategies import snapshots

TODAY = date(2027, 1, 1)
EXPIRED = "expired on 2026-12-31 and counts no longer"
RAW, CLEAN = table("raw", "email:PII.Sensitive other"), table("clean", "email other")
MODEL = model("m", f="clean.email")


def passing(function: str = "") -> LineageGraph:
    return graph_of(RAW, CLEAN, MODEL, edge("raw>clean", f"email>email:{function}"))


def checked(graph: LineageGraph, *rules: dict[str, Any], **others: Any) -> Check:
    return check(graph, policy_of(*rules, **others), today=TODAY)


def test_a_value_that_arrives_violates_with_its_evidence() -> None:
    answer = checked(passing(), flow_rule())
    (violation,) = answer.violations
    assert answer.status == Status.VIOLATED
    assert violation.message == "raw.email (PII.Sensitive) reaches m"
    assert violation.target == entity("m")
    assert violation.source == column("raw.email")
    assert violation.path == (column("raw.email"), column("clean.email"), feature("m.f"))


def test_what_does_not_arrive_is_clean() -> None:
    graph = graph_of(RAW, CLEAN, model("m", f="clean.other"), edge("raw>clean", "other>other"))
    answer = checked(graph, flow_rule())
    assert answer.status == Status.CLEAN
    assert answer.results[0].targets == (entity("m"),)
    assert answer.results[0].sources == (column("raw.email"),)
    assert answer.to_records()[0]["status"] == "clean"


@pytest.mark.parametrize(
    ("allow", "status"),
    [([], Status.VIOLATED), (["masked"], Status.CLEAN), (["table"], "violated")],
)
def test_what_is_allowed_is_no_violation(allow: list[str], status: str) -> None:
    assert checked(passing("md5(email)"), flow_rule(allow=allow)).status == status


def test_a_route_by_tables_alone_violates_unless_it_is_allowed() -> None:
    graph = graph_of(RAW, CLEAN, MODEL, edge("raw>clean"))
    assert checked(graph, flow_rule(allow=["masked"])).status == Status.VIOLATED
    assert checked(graph, flow_rule(allow=["table"])).status == Status.CLEAN


@pytest.mark.parametrize(
    ("function", "status"), [("md5(email)", Status.VIOLATED), ("hmac(email, k)", Status.CLEAN)]
)
def test_only_the_masks_that_are_named_count(function: str, status: Status) -> None:
    rule = flow_rule(allow=["masked"], masks=["keyed hash"])
    assert checked(passing(function), rule).status == status


def test_a_long_route_by_a_mask_that_does_not_count_is_not_hidden_by_a_short_one() -> None:
    graph = graph_of(
        RAW, CLEAN, table("side", "email"), MODEL,
        edge("raw>clean", "email>email:hmac(email, k)"),
        edge("raw>side", "email>email:md5(email)"), edge("side>clean", "email>email"),
    )  # fmt: skip
    rule = flow_rule(allow=["masked"], masks=["keyed hash"])
    (violation,) = checked(graph, rule).violations
    assert len(violation.path) == 4


def test_masking_that_is_only_stated_counts_where_it_is_named() -> None:
    (mapping,) = edge("raw>clean", "email>email").column_edges
    stated = replace(edge("raw>clean"), column_edges=(replace(mapping, masking=True),))
    graph = graph_of(RAW, CLEAN, MODEL, stated)
    assert checked(graph, flow_rule(allow=["masked"])).status == Status.CLEAN
    named = flow_rule(allow=["masked"], masks=["stated"])
    assert checked(graph, named).status == Status.CLEAN
    others = flow_rule(allow=["masked"], masks=["digest"])
    assert checked(graph, others).status == Status.VIOLATED


def test_a_policy_can_name_its_own_masks() -> None:
    mask = {"name": "vault", "functions": ["our_vault"], "reason": "only the vault knows"}
    graph, rule = passing("our_vault(email)"), flow_rule(allow=["masked"])
    assert checked(graph, rule).status == Status.VIOLATED
    assert checked(graph, rule, masks=[mask]).status == Status.CLEAN


@pytest.mark.parametrize(
    ("function", "status"),
    [("seal(email, 'k')", Status.CLEAN), ("seal('a', email)", Status.VIOLATED)],
)
def test_a_mask_of_a_policy_can_say_which_argument_it_hides(function: str, status: Status) -> None:
    mask = {"name": "seal", "functions": ["Seal(value, key)"], "reason": "reviewed"}
    rule = flow_rule(allow=["masked"])
    assert checked(passing(function), rule, masks=[mask]).status == status


def test_any_selection_can_be_kept_apart() -> None:
    rule = flow_rule(source="column:raw.*", to="feature:m.*")
    (violation,) = checked(passing(), rule).violations
    assert violation.message == "raw.email (PII.Sensitive) reaches m.f"
    untagged = graph_of(table("raw", "age"), model("m", f="raw.age"))
    (violation,) = checked(untagged, flow_rule(source="name:AGE")).violations
    assert violation.message == "raw.age reaches m"


def test_data_may_be_kept_from_tables_and_columns_too() -> None:
    answer = checked(
        passing(), flow_rule(to="clean.email"), flow_rule(name="other", to="clean.other")
    )
    assert [result.status for result in answer.results] == [Status.VIOLATED, Status.CLEAN]
    (violation,) = checked(passing(), flow_rule(to="fqn:clean*")).violations
    assert violation.target == entity("clean")


def test_nested_columns_are_meant_with_the_column_around_them() -> None:
    address = replace(RAW.columns[0], name="address", fqn="raw.address", tags=())
    street = replace(address, name="street", fqn="raw.address.street")
    raw = replace(RAW, columns=(replace(address, children=(street,)),))
    graph = graph_of(raw, model("m", f="raw.address.street"))
    assert column("raw.address.street") in checked(
        graph, flow_rule(source="raw.address")
    ).results[0].sources  # fmt: skip


@pytest.mark.parametrize(
    "gap",
    [
        Gap(GapKind.EDGES_NOT_READ, entity("raw"), "failed"),
        Gap(GapKind.ENTITIES_NOT_READ, None, "a page failed"),
        Gap(GapKind.SOURCE_NOT_RESOLVED, feature("m.f"), "gone"),
    ],
    ids=str,
)
def test_an_incomplete_graph_is_never_clean(gap: Gap) -> None:
    graph = graph_of(RAW, CLEAN, MODEL, edge("raw>clean", "email>email:md5(email)"), gap)
    answer = checked(graph, flow_rule(allow=["masked"]))
    assert answer.status == Status.UNKNOWN
    assert any(str(gap) in doubt.reasons for doubt in answer.doubts)
    assert checked(graph, flow_rule()).status == Status.VIOLATED


def test_a_reading_of_one_model_says_nothing_of_all_models() -> None:
    gap = Gap(GapKind.DOWNSTREAM_NOT_READ, entity("m"), "only what is upstream of it was read")
    graph = graph_of(RAW, CLEAN, MODEL, edge("raw>clean", "email>email:md5(email)"), gap)
    rule = flow_rule(allow=["masked"], to="m")
    assert checked(graph, rule).status == Status.CLEAN


def test_a_rule_that_selects_nothing_has_checked_nothing() -> None:
    (doubt,) = checked(passing(), flow_rule(source="tag:PII.Sens")).doubts
    assert doubt.reasons == (
        (
            "nothing was checked: tag:PII.Sens selects nothing; nothing is tag:PII.Sens; "
            "did you mean PII.Sensitive?"
        ),
    )
    allowed = flow_rule(source="tag:PII.Sens", may_be_empty=True)
    assert checked(passing(), allowed).status == Status.CLEAN


def test_a_rule_with_a_name_that_is_not_there_is_in_doubt_and_others_go_on() -> None:
    answer = checked(passing(), flow_rule(to="gone"), flow_rule(name="other"))
    assert [result.status for result in answer.results] == [Status.UNKNOWN, Status.VIOLATED]
    assert answer.doubts[0].reasons == ("nothing is called 'gone' here",)
    assert answer.status == Status.VIOLATED


def test_a_target_that_is_known_by_name_alone_is_in_doubt() -> None:
    graph = graph_of(RAW, edge("raw>m"))
    answer = checked(graph, flow_rule(to="tier:Tier1", may_be_empty=True))
    assert {doubt.target for doubt in answer.doubts} == {None, entity("m")}
    (doubt,) = checked(graph, coverage_rule("owner")).doubts
    assert (doubt.target, doubt.reasons) == (entity("m"), ("it was not read",))


# Waivers


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, Status.CLEAN),
        ({"expires": "2027-01-01"}, Status.CLEAN),
        ({"expires": "2026-12-31"}, Status.VIOLATED),
        ({"source": "raw.email"}, Status.CLEAN),
        ({"source": "table:raw"}, Status.CLEAN),
        ({"source": "raw.other"}, Status.VIOLATED),
        ({"to": "clean"}, Status.VIOLATED),
        ({"to": "gone"}, Status.VIOLATED),
        ({"to": "kind:mlmodel"}, Status.CLEAN),
    ],
)
def test_a_waiver_lets_pass_what_it_names_until_its_last_day(
    facts: dict[str, str], status: Status
) -> None:
    answer = checked(passing(), flow_rule(), waivers=[waiver(**facts)])
    assert answer.status == status
    assert (answer.violations[0].waiver is not None) == (status == Status.CLEAN)


@pytest.mark.parametrize(
    ("facts", "note"),
    [
        ({"expires": "2026-12-31"}, f"{EXPIRED}; it would waive something"),
        ({"expires": "2026-12-31", "to": "clean"}, f"{EXPIRED}; it would waive nothing"),
        ({"to": "clean"}, "waives nothing"),
        ({"to": "gone"}, "waives nothing: nothing is called 'gone' here"),
    ],
)  # fmt: skip
def test_a_waiver_that_is_of_no_use_is_said(facts: dict[str, str], note: str) -> None:
    (found,) = checked(passing(), flow_rule(), waivers=[waiver(**facts)]).notes
    assert found.text == note


def test_a_waiver_of_a_model_holds_for_its_features() -> None:
    answer = checked(passing(), flow_rule(to="kind:feature"), waivers=[waiver()])
    assert answer.status == Status.CLEAN
    assert answer.notes == ()


def test_a_waiver_waives_no_doubt() -> None:
    gap = Gap(GapKind.EDGES_NOT_READ, entity("raw"), "failed")
    graph = graph_of(RAW, CLEAN, MODEL, edge("raw>clean", "email>email"), gap)
    answer = checked(graph, flow_rule(), waivers=[waiver()])
    assert answer.violations[0].waiver is not None
    assert answer.status == Status.UNKNOWN


def test_a_waiver_that_counts_goes_before_one_that_has_expired() -> None:
    waivers = [waiver(expires="2026-12-31", owner="old"), waiver(owner="new")]
    (violation,) = checked(passing(), flow_rule(), waivers=waivers).violations
    assert violation.waiver is not None
    assert violation.waiver.owner == "new"


# Coverage


def test_what_is_not_known_of_a_model_violates() -> None:
    rule = coverage_rule(
        "sources", "dashboard", "owner", "tier", "domain", "description", "certification"
    )
    graph = graph_of(RAW, model("m", f="raw.gone", g="raw.other"))
    found = [item.message for item in checked(graph, rule).violations]
    assert found == [
        "m has 1 of 2 features that do not resolve to columns: f",
        "m has no dashboard",
        "m has no owner",
        "m has no tier",
        "m has no domain",
        "m has no description",
        "m has no certification",
    ]


def test_a_model_of_which_all_is_known_is_clean() -> None:
    known = replace(
        model("m", f="raw.other"),
        dashboard=Reference("dashboard", "d"),
        owners=(Reference("user", "ann"),),
        domains=(Reference("domain", "sales"),),
        tags=(Tag(fqn="Tier.Tier1"),),
        description="what it does",
        certification="Certification.Gold",
    )
    rule = coverage_rule(
        "sources", "dashboard", "owner", "tier", "domain", "description", "certification"
    )
    assert checked(graph_of(RAW, known), rule).status == Status.CLEAN


def test_sources_and_dashboards_are_asked_of_models_only() -> None:
    rule = coverage_rule("sources", "dashboard", "owner", of="raw or m")
    found = [item.message for item in checked(graph_of(RAW, model("m")), rule).violations]
    assert found == [
        "m declares no feature",
        "m has no dashboard",
        "m has no owner",
        "raw has no owner",
    ]


def test_a_column_stands_for_its_table_in_a_coverage_rule() -> None:
    (violation,) = checked(graph_of(RAW), coverage_rule("owner", of="tag:PII.*")).violations
    assert violation.target == entity("raw")


# Everything at once


def test_every_row_says_what_it_is() -> None:
    answer = checked(
        passing(), flow_rule(), coverage_rule("owner"), flow_rule(name="n", to="gone"),
        waivers=[waiver()],
    )  # fmt: skip
    statuses = [(row["rule"], row["status"]) for row in answer.to_records()]
    assert statuses == [("no-pii", "waived"), ("known", "violated"), ("n", "unknown")]
    assert answer.to_records()[0]["waived_by"] == "ann, until 2027-01-31"
    assert answer.summary() == "policy.toml: violated; 3 rules, 1 violation, 1 waived, 1 not known"


@given(snapshots(), st.sets(st.sampled_from(["masked", "influence", "table"])))
@settings(max_examples=examples(80))
def test_a_check_agrees_with_the_audit(snapshot: Snapshot, allow: set[str]) -> None:
    graph = build_graph(snapshot)
    rule = flow_rule(allow=sorted(allow), may_be_empty=True)
    answer = checked(graph, rule)
    models = audit(graph).models
    forbidden = {item for item in Strength if item.label not in allow}
    violated = any(found.strength in forbidden for item in models for found in item.findings)
    expected = Status.UNKNOWN if any(item.gaps for item in models) else Status.CLEAN
    assert answer.status == (Status.VIOLATED if violated else expected)


@given(snapshots(), st.data())
@settings(max_examples=examples(80))
def test_hiding_anything_never_makes_a_violation_clean(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    rule = flow_rule(allow=["masked"], may_be_empty=True)
    tables = [item for item in snapshot.entities if not isinstance(item, MlModel)]
    hidden: Entity = data.draw(st.sampled_from(tables))
    rest = tuple(item for item in snapshot.entities if item != hidden)
    whole = checked(build_graph(snapshot), rule).status
    cut = checked(build_graph(replace(snapshot, entities=rest)), rule).status
    assert cut != Status.CLEAN or whole == Status.CLEAN


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("gender", True),
        ("Customer_Gender", True),
        ("sex", True),
        ("essex", False),
        ("age", True),
        ("applicant_age", True),
        ("age_band", True),
        ("account_age", False),
        ("page", False),
        ("average", False),
        ("dateOfBirth", True),
        ("race", True),
        ("trace", False),
        ("race_id", True),
        ("marital_status", True),
        ("is_disabled", False),
        ("disability", True),
        ("health_check", False),
        ("health_status", True),
        ("diagnostics", False),
        ("orientation", False),
        ("sexual_orientation", True),
    ],
)
def test_the_fairness_policy_distinguish_people_from_things(name: str, *, is_found: bool) -> None:
    graph = graph_of(table("raw", name), model("m", f=f"raw.{name}"))
    answer = check(graph, make_policy(read_ready_policy("fairness")), today=TODAY)
    assert bool(answer.violations) == is_found


@pytest.mark.parametrize("name", READY_POLICIES)
def test_the_ready_policies_do_not_take_an_empty_catalog_for_a_clean_one(name: str) -> None:
    policy = make_policy(read_ready_policy(name))
    answer = check(graph_of(), policy, today=TODAY)
    assert answer.status == Status.UNKNOWN
