from dataclasses import replace

import pytest
from hypothesis import given, settings

from lineage.errors import UnknownEntity
from lineage.governance.audit.audit import Verdict, audit
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Edge, Strength
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from tests.brute_force import may_be_influenced, strongest
from tests.builders import column, edge, entity, feature, graph_of, model, table
from tests.examples import examples
from tests.strategies import snapshots

EMAIL = "raw.email"


def verdict_of(graph: LineageGraph, sensitive: str = EMAIL, target: str = "m.f") -> Verdict:
    return audit(graph).verdict(column(sensitive), feature(target))


RAW = table("raw", "email:PII.Sensitive other")
CLEAN = table("clean", "email other")


def test_a_value_that_is_passed_on_reaches() -> None:
    graph = graph_of(RAW, CLEAN, model("m", f="clean.email"), edge("raw>clean", "email>email"))
    assert verdict_of(graph) == Verdict.REACHES


def test_a_hash_masks_and_names_its_rule() -> None:
    hashed = edge("raw>clean", "email>email:sha256(email)")
    answer = audit(graph_of(RAW, CLEAN, model("m", f="clean.email"), hashed))
    (finding,) = answer.models[0].findings
    assert finding.verdict == Verdict.REACHES_MASKED
    assert finding.masked_by == ("digest",)


def test_one_raw_route_beats_any_masked_one() -> None:
    graph = graph_of(
        RAW, CLEAN, table("side", "email"), model("m", f="clean.email"),
        edge("raw>clean", "email>email:md5(email)"),
        edge("raw>side", "email>email"), edge("side>clean", "email>email:lower(email)"),
    )  # fmt: skip
    answer = audit(graph)
    assert answer.verdict(column(EMAIL), feature("m.f")) == Verdict.REACHES
    assert len(answer.models[0].findings[0].path) == 3


def test_an_influence_on_a_column_reaches_by_influence() -> None:
    graph = graph_of(RAW, CLEAN, edge("raw>clean", "email>other:join"), model("m", f="clean.other"))
    assert verdict_of(graph) == Verdict.REACHES_BY_INFLUENCE


def test_what_filters_rows_influences_every_column_of_the_table() -> None:
    mappings = ("other>other", "email>:filter")
    graph = graph_of(RAW, CLEAN, edge("raw>clean", *mappings), model("m", f="clean.other"))
    (finding,) = audit(graph).models[0].findings
    assert finding.verdict == Verdict.REACHES_BY_INFLUENCE
    assert finding.path.hops[0].influence == "filter"


def test_what_filters_rows_influences_nested_columns_and_tables_without_columns() -> None:
    nested = Column(name="z", fqn="deep.s.z")
    deep = Entity(
        reference=entity("deep"), columns=(Column(name="s", fqn="deep.s", children=(nested,)),)
    )
    onward = edge("deep>clean", "s.z>other")
    bare = edge("deep>bare")
    last = model("m", f="clean.other", g="bare.other")
    tables = (RAW, CLEAN, deep, table("bare", "other"), last)
    graph = graph_of(*tables, edge("raw>deep", "other>s.z", "email>:filter"), onward, bare)
    assert verdict_of(graph) == Verdict.REACHES_BY_INFLUENCE
    assert verdict_of(graph, target="m.g") == Verdict.REACHES_BY_TABLE


def test_a_value_beats_an_influence_of_the_same_column() -> None:
    mappings = ("email>other:group-by", "email>other")
    graph = graph_of(RAW, CLEAN, edge("raw>clean", *mappings), model("m", f="clean.other"))
    assert verdict_of(graph) == Verdict.REACHES


def test_a_bare_edge_makes_it_possible_by_table() -> None:
    graph = graph_of(RAW, CLEAN, model("m", f="clean.other"), edge("raw>clean"))
    assert verdict_of(graph) == Verdict.REACHES_BY_TABLE


