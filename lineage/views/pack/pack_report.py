"""Compose the document of an audit pack: what is said, section by section."""

from collections.abc import Iterator, Mapping

from lineage.governance.audit.audit import Finding, Verdict
from lineage.governance.pack.requirements import LIMITS, REQUIREMENTS, Requirement, status_of
from lineage.governance.pack.statements import Fact, Topic, state_facts
from lineage.governance.pack.values import AuditPack, FeatureEntry, Root, edge_id
from lineage.model.answer import counted
from lineage.model.edges import Edge, Hop
from lineage.model.reference import Reference
from lineage.model.register import Proxy
from lineage.views.audit_text import MEANINGS
from lineage.views.pack.bias_section import ask_questions
from lineage.views.pack.document import (
    Block,
    Bullets,
    Cell,
    Code,
    Document,
    Link,
    Picture,
    Section,
    Table,
)
from lineage.views.terminal import moment

__all__ = ["compose"]

_HEADINGS = {
    Topic.VERDICT: "The answer",
    Topic.ORIGIN: "Where the data comes from",
    Topic.PREPARATION: "How the data was prepared",
    Topic.INPUTS: "Feature dictionary",
    Topic.MINIMISATION: "Sensitive data beside the model's lineage",
    Topic.OWNERS: "Who answers for it",
    Topic.SYSTEMS: "Systems",
    Topic.HISTORY: "Who recorded the lineage, and when",
    Topic.TRUST: "How far the lineage can be trusted",
    Topic.COMPLETENESS: "What is not shown",
    Topic.RECORD: "The record",
}


def compose(pack: AuditPack, *, pictures: Mapping[int, bytes], overview: bytes | None) -> Document:
    """Compose the document of a pack.

    Parameters
    ----------
    pack : AuditPack
    pictures : mapping of int to bytes
        Drawings of the evidence as SVG, by the number of the finding, from 1.
    overview : bytes or None
        A drawing of everything upstream, as SVG.

    Returns
    -------
    Document
    """
    facts = state_facts(pack)
    model = pack.model
    reading = pack.reading
    return Document(
        title=model.display_name or model.reference.name,
        subtitle="Data lineage audit of a machine-learning model",
        verdict=pack.assessment.verdict,
        lead=_lead(pack),
        identity=(
            ("Model", model.reference.fqn),
            ("Algorithm", model.algorithm or "not stated"),
            ("Target", model.target or "not stated"),
            ("Owners", ", ".join(owner.fqn for owner in model.owners) or "none"),
            ("Looked for", ", ".join(pack.looked_for)),
            ("Catalog", f"{reading.server or 'not stated'} ({reading.server_version or '?'})"),
            ("Read at", reading.read_at or "not stated"),
            ("Snapshot", f"SHA-256 {reading.digest}"),
        ),
        sections=(
            _answer(pack, facts[Topic.VERDICT], overview),
            *_evidence(pack, pictures),
            *([] if pack.bias is None else [ask_questions(pack.bias)]),
            _dictionary(pack, facts[Topic.INPUTS]),
            _origins(pack, facts),
            _beside(pack, facts[Topic.MINIMISATION]),
            _trust(pack, facts),
            _not_shown(pack, facts[Topic.COMPLETENESS]),
            Section("What lineage cannot know", "limits", (Bullets(LIMITS),)),
            _requirements(facts),
            _edges(pack),
        ),
    )


def _lead(pack: AuditPack) -> str:
    verdict = pack.assessment.verdict
    if pack.findings:
        first = pack.findings[0]
        labels = ", ".join(map(str, _labels(first)))
        name = f"{first.sensitive.reference.fqn}{f' ({labels})' if labels else ''}"
        return f"{name}: {MEANINGS[verdict]}."
    return f"{MEANINGS[verdict][0].upper()}{MEANINGS[verdict][1:]}."


def _stated(fact: Fact) -> Iterator[Block]:
    yield f"{fact.statement[0].upper()}{fact.statement[1:]}."
    if fact.lacks:
        yield f"Lacking: {fact.lacks}."


def _answer(pack: AuditPack, fact: Fact, overview: bytes | None) -> Section:
    rows = tuple(_verdict_row(number, item) for number, item in enumerate(pack.findings, 1))
    header = ("", "sensitive data", "because of", "verdict", "hops", "weakest hop", "masked by")
    blocks: list[Block] = list(_stated(fact))
    if rows:
        blocks.append(Table(header, rows))
    blocks += [f"Masked by {rule.name}: {rule.explanation}." for rule in pack.masks]
    if overview is not None:
        blocks.append(Picture(overview, f"Everything upstream of {pack.model.reference.fqn}"))
    return Section(_HEADINGS[Topic.VERDICT], Topic.VERDICT, tuple(blocks))


