"""Rows: the facts of nodes and edges that all exports share, in plain texts and numbers.

Every text is escaped here, once, so that no format is broken or run by a name.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property

from lineage.model.edges import ColumnEdge, Evidence, Hop
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.reference import Reference
from lineage.text_escapes import escape
from lineage.views.exports.excerpt import Excerpt, ExcerptEdge
from lineage.views.exports.fact_rows import EdgeRow, FindingRow, NodeRow, Plain

__all__ = ["Rows", "node_id", "spell_time"]


class Rows:
    """What is exported, as rows; each kind of them is made when it is first asked for.

    Attributes
    ----------
    excerpt : Excerpt
    about : dict of str to str
        What is said of the export as a whole.
    nodes : tuple of NodeRow
        Entities, then their parts.
    edges : tuple of EdgeRow
        Edges, each followed by its pairs of columns.
    findings : tuple of FindingRow
        What the audit says, where the export shows one.
    gaps : tuple of str
        Why something may be missing, in words.
    """

    def __init__(self, excerpt: Excerpt) -> None:
        self.excerpt = excerpt

    @cached_property
    def about(self) -> dict[str, str]:
        """What is said of the export as a whole."""
        graph = self.excerpt.graph
        facts = {
            "title": escape(self.excerpt.title),
            "grain": str(self.excerpt.grain),
            "server": escape(graph.server),
            "server_version": escape(graph.server_version),
            "read_at": escape(graph.read_at),
        }
        return {name: value for name, value in facts.items() if value}

    @cached_property
    def nodes(self) -> tuple[NodeRow, ...]:
        """The nodes, entities before their parts."""
        return tuple(_node_rows(self.excerpt))

    @cached_property
    def edges(self) -> tuple[EdgeRow, ...]:
        """The edges, each followed by its pairs of columns."""
        return tuple(_edge_rows(self.excerpt))

    @cached_property
    def findings(self) -> tuple[FindingRow, ...]:
        """What the audit says."""
        return tuple(_finding_rows(self.excerpt))

    @cached_property
    def gaps(self) -> tuple[str, ...]:
        """Why something may be missing."""
        return tuple(_line(str(gap)) for gap in self.excerpt.gaps)


def node_id(reference: Reference) -> str:
    r"""Return what a reference is called in exports.

    Examples
    --------
    >>> print(node_id(Reference("table", "shop.two\nlines")))
    table:shop.two\nlines
    """
    return escape(str(reference))


def spell_time(milliseconds: int | None) -> str | None:
    """Write a time the server gave, milliseconds since 1970, in ISO 8601.

    Examples
    --------
    >>> spell_time(1764000000000), spell_time(None)
    ('2025-11-24T16:00:00.000Z', None)
    """
    if milliseconds is None:
        return None
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):  # no time there ever was
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _node_rows(excerpt: Excerpt) -> Iterator[NodeRow]:
    """Iterate over the nodes of an excerpt, entities before their parts."""
    sensitive = {} if excerpt.audit is None else _tags_by_reference(excerpt)
    for reference in excerpt.references:
        value, parent = excerpt.graph.value(reference), excerpt.graph.parent(reference)
        facts: dict[str, Plain] = {}
        if value is not None:
            facts = _labels(value.tags)
        if isinstance(value, Entity):
            parent = value.parent
            facts |= _entity_facts(value)
        elif isinstance(value, Column | Feature):
            facts |= _part_facts(value)
        verdict = excerpt.verdicts.get(reference)
        yield NodeRow(
            id=node_id(reference),
            kind=escape(str(reference.kind)),
            fqn=escape(reference.fqn),
            name=escape(reference.name),
            parent=None if parent is None else node_id(parent),
            entity=node_id(excerpt.graph.entity_of(reference)),
            read=value is not None,
            sensitive=sensitive.get(reference, ()),
            verdict=None if verdict is None else str(verdict),
            gaps=tuple(_line(str(gap)) for gap in excerpt.gaps_at.get(reference, ())),
            **facts,  # type: ignore[arg-type]  # each is of its field's own type
        )


def _edge_rows(excerpt: Excerpt) -> Iterator[EdgeRow]:
    """Iterate over the edges of an excerpt, each followed by its pairs of columns."""
    for number, item in enumerate(excerpt.edges, 1):
        yield _edge_row(f"e{number}", item)
        for place, hop in enumerate(item.hops, 1):
            yield _column_row(f"e{number}", place, hop)


def _finding_rows(excerpt: Excerpt) -> Iterator[FindingRow]:
    """Iterate over what the excerpt's audit says, where there is one."""
    for item in () if excerpt.audit is None else excerpt.audit.assessments:
        target, model = node_id(item.target), node_id(item.model)
        gaps = tuple(_line(str(gap)) for gap in (*item.gaps, *item.silent))
        if not item.findings:
            yield FindingRow(model=model, target=target, verdict=str(item.verdict), gaps=gaps)
        for finding in item.findings:
            yield FindingRow(
                model=model,
                target=target,
                verdict=str(finding.verdict),
                sensitive=node_id(finding.sensitive.reference),
                tags=tuple(map(_line, finding.sensitive.tags)),
                path=tuple(map(node_id, finding.path.references)),
                masked_by=tuple(map(_line, finding.masked_by)),
            )