def test_no_path_is_said_where_everything_was_read() -> None:
    graph = graph_of(RAW, CLEAN, model("m", f="clean.other"), edge("raw>clean", "other>other"))
    assert verdict_of(graph) == Verdict.NO_VALUE_PATH
    assert audit(graph).models[0].gaps == ()
    told = edge("raw>clean", "other>other", influences_known=True)
    graph = graph_of(RAW, CLEAN, model("m", f="clean.other"), told)
    assert verdict_of(graph) == Verdict.NO_PATH


@pytest.mark.parametrize(
    "gap",
    [
        Gap(GapKind.EDGES_NOT_READ, entity("clean"), "failed"),
        Gap(GapKind.EDGES_NOT_READ, entity("raw"), "failed"),
        Gap(GapKind.ENTITIES_NOT_READ, None, "a page failed"),
        Gap(GapKind.ENTITIES_NOT_READ, entity("never_seen"), "unreadable"),
        Gap(GapKind.COLUMN_NOT_FOUND, column("raw.other"), "gone"),
    ],
    ids=str,
)
def test_anything_cut_upstream_makes_it_unknown_and_is_named(gap: Gap) -> None:
    graph = graph_of(RAW, CLEAN, model("m", f="clean.other"), edge("raw>clean", "other>other"), gap)
    answer = audit(graph)
    assert answer.models[0].verdict == Verdict.UNKNOWN
    assert answer.models[0].gaps == (gap,)


def test_a_gap_elsewhere_does_not_matter() -> None:
    gap = Gap(GapKind.EDGES_NOT_READ, entity("far"), "failed")
    graph = graph_of(
        RAW, CLEAN, table("far"), model("m", f="clean.other"),
        edge("raw>clean", "other>other", influences_known=True), gap,
    )  # fmt: skip
    assert audit(graph).models[0].verdict == Verdict.NO_PATH


def test_a_hidden_neighbour_makes_it_unknown() -> None:
    graph = graph_of(CLEAN, model("m", f="clean.other"), edge("hidden>clean", "x>other"))
    assert audit(graph).models[0].verdict == Verdict.UNKNOWN


def test_a_model_without_features_is_unknown() -> None:
    assert audit(graph_of(RAW, model("m"))).models[0].verdict == Verdict.UNKNOWN


def test_an_unresolved_source_may_be_any_column_of_its_table() -> None:
    answer = audit(graph_of(RAW, model("m", f="raw.free_text", g="raw.other")))
    assert answer.verdict(column(EMAIL), feature("m.f")) == Verdict.REACHES_BY_TABLE
    assert answer.verdict(column(EMAIL), feature("m.g")) == Verdict.NO_VALUE_PATH
    assert answer.models[0].verdict == Verdict.REACHES_BY_TABLE


def test_a_tagged_table_reaches_by_table_since_the_column_is_not_known() -> None:
    whole = table("raw", "x", tags="PII.Sensitive")
    answer = audit(graph_of(whole, model("m", f="raw.x")))
    assert answer.verdict(entity("raw"), feature("m.f")) == Verdict.REACHES_BY_TABLE


def test_a_tagged_feature_reaches_without_a_hop() -> None:
    tagged = Feature(
        name="f",
        fqn="m.f",
        tags=(Tag(fqn="PII.Sensitive"),),
        sources=(FeatureSource(name="x", entity=entity("a")),),
    )
    answer = audit(graph_of(table("a", "x"), MlModel(reference=entity("m"), features=(tagged,))))
    (finding,) = answer.models[0].findings
    assert (finding.verdict, len(finding.path)) == (Verdict.REACHES, 0)


def test_a_soft_deleted_table_conducts_and_is_reported() -> None:
    gone = replace(CLEAN, deleted=True)
    graph = graph_of(RAW, gone, model("m", f="clean.email"), edge("raw>clean", "email>email"))
    (finding,) = audit(graph).models[0].findings
    assert finding.verdict == Verdict.REACHES
    assert finding.deleted == (entity("clean"),)


def test_cycles_end() -> None:
    graph = graph_of(
        RAW, CLEAN, model("m", f="clean.email"),
        edge("raw>clean", "email>email"), edge("clean>raw", "email>email"),
        edge("clean>clean", "email>email"),
    )  # fmt: skip
    assert verdict_of(graph) == Verdict.REACHES