def _verdict_row(number: int, finding: Finding) -> tuple[Cell, ...]:
    return (
        Link(f"{number}", f"finding-{number}"),
        Code(finding.sensitive.reference.fqn),
        _labels(finding),
        finding.verdict,
        len(finding.path),
        finding.path.strength.label if finding.path.hops else "looked for itself",
        tuple(finding.masked_by),
    )


def _labels(finding: Finding) -> tuple[Cell, ...]:
    """Say why it is looked for: its tags, or what it is declared to indicate."""
    proxy = finding.sensitive.proxy
    declared = () if proxy is None else (f"proxy of {proxy.attribute}",)
    return (*finding.sensitive.tags, *declared)


def _evidence(pack: AuditPack, pictures: Mapping[int, bytes]) -> Iterator[Section]:
    if pack.findings:
        intro = "For each finding the shortest of its strongest paths, hop by hop."
        yield Section("Evidence", "evidence", (intro,))
    for number, finding in enumerate(pack.findings, 1):
        name = finding.sensitive.reference.fqn
        blocks: list[Block] = [_claim(finding)]
        if number in pictures:
            blocks.append(Picture(pictures[number], f"The path of {name} into {finding.model.fqn}"))
        if finding.path.hops:
            rows = tuple(_hop_row(place, hop) for place, hop in enumerate(finding.path.hops, 1))
            header = ("hop", "from", "to", "strength", "function", "job", "edge")
            blocks.append(Table(header, rows))
        title = f"{number}. {finding.sensitive.reference.name}"
        yield Section(title, f"finding-{number}", tuple(blocks), is_part=True)


def _claim(finding: Finding) -> str:
    name, proxy = finding.sensitive.reference.fqn, finding.sensitive.proxy
    declared = "" if proxy is None else f" {_declared(proxy)}"
    if not finding.path.hops:
        return f"{name} is looked for itself.{declared}"
    through = ", ".join(item.fqn for item in finding.deleted)
    deleted = f" It passes through deleted entities: {through}." if through else ""
    meaning = MEANINGS[finding.verdict]
    return f"{name} {finding.verdict}: {meaning}.{deleted}{declared}"


def _declared(proxy: Proxy) -> str:
    """Say what the register says of a proxy."""
    facts = [f"Declared a proxy of {proxy.attribute}: {proxy.reason}"]
    facts += [f"shown in {proxy.evidence}"] if proxy.evidence else []
    facts.append(f"reviewed by {proxy.reviewer}")
    facts += [f"to be looked at again on {proxy.expires}"] if proxy.expires else []
    facts += [f"measured: {proxy.association}"] if proxy.association else []
    return f"{'; '.join(facts)}."


def _hop_row(place: int, hop: Hop) -> tuple[Cell, ...]:
    pipeline = hop.edge.evidence.pipeline
    name = edge_id(hop.edge)
    evidence_source = None if hop.column_edge is None else hop.column_edge.evidence_source
    return (
        place,
        Code(str(hop.upstream)),
        Code(str(hop.downstream)),
        hop.strength.label if hop.influence is None else f"influence, by {hop.influence}",
        Code(hop.function) if hop.function else "",
        Code(pipeline.fqn) if pipeline is not None else "",
        (Link(name, name), f"from {evidence_source}") if evidence_source else Link(name, name),
    )


def _dictionary(pack: AuditPack, fact: Fact) -> Section:
    header = ("feature", "type", "computed from", "goes back to", "verdict", "description")
    rows = tuple(_feature_row(entry) for entry in pack.features)
    blocks: tuple[Block, ...] = (*_stated(fact), *([Table(header, rows)] if rows else []))
    return Section(_HEADINGS[Topic.INPUTS], Topic.INPUTS, blocks)


def _feature_row(entry: FeatureEntry) -> tuple[Cell, ...]:
    feature = entry.feature
    kind = " · ".join(word for word in (feature.data_type, feature.algorithm) if word)
    return (
        Code(feature.name),
        kind,
        _codes(entry.columns) or "nothing known",
        _codes(entry.roots) or "nothing known",
        entry.assessment.verdict,
        feature.description or "",
    )


def _codes(references: tuple[Reference, ...]) -> tuple[Cell, ...]:
    return tuple(Code(reference.fqn) for reference in references)


def _origins(pack: AuditPack, facts: Mapping[Topic, Fact]) -> Section:
    header = ("root", "kind", "system", "owners", "domains")
    rows = tuple(_root_row(root) for root in pack.roots)
    blocks: list[Block] = []
    for topic in (Topic.ORIGIN, Topic.SYSTEMS, Topic.OWNERS, Topic.PREPARATION):
        blocks += _stated(facts[topic])
    if rows:
        blocks.append(Table(header, rows))
    return Section(_HEADINGS[Topic.ORIGIN], Topic.ORIGIN, tuple(blocks))


