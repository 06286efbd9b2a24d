"""The audit: which sensitive data reaches which features and models, and how sure that is.

All sensitive references are carried through the graph at once, and all gaps; only what was
found is then walked back for its evidence, all of it together. A `no-path` is said only where
nothing upstream was cut.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from lineage.governance.masking import Masking, find_masking
from lineage.governance.masking_rules import RULES, MaskingRule
from lineage.governance.sensitivity import SENSITIVE_TAGS, Sensitive, find_sensitive
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Hop, Path, Strength
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap

__all__ = ["Assessment", "Audit", "Finding", "Verdict", "audit"]

_T = TypeVar("_T")


class Verdict(StrEnum):
    """The answer about one pair, strongest first."""

    REACHES = "reaches"
    REACHES_MASKED = "reaches-masked"
    REACHES_BY_INFLUENCE = "reaches-by-influence"
    REACHES_BY_TABLE = "reaches-by-table"
    NO_PATH = "no-path"
    UNKNOWN = "unknown"


_VERDICTS = {
    Strength.VALUE: Verdict.REACHES,
    Strength.MASKED: Verdict.REACHES_MASKED,
    Strength.INFLUENCE: Verdict.REACHES_BY_INFLUENCE,
    Strength.TABLE: Verdict.REACHES_BY_TABLE,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Sensitive data that reaches a feature or a model.

    Attributes
    ----------
    sensitive : Sensitive
        What holds the data.
    target : Reference
        The feature, or the model, it reaches.
    model : Reference
        The model the target is, or belongs to.
    strength : Strength
        How much the strongest way proves.
    path : Path
        The shortest of the strongest ways. Empty where the target itself is tagged.
    masked_by : tuple of str
        The rules that hide the value on this way.
    deleted : tuple of Reference
        Soft-deleted entities on this way.
    """

    sensitive: Sensitive
    target: Reference
    model: Reference
    strength: Strength
    path: Path
    masked_by: tuple[str, ...] = ()
    deleted: tuple[Reference, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict that the strength amounts to."""
        return _VERDICTS[self.strength]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the audit says of one feature or model.

    Attributes
    ----------
    verdict : Verdict
        The strongest there is.
    findings : tuple of Finding
        Strongest first, then by what is sensitive.
    gaps : tuple of Gap
        What was not read or resolved upstream of the target.
    """

    target: Reference
    model: Reference
    verdict: Verdict
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Audit(Answer):
    """The audit of some models.

    Attributes
    ----------
    sensitive : tuple of Sensitive
        What was looked for.
    models, features : tuple of Assessment
        Sorted by target.
    """

    sensitive: tuple[Sensitive, ...]
    models: tuple[Assessment, ...]
    features: tuple[Assessment, ...]
    _by_target: dict[Reference, Assessment] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        by_target = {item.target: item for item in (*self.models, *self.features)}
        object.__setattr__(self, "_by_target", by_target)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, those of a model before those of its features."""
        return tuple(finding for item in self._in_order() for finding in item.findings)

    def verdict(self, sensitive: Reference, target: Reference) -> Verdict:
        """Answer for one pair.

        Raises
        ------
        KeyError
            The target was not audited.
        """
        assessment = self._by_target[target]
        for finding in assessment.findings:
            if finding.sensitive.reference == sensitive:
                return finding.verdict
        return Verdict.UNKNOWN if assessment.gaps else Verdict.NO_PATH

    def summary(self) -> str:
        """Count the models by verdict."""
        verdicts = [item.verdict for item in self.models]
        by_verdict = [
            f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict if verdict in verdicts
        ]
        all_columns = all(item.reference.kind == Kind.COLUMN for item in self.sensitive)
        what = "sensitive column" if all_columns else "sensitive reference"
        many = f"{counted(len(self.models), 'model')}, {counted(len(self.sensitive), what)}"
        return f"{many}: {', '.join(by_verdict) or 'nothing to audit'}"

    def to_records(self) -> list[Record]:
        """Give one row for each finding, and one for each target without any."""
        return [
            record
            for item in self._in_order()
            for record in (map(_finding_record, item.findings) if item.findings else [_bare(item)])
        ]

    def _in_order(self) -> list[Assessment]:
        return sorted(
            (*self.models, *self.features),
            key=lambda item: (item.model, item.target != item.model, item.target),
        )


def audit(
    graph: LineageGraph,
    *,
    models: Iterable[Reference] | None = None,
    tags: tuple[str, ...] = SENSITIVE_TAGS,
    suggested: bool = False,
    rules: tuple[MaskingRule, ...] = RULES,
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
    wanted = graph.references(Kind.MLMODEL) if models is None else sorted(set(models))
    sensitive = find_sensitive(graph, tags=tags, suggested=suggested)
    targets = [
        (target, model)
        for model in wanted
        for target in (model, *sorted(graph.parts(model)))
        if graph.entity_of(target) == model
    ]
    masking = find_masking(graph, rules=rules)
    auditing = _Auditing(graph, sensitive, masking, [target for target, _ in targets])
    assessed = [auditing.assess(target, model) for target, model in targets]
    return Audit(
        sensitive=auditing.sensitive,
        models=tuple(item for item in assessed if item.target == item.model),
        features=tuple(item for item in assessed if item.target.kind == Kind.FEATURE),
    )


class _Auditing:
    """What reaches the targets, and which gaps do, each found for all of them at once."""

    def __init__(
        self,
        graph: LineageGraph,
        sensitive: tuple[Sensitive, ...],
        masking: Masking,
        targets: list[Reference],
    ) -> None:
        self.graph, self.sensitive, self.masking = graph, sensitive, masking
        self.index = graph.part_index(masking)
        self.ends = [self.index.exit(target) for target in targets]
        seeds = [(number, self._seed(item)) for number, item in enumerate(sensitive)]
        self.reaching = self.index.propagate(seeds, self.ends)
        self.by_end = _grouped(self.reaching.targets.tolist(), range(len(self.reaching)))
        hiding = [gap for gap in graph.gaps if gap.hides_upstream]
        self.everywhere = tuple(gap for gap in hiding if gap.subject not in graph)
        self.gaps_by_end = self._gaps([gap for gap in hiding if gap.subject in graph])
        self.hops: dict[tuple[int, int], Hop] = {}

    def assess(self, target: Reference, model: Reference) -> Assessment:
        """Say what reaches a target and what may be missing upstream of it."""
        end = self.index.exit(target)
        strengths = self.reaching.strengths
        # They come by what is sensitive, and among equals stay so.
        numbers = sorted(self.by_end.get(end, ()), key=lambda number: -int(strengths[number]))
        findings = tuple(self._finding(number, target, model) for number in numbers)
        gaps = self.everywhere + tuple(self.gaps_by_end.get(end, ()))
        nothing_found = Verdict.UNKNOWN if gaps else Verdict.NO_PATH
        verdict = findings[0].verdict if findings else nothing_found
        return Assessment(target, model, verdict, findings, gaps)

    def _finding(self, number: int, target: Reference, model: Reference) -> Finding:
        path = Path(tuple(self._hop(*hop) for hop in self.reaching.path(number)))
        rules = (self.masking.rule(hop.edge, hop.column_edge) for hop in path.hops)
        return Finding(
            sensitive=self.sensitive[int(self.reaching.labels[number])],
            target=target,
            model=model,
            strength=Strength(int(self.reaching.strengths[number])),
            path=path,
            masked_by=tuple(dict.fromkeys(rule.name for rule in rules if rule is not None)),
            deleted=tuple(self._deleted(path)),
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

    def _seed(self, item: Sensitive) -> int:
        """Where the data of something sensitive starts.

        A column's value leaves from its exit. What is tagged as a whole holds the data in a
        column nobody knows, as if it had arrived there.
        """
        is_part = item.reference.is_part
        return self.index.exit(item.reference) if is_part else self.index.entry(item.reference)

    def _gaps(self, gaps: list[Gap]) -> dict[int, list[Gap]]:
        """Find the gaps upstream of each end."""
        seeds = [
            (number, self.index.entry(gap.subject))
            for number, gap in enumerate(gaps)
            if gap.subject is not None
        ]
        reached = sorted(self.index.reached_labels(seeds, self.ends))
        return _grouped((end for _, end in reached), (gaps[number] for number, _ in reached))


def _grouped(keys: Iterable[int], values: Iterable[_T]) -> dict[int, list[_T]]:
    """Collect values by their keys."""
    found: dict[int, list[_T]] = {}
    for key, value in zip(keys, values, strict=True):
        found.setdefault(key, []).append(value)
    return found


def _finding_record(finding: Finding) -> Record:
    return {
        "model": finding.model.fqn,
        "target": str(finding.target),
        "verdict": str(finding.verdict),
        "sensitive": finding.sensitive.reference.fqn,
        "tags": list(finding.sensitive.tags),
        "hops": len(finding.path),
        "path": [reference.fqn for reference in finding.path.references],
        "masked_by": list(finding.masked_by),
        "gaps": [],
    }


def _bare(item: Assessment) -> Record:
    return {
        "model": item.model.fqn,
        "target": str(item.target),
        "verdict": str(item.verdict),
        "sensitive": None,
        "tags": [],
        "hops": None,
        "path": [],
        "masked_by": [],
        "gaps": [str(gap) for gap in item.gaps],
    }