def test_a_table_edge_into_a_model_may_feed_every_feature() -> None:
    graph = graph_of(RAW, CLEAN, model("m", f="clean.other"), edge("raw>m"))
    assert verdict_of(graph) == Verdict.REACHES_BY_TABLE


def test_only_the_models_asked_for_are_audited() -> None:
    graph = graph_of(RAW, model("m1", f="raw.email"), model("m2", f="raw.other"))
    assert [item.target for item in audit(graph, models=[entity("m2")]).models] == [entity("m2")]
    with pytest.raises(UnknownEntity):
        audit(graph, models=[entity("m3")])


def test_rows_give_each_finding_and_each_target_without_one() -> None:
    answer = audit(graph_of(RAW, model("m", f="raw.email", g="raw.other")))
    rows = [(row["target"], row["verdict"]) for row in answer.to_records()]
    assert rows == [
        ("mlmodel:m", "reaches"),
        ("feature:m.f", "reaches"),
        ("feature:m.g", "no-value-path"),
    ]
    assert repr(answer) == "<Audit: 1 model, 1 sensitive column: 1 reaches>"


def test_rows_without_paths_say_the_same_of_what_reaches_what() -> None:
    answer = audit(graph_of(RAW, model("m", f="raw.email", g="raw.other")))
    of_paths = {"hops", "path", "masked_by", "deleted", "evidence"}
    without = [
        {key: value for key, value in row.items() if key not in of_paths}
        for row in answer.to_records()
    ]
    assert answer.to_records(paths=False) == without


def test_no_row_shares_the_record_of_a_hop_with_another() -> None:
    graph = graph_of(RAW, CLEAN, model("m", f="clean.email"), edge("raw>clean", "email>email"))
    first, second = (row["evidence"][0] for row in audit(graph).to_records())
    assert first == second
    assert first is not second


VERDICTS = {
    Strength.VALUE: Verdict.REACHES,
    Strength.MASKED: Verdict.REACHES_MASKED,
    Strength.INFLUENCE: Verdict.REACHES_BY_INFLUENCE,
    Strength.TABLE: Verdict.REACHES_BY_TABLE,
}