def _edge_row(name: str, item: ExcerptEdge) -> EdgeRow:
    edge = item.edge
    return EdgeRow(
        id=name,
        upstream=node_id(edge.upstream),
        downstream=node_id(edge.downstream),
        kind="entity",
        edge=name,
        strength=item.strength.label,
        **_evidence_facts(edge.evidence),  # type: ignore[arg-type]
    )


def _column_row(edge: str, place: int, hop: Hop) -> EdgeRow:
    mapping = hop.column_edge or ColumnEdge(upstream=(), downstream="")
    return EdgeRow(
        id=f"{edge}.{place}",
        upstream=node_id(hop.upstream),
        downstream=node_id(hop.downstream),
        kind="column",
        edge=edge,
        strength=hop.strength.label,
        function=_text(mapping.function),
        influence=None if mapping.influence is None else str(mapping.influence),
        masking=mapping.masking,
        evidence_source=_text(mapping.evidence_source),
        **_evidence_facts(hop.edge.evidence),  # type: ignore[arg-type]
    )


def _evidence_facts(evidence: Evidence) -> dict[str, Plain]:
    return {
        "origin": str(evidence.origin),
        "recorded_as": _text(evidence.recorded_as),
        "pipeline": None if evidence.pipeline is None else node_id(evidence.pipeline),
        "sql": _text(evidence.sql),
        "description": _text(evidence.description),
        "created_at": spell_time(evidence.created_at),
        "created_by": _text(evidence.created_by),
        "updated_at": spell_time(evidence.updated_at),
        "updated_by": _text(evidence.updated_by),
        "influences_known": evidence.influences_known,
    }


def _entity_facts(entity: Entity) -> dict[str, Plain]:
    facts: dict[str, Plain] = {
        "deleted": entity.deleted,
        "server_id": _text(entity.id),
        "display_name": _text(entity.display_name),
        "description": _text(entity.description),
        "service": _text(entity.service),
        "service_type": _text(entity.service_type),
        "owners": tuple(map(node_id, entity.owners)),
        "domains": tuple(map(node_id, entity.domains)),
        "certification": _text(entity.certification),
        "version": entity.version,
        "updated_at": spell_time(entity.updated_at),
        "updated_by": _text(entity.updated_by),
    }
    if isinstance(entity, MlModel):
        facts |= _model_facts(entity)
    return facts


def _model_facts(model: MlModel) -> dict[str, Plain]:
    settings = (f"{item.name} = {item.value or ''}" for item in model.hyper_parameters)
    return {
        "algorithm": _text(model.algorithm),
        "target": _text(model.target),
        "dashboard": None if model.dashboard is None else node_id(model.dashboard),
        "model_server": _text(model.server),
        "storage": _text(model.storage),
        "image_repository": _text(model.image_repository),
        "source_url": _text(model.source_url),
        "settings": tuple(map(_line, settings)),
    }


def _part_facts(part: Column | Feature) -> dict[str, Plain]:
    facts: dict[str, Plain] = {
        "data_type": _text(part.data_type),
        "description": _text(part.description),
    }
    if isinstance(part, Feature):
        facts["algorithm"] = _text(part.algorithm)
        facts["sources"] = tuple(_source(source) for source in part.sources)
    return facts


def _source(source: FeatureSource) -> str:
    return _line(f"{source.entity}: {source.name}" if source.entity else source.name)


def _labels(tags: tuple[Tag, ...]) -> dict[str, Plain]:
    return {
        "tags": tuple(dict.fromkeys(_line(tag.fqn) for tag in tags)),
        "unconfirmed_tags": tuple(_line(tag.fqn) for tag in tags if not tag.is_confirmed),
    }


def _tags_by_reference(excerpt: Excerpt) -> dict[Reference, tuple[str, ...]]:
    found = excerpt.audit.sensitive if excerpt.audit else ()
    return {item.reference: tuple(map(_line, item.tags or (str(item.tagged),))) for item in found}


def _line(text: str) -> str:
    return escape(text)


def _text(text: str | None) -> str | None:
    """Write a text that may have several lines; how its lines end is of no matter."""
    if not text:
        return None
    return escape(text.replace("\r\n", "\n"), kept="\n\t")
