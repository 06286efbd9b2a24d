"""What a pack shows, topic by topic, each in one sentence; and what it lacks, in another."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lineage.governance.audit.audit import Finding, Verdict
from lineage.governance.pack.values import AuditPack
from lineage.model.answer import counted

__all__ = ["Fact", "Topic", "state_facts"]


class Topic(StrEnum):
    """What a fact is about; also the place in the pack where its evidence stands."""

    VERDICT = "verdict"
    ORIGIN = "origin"
    PREPARATION = "preparation"
    INPUTS = "inputs"
    MINIMISATION = "minimisation"
    OWNERS = "owners"
    SYSTEMS = "systems"
    HISTORY = "history"
    TRUST = "trust"
    COMPLETENESS = "completeness"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a pack shows.

    Attributes
    ----------
    topic : Topic
    statement : str
        What is shown.
    lacks : str
        What is not, in words; empty where nothing is missing.
    is_empty : bool
        Whether there is nothing to show: no job of no edge, no owner of anything.
    """

    topic: Topic
    statement: str
    lacks: str = ""
    is_empty: bool = False


def state_facts(pack: AuditPack) -> dict[Topic, Fact]:
    """State what a pack shows, a fact a topic.

    Parameters
    ----------
    pack : AuditPack

    Returns
    -------
    dict of Topic to Fact
        In the order of `Topic`.
    """
    return {
        topic: Fact(topic, *_STATING[topic](pack), is_empty=not _SHOWING[topic](pack))
        for topic in Topic
    }


_Statement = tuple[str, str]

_NOTHING_UPSTREAM = "everything: nothing upstream of the model is known"
"""That of nothing nothing is lacking must not be taken for an answer."""


def _verdict(pack: AuditPack) -> _Statement:
    counts = _by_verdict(pack.findings)
    found = ", ".join(f"{number} {verdict}" for verdict, number in counts) or "none reaches it"
    unread = "what was not read upstream, which may hold more: nothing else is ruled out"
    lacks = _joined(unread if pack.assessment.gaps else "", _silence(pack))
    looked_for = counted(
        pack.sensitive, "sensitive column or entity", "sensitive columns or entities"
    )
    return f"of {looked_for} in the catalog: {found}", lacks


def _silence(pack: AuditPack) -> str:
    """Say of how many edges it is not known what joins and filters there."""
    silent = len(pack.assessment.silent)
    return f"what joins and filters on {counted(silent, 'edge')}" if silent else ""


def _joined(*lacking: str) -> str:
    return " and ".join(filter(None, lacking))


def _by_verdict(findings: tuple[Finding, ...]) -> list[tuple[Verdict, int]]:
    verdicts = [finding.verdict for finding in findings]
    return [(verdict, verdicts.count(verdict)) for verdict in Verdict if verdict in verdicts]


def _origin(pack: AuditPack) -> _Statement:
    without = sum(not entry.roots for entry in pack.features)
    lacks = ""
    if without:
        lacks = f"the origin of {counted(without, 'feature')}"
    roots = counted(len(pack.roots), "entity", "entities")
    return f"the features go back to {roots} with nothing upstream", lacks


def _preparation(pack: AuditPack) -> _Statement:
    trust = pack.trust
    silent = trust.edges - sum(_with_preparation(pack))
    lacks = f"the job and the SQL of {counted(silent, 'edge')}" if silent else ""
    lacks = lacks if trust.edges else _NOTHING_UPSTREAM
    edges = counted(trust.edges, "edge")
    return (
        f"of {edges} upstream {trust.with_job} name the job, {trust.with_sql} hold the SQL",
        lacks,
    )


def _with_preparation(pack: AuditPack) -> list[bool]:
    evidence = [edge.evidence for edge in pack.edges]
    return [item.pipeline is not None or bool(item.sql) for item in evidence]


def _inputs(pack: AuditPack) -> _Statement:
    described = sum(bool(entry.feature.description) for entry in pack.features)
    typed = sum(bool(entry.feature.data_type) for entry in pack.features)
    features = len(pack.features)
    lacks = "" if features else "the features: the model declares none"
    if described < features:
        lacks = f"a description of {counted(features - described, 'feature')}"
    return f"{counted(features, 'feature')}: {typed} with a type, {described} described", lacks


def _minimisation(pack: AuditPack) -> _Statement:
    uncertain = "certainty that nothing else lies there, or arrives: not everything was read"
    lacks = _joined(uncertain if pack.assessment.gaps else "", _silence(pack))
    columns = counted(
        len(pack.beside), "sensitive column or entity", "sensitive columns or entities"
    )
    return f"{columns} in the tables upstream, with no known path into the model", lacks