@settings(max_examples=examples(200), deadline=None)
@given(snapshots())
def test_one_pass_gives_what_trying_every_path_gives(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    answer = audit(graph)
    starts = [item.reference for item in answer.sensitive]
    starts += [gap.subject for gap in graph.gaps if gap.subject is not None]
    for item in answer.sensitive:
        for assessed in (*answer.models, *answer.features):
            found = answer.verdict(item.reference, assessed.target)
            held = [item.reference, *graph.nested_parts(item.reference)]
            held = held if item.reference.is_part else held[:1]
            ways = [strongest(graph, part, assessed.target) for part in held]
            strength = max((way for way in ways if way is not None), default=None)
            if strength is not None:
                assert found == VERDICTS[strength]
            elif assessed.gaps:
                assert found == Verdict.UNKNOWN
            else:
                is_silent = may_be_influenced(graph, starts, assessed.target)
                assert found == (Verdict.NO_VALUE_PATH if is_silent else Verdict.NO_PATH)


@settings(max_examples=examples(100), deadline=None)
@given(snapshots())
def test_every_finding_shows_a_path_of_its_strength(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    for finding in audit(graph).findings:
        hops = finding.path.hops
        assert finding.path.strength == finding.strength
        assert graph.entity_of(hops[-1].downstream) == finding.model
        ends = [finding.sensitive.reference, *(hop.downstream for hop in hops[:-1])]
        for before, hop in zip(ends, hops, strict=True):
            assert _is_within_reach(graph, before, hop.upstream)


def _is_within_reach(graph: LineageGraph, before: Reference, after: Reference) -> bool:
    """Whether something that is in the one is in the other as well.

    A pipeline that reads by an edge it carries leads on to where such edges arrive.
    """
    return before.kind == "pipeline" or any(
        {before, after} <= _around(graph, item) for item in graph
    )


def _around(graph: LineageGraph, reference: Reference) -> set[Reference]:
    found, waiting = {reference}, [reference]
    while waiting:
        one = waiting.pop()
        parent = graph.parent(one)
        around = graph.containers(one) if parent is None else (parent,)
        waiting += [item for item in around if item not in found]
        found.update(around)
    return found


def test_entities_that_hold_no_columns_still_conduct() -> None:
    job = Entity(reference=Reference("pipeline", "etl"))
    into = Edge(upstream=entity("raw"), downstream=job.reference)
    out = Edge(upstream=job.reference, downstream=entity("clean"))
    graph = graph_of(RAW, CLEAN, job, model("m", f="clean.other"), into, out)
    assert verdict_of(graph) == Verdict.REACHES_BY_TABLE


def test_an_audit_by_tag_says_of_each_tag_what_its_columns_say() -> None:
    graph = graph_of(
        table("raw", "email:PII.Sensitive phone:PII.Sensitive born:PersonalData.Age"),
        table("clean", "email phone born"), model("m", f="clean.email", g="clean.phone"),
        edge("raw>clean", "email>email:md5(email)", "phone>phone", "born>born"),
    )  # fmt: skip
    answer = audit(graph, by="tag")
    assert answer.verdict("PII.Sensitive", entity("m")) == Verdict.REACHES
    assert answer.verdict("PII.Sensitive", feature("m.f")) == Verdict.REACHES_MASKED
    assert answer.verdict("PersonalData.Age", entity("m")) == Verdict.NO_VALUE_PATH
    (finding,) = answer.models[0].findings
    assert (finding.tag, finding.sensitive.reference) == ("PII.Sensitive", column("raw.phone"))


def test_what_reaches_a_model_does_not_stay_behind_whatever_the_audit_is_by() -> None:
    tables = table("a", "x:PII.Sensitive y:PII.Sensitive z"), table("b", "x")
    graph = graph_of(*tables, edge("a>b", "x>x"), model("m1", f="b.x"), model("m2", f="a.z"))
    for answer in (audit(graph), audit(graph, by="tag")):
        kept, read = answer.models
        assert [one.reference for one in kept.behind] == [column("a.y")]
        assert [one.reference for one in read.behind] == [column("a.x"), column("a.y")]
        assert all(not item.behind for item in answer.features)


def test_what_has_to_be_looked_for_may_be_nothing() -> None:
    graph = graph_of(table("a", "x:PII.Sensitive"), model("m", f="a.x"))
    for answer in (audit(graph), audit(graph, by="tag")):
        assert not answer.models[0].behind


def test_an_audit_answers_for_what_it_was_by_and_for_nothing_else() -> None:
    graph = graph_of(RAW, CLEAN, model("m", f="clean.email"), edge("raw>clean", "email>email"))
    with pytest.raises(ValueError, match="by tag"):
        audit(graph, by="tag").verdict(column(EMAIL), feature("m.f"))
    with pytest.raises(ValueError, match="by reference"):
        audit(graph).verdict("PII.Sensitive", feature("m.f"))


@settings(max_examples=examples(100), deadline=None)
@given(snapshots())
def test_the_strongest_of_a_tag_is_the_strongest_of_what_carries_it(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    by_reference, by_tag = audit(graph), audit(graph, by="tag")
    for one, other in zip(by_reference.models, by_tag.models, strict=True):
        assert (one.verdict, one.gaps) == (other.verdict, other.gaps)
        shortest = {len(item.path) for item in one.findings if item.verdict == one.verdict}
        assert {len(item.path) for item in other.findings} == (
            {min(shortest)} if shortest else set()
        )


@given(snapshots())
def test_strengths_are_known_without_a_finding_being_made(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    for answer in (audit(graph), audit(graph, by="tag")):
        expected = [int(finding.strength) for finding in answer.findings]
        assert answer.findings.strengths.tolist() == expected
        of_models = [int(one.strength) for item in answer.models for one in item.findings]
        assert answer.models.strengths.tolist() == of_models
