"""The audit: which sensitive data reaches which features and models, and how sure that is.

All sensitive references are carried through the graph at once, and all gaps; only what was
found is then walked back for its evidence, all of it together. A `no-path` is said only where
nothing upstream was cut.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from lineage.governance.audit.masking import Masking, find_masking
from lineage.governance.audit.masking_rules import RULES, MaskingRule
from lineage.governance.audit.sensitivity import SENSITIVE_TAGS, Sensitive, find_sensitive
from lineage.governance.audit.verdicts import Assessment, Audit, Finding, Verdict
from lineage.graph.index.index import Index
from lineage.graph.index.propagated import Propagated
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Hop, Path, Strength
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap

__all__ = [
    "Assessment",
    "Audit",
    "Finding",
    "Verdict",
    "assess",
    "audit",
    "audit_sensitive",
    "start_of",
]

_T = TypeVar("_T")

_ORDER = {verdict: number for number, verdict in enumerate(Verdict)}


def audit(
    graph: LineageGraph,
    *,
    models: Iterable[Reference] | None = None,
    tags: tuple[str, ...] = SENSITIVE_TAGS,
    suggested: bool = False,
    rules: tuple[MaskingRule, ...] = RULES,
    by: Literal["reference", "tag"] = "reference",
) -> Audit:
    """Find out which sensitive data reaches which features and models.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    models : iterable of Reference, optional
        The models to audit; all of them unless told otherwise.
    tags : tuple of str
        Patterns of the tags that make data sensitive.
    suggested : bool
        Whether suggested and automatic labels count.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library unless told otherwise.

    by : {"reference", "tag"}
        Whether there is a finding for each sensitive column and target, or for each tag and
        target, told by one of the columns that carry the tag. A large catalog has a few tags
        and ten thousands of such columns.

    Returns
    -------
    Audit
        Sorted by model and feature.

    Raises
    ------
    UnknownEntity
        The graph has no such model.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Reference("table", "people")
    >>> age = Column(name="age", fqn="people.age", tags=(Tag(fqn="PII.Sensitive"),))
    >>> source = FeatureSource(name="age", entity=people)
    >>> feature = Feature(name="age", fqn="churn.age", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), features=(feature,))
    >>> table = Entity(reference=people, columns=(age,))
    >>> answer = audit(build_graph(Snapshot(entities=(table, model))))
    >>> answer
    <Audit: 1 model, 1 sensitive column: 1 reaches>
    >>> str(answer.verdict(Reference("column", "people.age"), model.reference))
    'reaches'
    """
    sensitive = find_sensitive(graph, tags=tags, suggested=suggested)
    if by == "reference":
        return audit_sensitive(graph, sensitive, models=models, rules=rules)
    targets = _targets(graph, models)
    masking = find_masking(graph, rules=rules)
    assessed = _Auditing(graph, sensitive, targets, masking, by_tag=True).assessments()
    return _audit(sensitive, assessed, by_tag=True)


def audit_sensitive(
    graph: LineageGraph,
    sensitive: tuple[Sensitive, ...],
    *,
    models: Iterable[Reference] | None = None,
    gaps: tuple[Gap, ...] = (),
    rules: tuple[MaskingRule, ...] = RULES,
) -> Audit:
    """Find out which features and models something reaches that was found before.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    sensitive : tuple of Sensitive
        What to look for.
    models : iterable of Reference, optional
        The models to audit; all of them unless told otherwise.
    gaps : tuple of Gap
        What was not found of that which had to be looked for. It hides upstream of everything.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library unless told otherwise.

    Returns
    -------
    Audit
        Sorted by model and feature.

    Raises
    ------
    UnknownEntity
        The graph has no such model.
    """
    assessed = assess(graph, sensitive, _targets(graph, models), gaps=gaps, rules=rules)
    return _audit(sensitive, assessed)


def _targets(graph: LineageGraph, models: Iterable[Reference] | None) -> list[Reference]:
    wanted = graph.references(Kind.MLMODEL) if models is None else sorted(set(models))
    return [target for model in wanted for target in (model, *sorted(graph.parts(model)))]


def _audit(
    sensitive: tuple[Sensitive, ...], assessed: list[Assessment], *, by_tag: bool = False
) -> Audit:
    return Audit(
        sensitive=sensitive,
        models=tuple(item for item in assessed if item.target == item.model),
        features=tuple(item for item in assessed if item.target.kind == Kind.FEATURE),
        by_tag=by_tag,
    )


def assess(
    graph: LineageGraph,
    sensitive: tuple[Sensitive, ...],
    targets: Iterable[Reference],
    *,
    gaps: tuple[Gap, ...] = (),
    rules: tuple[MaskingRule, ...] = RULES,
) -> list[Assessment]:
    """Say of some columns, features or entities what reaches them; in their order.

    Raises
    ------
    UnknownEntity
        The graph lacks one of them.
    """
    masking = find_masking(graph, rules=rules)
    return _Auditing(graph, sensitive, list(targets), masking, gaps=gaps).assessments()


@dataclass(slots=True)
class _Auditing:
    """What reaches the targets, and which gaps do, each found for all of them at once."""

    graph: LineageGraph
    sensitive: tuple[Sensitive, ...]
    targets: list[Reference]
    masking: Masking
    gaps: tuple[Gap, ...] = ()
    by_tag: bool = False
    index: Index = field(init=False)
    reaching: Propagated = field(init=False)
    by_seed: dict[int, Sensitive] = field(init=False)
    labels: list[str] = field(init=False)
    hops: dict[tuple[int, int], Hop] = field(init=False, default_factory=dict)

    def assessments(self) -> list[Assessment]:
        """Say what reaches each target and what may be missing upstream of it."""
        ends = [self._end(target) for target in self.targets]
        self.index = self.graph.part_index(self.masking)
        self.by_seed = {start_of(self.index, item): item for item in self.sensitive}
        self.labels = sorted({tag for item in self.sensitive for tag in item.tags})
        self.reaching = self._propagated(ends)
        found = _grouped(self.reaching.targets.tolist(), range(len(self.reaching)))
        hiding = [gap for gap in self.graph.gaps if gap.hides_upstream]
        everywhere = self.gaps + tuple(gap for gap in hiding if gap.subject not in self.graph)
        somewhere = self._gaps([gap for gap in hiding if gap.subject in self.graph], ends)
        return [
            self._assess(target, found.get(end, []), (*everywhere, *somewhere.get(end, ())))
            for target, end in zip(self.targets, ends, strict=True)
        ]

    def _propagated(self, ends: list[int]) -> Propagated:
        seeds = [(start_of(self.index, item), item) for item in self.sensitive]
        if self.by_tag:
            numbers = {tag: number for number, tag in enumerate(self.labels)}
            labels = [(numbers[tag], seed) for seed, item in seeds for tag in item.tags]
            return self.index.sweep(labels, ends)
        return self.index.propagate(
            [(number, seed) for number, (seed, _) in enumerate(seeds)], ends
        )

    def _assess(self, target: Reference, numbers: list[int], gaps: tuple[Gap, ...]) -> Assessment:
        model = self.graph.entity_of(target)
        found = (self._finding(number, target, model) for number in numbers)
        # They come by what is sensitive, and among equals stay so.
        findings = tuple(
            sorted(found, key=lambda finding: (_ORDER[finding.verdict], -finding.strength))
        )
        nothing_found = Verdict.UNKNOWN if gaps else Verdict.NO_PATH
        verdict = findings[0].verdict if findings else nothing_found
        return Assessment(target, model, verdict, findings, gaps)

    def _finding(self, number: int, target: Reference, model: Reference) -> Finding:
        path = Path(tuple(self._hop(*hop) for hop in self.reaching.path(number)))
        rules = (self.masking.rule(hop.edge, hop.column_edge) for hop in path.hops)
        label, seed = int(self.reaching.labels[number]), int(self.reaching.seeds[number])
        return Finding(
            sensitive=self.by_seed[seed] if self.by_tag else self.sensitive[label],
            target=target,
            model=model,
            strength=Strength(int(self.reaching.strengths[number])),
            path=path,
            masked_by=tuple(dict.fromkeys(rule.name for rule in rules if rule is not None)),
            deleted=tuple(self._deleted(path)),
            tag=self.labels[label] if self.by_tag else None,
        )

    def _hop(self, tail: int, place: int) -> Hop:
        """Tell a hop; many paths share it."""
        if (tail, place) not in self.hops:
            self.hops[tail, place] = self.index.hop(tail, place)
        return self.hops[tail, place]

    def _deleted(self, path: Path) -> Iterator[Reference]:
        entities = (self.graph.entity_of(reference) for reference in path.references)
        for entity in dict.fromkeys(entities):
            value = self.graph.value(entity)
            if isinstance(value, Entity) and value.deleted:
                yield entity

    def _end(self, target: Reference) -> int:
        self.graph.value(target)  # an unknown target is refused here
        return self.graph.part_index(self.masking).exit(target)

    def _gaps(self, gaps: list[Gap], ends: list[int]) -> dict[int, list[Gap]]:
        """Find the gaps upstream of each end."""
        seeds = [
            (number, self.index.entry(gap.subject))
            for number, gap in enumerate(gaps)
            if gap.subject is not None
        ]
        reached = sorted(self.index.reached_labels(seeds, ends))
        return _grouped((end for _, end in reached), (gaps[number] for number, _ in reached))


def start_of(index: Index, item: Sensitive) -> int:
    """Find where the data of something sensitive starts.

    A column's value leaves from its exit. What is tagged as a whole holds the data in a
    column nobody knows, as if it had arrived there.
    """
    return index.exit(item.reference) if item.reference.is_part else index.entry(item.reference)


def _grouped(keys: Iterable[int], values: Iterable[_T]) -> dict[int, list[_T]]:
    """Collect values by their keys."""
    found: dict[int, list[_T]] = {}
    for key, value in zip(keys, values, strict=True):
        found.setdefault(key, []).append(value)
    return found