def _root_row(root: Root) -> tuple[Cell, ...]:
    entity = root.entity
    if entity is None:
        return Code(root.reference.fqn), str(root.reference.kind), "not read", "", ""
    return (
        Code(root.reference.fqn),
        str(root.reference.kind),
        entity.service or "",
        tuple(owner.fqn for owner in entity.owners) or "nobody",
        tuple(domain.fqn for domain in entity.domains),
    )


def _beside(pack: AuditPack, fact: Fact) -> Section:
    verdict = Verdict.UNKNOWN if pack.assessment.gaps else Verdict.NO_PATH
    rows = tuple((Code(item.reference.fqn), tuple(item.tags), verdict) for item in pack.beside)
    table = [Table(("sensitive data", "tags", "verdict"), rows)] if rows else []
    return Section(_HEADINGS[Topic.MINIMISATION], Topic.MINIMISATION, (*_stated(fact), *table))


def _trust(pack: AuditPack, facts: Mapping[Topic, Fact]) -> Section:
    trust = pack.trust
    blocks: list[Block] = [*_stated(facts[Topic.TRUST]), *_stated(facts[Topic.HISTORY])]
    rows: tuple[tuple[Cell, ...], ...] = (
        ("edges upstream", trust.edges),
        ("with column mappings", trust.mapped),
        ("that name the job", trust.with_job),
        ("that hold the SQL", trust.with_sql),
        ("that say who wrote them", trust.with_author),
        ("that report joins, filters and groups", trust.with_influences),
        *((f"mappings from {what}", number) for what, number in trust.evidence_source),
        ("weakest hop of the strongest finding", _weakest(pack)),
        ("last change, oldest", moment(trust.oldest) or "not known"),
        ("last change, newest", moment(trust.newest) or "not known"),
        ("deleted entities upstream", len(pack.deleted)),
    )
    blocks.append(Table(("figure", "value"), rows))
    return Section(_HEADINGS[Topic.TRUST], Topic.TRUST, tuple(blocks))


def _weakest(pack: AuditPack) -> str:
    if not pack.findings:
        return "no finding"
    path = pack.findings[0].path
    return path.strength.label if path.hops else "looked for itself"


def _not_shown(pack: AuditPack, fact: Fact) -> Section:
    gaps = tuple(str(gap) for gap in pack.assessment.gaps)
    missing = tuple(f"the model has no {what}" for what in pack.coverage.missing)
    blocks: list[Block] = list(_stated(fact))
    if gaps or missing:
        blocks.append(Bullets(gaps + missing))
    else:
        blocks.append("Everything upstream of the model was read and resolved.")
    return Section(_HEADINGS[Topic.COMPLETENESS], Topic.COMPLETENESS, tuple(blocks))


def _requirements(facts: Mapping[Topic, Fact]) -> Section:
    header = ("instrument", "article", "asks", "this pack", "evidence", "not knowable from lineage")
    rows = tuple(_requirement_row(item, dict(facts)) for item in REQUIREMENTS)
    note = (
        "What an article asks is put in a few words, to find the place; its text is what counts. "
        "Lineage is evidence, never compliance."
    )
    return Section("What it serves", "requirements", (note, Table(header, rows)))


def _requirement_row(item: Requirement, facts: dict[Topic, Fact]) -> tuple[Cell, ...]:
    places = tuple(Link(_HEADINGS[topic], _place(topic)) for topic in item.topics)
    status = status_of(item, facts)
    return item.instrument, item.article, item.asks, status, places, item.not_knowable


def _place(topic: Topic) -> str:
    """Name the section where the evidence of a topic stands."""
    shared = {
        Topic.SYSTEMS: Topic.ORIGIN,
        Topic.OWNERS: Topic.ORIGIN,
        Topic.PREPARATION: Topic.ORIGIN,
        Topic.HISTORY: Topic.TRUST,
    }
    return "record" if topic == Topic.RECORD else shared.get(topic, topic)


def _edges(pack: AuditPack) -> Section:
    header = ("edge", "from", "to", "recorded as", "job", "written by", "when", "mappings", "SQL")
    rows = tuple(_edge_row(edge) for edge in pack.edges)
    many = counted(len(rows), "edge")
    intro = f"Every edge upstream of the model, {many}, by the name it has in this pack."
    return Section("Edges", "edges", (intro, *([Table(header, rows)] if rows else [])))


def _edge_row(edge: Edge) -> tuple[Cell, ...]:
    evidence = edge.evidence
    name = edge_id(edge)
    return (
        Code(name, anchor=name),
        Code(str(edge.upstream)),
        Code(str(edge.downstream)),
        evidence.recorded_as or str(evidence.origin),
        Code(evidence.pipeline.fqn) if evidence.pipeline is not None else "",
        evidence.updated_by or "",
        moment(evidence.updated_at),
        len(edge.column_edges),
        Code(evidence.sql) if evidence.sql else "",
    )