def _owners(pack: AuditPack) -> _Statement:
    entities = [root.entity for root in pack.roots if root.entity is not None]
    owned = sum(bool(entity.owners) for entity in entities)
    missing = [] if pack.roots else ["any root to have an owner"]
    if not pack.model.owners:
        missing.append("an owner of the model")
    if owned < len(pack.roots):
        missing.append(f"an owner of {counted(len(pack.roots) - owned, 'root')}")
    names = ", ".join(owner.fqn for owner in pack.model.owners) or "nobody"
    roots = counted(len(pack.roots), "root")
    return f"{names} answers for the model; {owned} of {roots} have an owner", " and ".join(missing)


def _systems(pack: AuditPack) -> _Statement:
    entities = [root.entity for root in pack.roots if root.entity is not None]
    services = sorted({entity.service for entity in entities if entity.service})
    unread = len(pack.roots) - len(entities)
    lacks = f"{counted(unread, 'root')} that could not be read" if unread else ""
    lacks = lacks if pack.roots else _NOTHING_UPSTREAM
    names = ", ".join(services) or "none known"
    return f"data enters from {counted(len(services), 'system')}: {names}", lacks


def _history(pack: AuditPack) -> _Statement:
    trust = pack.trust
    silent = trust.edges - trust.with_author
    lacks = f"who wrote {counted(silent, 'edge')}" if silent else ""
    lacks = lacks if trust.edges else _NOTHING_UPSTREAM
    edges = counted(trust.edges, "edge")
    return f"{trust.with_author} of {edges} upstream say who wrote them and when", lacks


def _trust(pack: AuditPack) -> _Statement:
    origins = ", ".join(f"{number} {name}" for name, number in pack.trust.origins) or "no edge"
    bare = pack.trust.bare
    lacks = f"the columns of {counted(bare, 'edge')}: known between entities only" if bare else ""
    lacks = lacks if pack.trust.edges else _NOTHING_UPSTREAM
    return f"how the edges came to be known: {origins}", lacks


def _completeness(pack: AuditPack) -> _Statement:
    gaps = pack.assessment.gaps
    resolved = (
        f"{len(pack.coverage.resolved)} of {counted(pack.coverage.features, 'feature')} resolve"
    )
    entities = counted(len(pack.upstream), "entity", "entities")
    missing = f"{counted(len(gaps), 'gap')} upstream, each named below" if gaps else ""
    lacks = _joined(missing, _silence(pack))
    return f"{resolved} to columns; {entities} upstream were read", lacks


def _record(pack: AuditPack) -> _Statement:
    reading = pack.reading
    statement = f"a frozen snapshot of {reading.server or 'the catalog'}, SHA-256 {reading.digest}"
    return statement, ""


_STATING: dict[Topic, Callable[[AuditPack], _Statement]] = {
    Topic.VERDICT: _verdict,
    Topic.ORIGIN: _origin,
    Topic.PREPARATION: _preparation,
    Topic.INPUTS: _inputs,
    Topic.MINIMISATION: _minimisation,
    Topic.OWNERS: _owners,
    Topic.SYSTEMS: _systems,
    Topic.HISTORY: _history,
    Topic.TRUST: _trust,
    Topic.COMPLETENESS: _completeness,
    Topic.RECORD: _record,
}


def _has_owner(pack: AuditPack) -> bool:
    entities = (root.entity for root in pack.roots if root.entity is not None)
    return bool(pack.model.owners) or any(entity.owners for entity in entities)


def _has_service(pack: AuditPack) -> bool:
    return any(root.entity is not None and root.entity.service for root in pack.roots)


_SHOWING: dict[Topic, Callable[[AuditPack], object]] = {
    Topic.VERDICT: lambda pack: pack.sensitive,
    Topic.ORIGIN: lambda pack: any(entry.roots for entry in pack.features),
    Topic.PREPARATION: lambda pack: pack.trust.with_job or pack.trust.with_sql,
    Topic.INPUTS: lambda pack: pack.features,
    Topic.MINIMISATION: lambda pack: pack.sensitive and pack.trust.edges,
    Topic.OWNERS: _has_owner,
    Topic.SYSTEMS: _has_service,
    Topic.HISTORY: lambda pack: pack.trust.with_author,
    Topic.TRUST: lambda pack: pack.trust.edges,
    Topic.COMPLETENESS: lambda pack: pack.coverage.resolved or pack.upstream,
    Topic.RECORD: lambda _: True,
}
"""What there is to show of each topic; where that is nothing, the topic is not shown."""
