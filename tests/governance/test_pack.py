from lineage.governance.audit.audit import Verdict, audit
from lineage.governance.pack.make import make_pack
from lineage.governance.pack.requirements import REQUIREMENTS, Status, status_of
from lineage.governance.pack.statements import Topic, state_facts
from lineage.governance.pack.values import AuditPack, Reading, edge_id
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind
from tests.builders import column, edge, entity, graph_of, model, table

READING = Reading(server="s", server_version="2.0", read_at="2026-01-01", digest="abc")

PEOPLE = table("people", "email:PII.Sensitive phone:PII.Sensitive city")
CORE = table("core", "mail city")
INTO_CORE = edge(
    "people>core",
    "email>mail:md5(email)",
    "city>city",
    pipeline=Reference("pipeline", "air.etl"),
    sql="select",
    updated_by="bot",
    updated_at=5,
)


def pack_of(*items: Entity | object, features: str = "core.mail core.city") -> AuditPack:
    sources = dict(zip("fg", features.split(), strict=False))
    graph = graph_of(*items, model("m", **sources))  # type: ignore[arg-type]
    return make_pack(graph, audit(graph), entity("m"), reading=READING)


def test_a_pack_shows_what_reaches_the_model_and_what_stays_behind() -> None:
    pack = pack_of(PEOPLE, CORE, INTO_CORE)
    assert pack.assessment.verdict == Verdict.REACHES_MASKED
    assert [item.sensitive.reference for item in pack.findings] == [column("people.email")]
    assert [item.reference for item in pack.beside] == [column("people.phone")]
    assert pack.sensitive == 2


def test_each_feature_is_traced_to_its_columns_and_its_roots() -> None:
    pack = pack_of(PEOPLE, CORE, INTO_CORE)
    mail, city = pack.features
    assert (mail.columns, mail.roots) == ((column("core.mail"),), (entity("people"),))
    assert mail.assessment.verdict == Verdict.REACHES_MASKED
    assert city.assessment.verdict == Verdict.NO_VALUE_PATH


def test_trust_counts_how_the_edges_came_to_be_known() -> None:
    trust = pack_of(PEOPLE, CORE, INTO_CORE).trust
    assert trust.origins == (("Manual", 1), ("declared by the model", 1))
    assert (trust.edges, trust.mapped, trust.bare) == (2, 2, 0)
    assert (trust.with_job, trust.with_sql, trust.with_author) == (1, 1, 1)
    assert (trust.oldest, trust.newest) == (5, 5)


def test_a_pack_of_which_nothing_is_known_upstream_shows_nothing_of_it() -> None:
    graph = graph_of(model("m", f=""))
    pack = make_pack(graph, audit(graph), entity("m"), reading=READING)
    facts = state_facts(pack)
    known = {topic for topic, fact in facts.items() if not fact.lacks}
    assert known <= {Topic.INPUTS, Topic.RECORD}
    statuses = {item.topics: status_of(item, facts) for item in REQUIREMENTS}
    assert Status.SHOWN not in statuses.values()
    assert statuses[Topic.HISTORY, Topic.RECORD] == Status.IN_PART  # the record is kept
    assert statuses[(Topic.PREPARATION,)] == Status.NOT_SHOWN
    assert statuses[Topic.VERDICT, Topic.COMPLETENESS] == Status.NOT_SHOWN


def test_a_feature_without_a_source_moves_to_what_is_not_shown() -> None:
    whole = pack_of(PEOPLE, CORE, INTO_CORE)
    cut = pack_of(PEOPLE, CORE, INTO_CORE, features="core.mail core.gone")
    assert not whole.assessment.gaps
    assert [gap.kind for gap in cut.assessment.gaps] == [GapKind.SOURCE_NOT_RESOLVED]
    assert cut.coverage.share < whole.coverage.share
    assert state_facts(whole)[Topic.COMPLETENESS].lacks == "what joins and filters on 2 edges"
    assert "1 gap" in state_facts(cut)[Topic.COMPLETENESS].lacks


def test_what_is_beside_is_not_called_safe_in_a_cut_graph() -> None:
    gap = Gap(GapKind.EDGES_NOT_READ, entity("core"), "502")
    fact = state_facts(pack_of(PEOPLE, CORE, INTO_CORE, gap))[Topic.MINIMISATION]
    assert fact.lacks


def test_no_requirement_is_shown_whole_where_a_fact_lacks_something() -> None:
    facts = state_facts(pack_of(PEOPLE, CORE, INTO_CORE, features="core.mail core.gone"))
    for requirement in REQUIREMENTS:
        lacking = any(facts[topic].lacks for topic in requirement.topics)
        assert (status_of(requirement, facts) == Status.SHOWN) is not lacking


def test_an_edge_has_one_name_and_two_jobs_have_two() -> None:
    other = edge("people>core", "email>mail:md5(email)", "city>city", sql="other")
    names = {edge_id(INTO_CORE), edge_id(other), edge_id(edge("people>core"))}
    assert len(names) == 3
    assert edge_id(INTO_CORE) in names


def test_a_deleted_table_upstream_is_named() -> None:
    pack = pack_of(table("people", "email:PII.Sensitive", deleted=True), CORE, INTO_CORE)
    assert pack.deleted == (entity("people"),)
