"""The audit: which sensitive data reaches which features and models, and how sure that is.

All sensitive references are carried through the graph at once, as bits, in one pass for
each strength; only what was found is then walked back for its evidence. A `no-path` is said
only where nothing upstream was cut.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from lineage.governance.masking import Masking, find_masking
from lineage.governance.masking_rules import RULES, MaskingRule
from lineage.governance.sensitivity import SENSITIVE_TAGS, Sensitive, find_sensitive
from lineage.graph.flow import Flow
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Path, Strength
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap

__all__ = ["Assessment", "Audit", "Finding", "Verdict", "audit"]


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
    auditing = _Auditing(graph, sensitive, find_masking(graph, rules=rules))
    assessed = [
        auditing.assess(target, model)
        for model in wanted
        for target in (model, *sorted(graph.parts(model)))
        if graph.entity_of(target) == model
    ]
    return Audit(
        sensitive=auditing.sensitive,
        models=tuple(item for item in assessed if item.target == item.model),
        features=tuple(item for item in assessed if item.target.kind == Kind.FEATURE),
    )


class _Auditing:
    """The bits that reach each node, by strength, and those of the gaps."""

    def __init__(
        self, graph: LineageGraph, sensitive: tuple[Sensitive, ...], masking: Masking
    ) -> None:
        self.graph, self.sensitive, self.masking = graph, sensitive, masking
        self.flow: Flow = graph.part_flow(masking)
        seeds = {self._seed(item): 1 << number for number, item in enumerate(sensitive)}
        self.bits = {
            strength: self.flow.spread(seeds, at_least=strength)
            for strength in sorted(Strength, reverse=True)
        }
        hiding = [gap for gap in graph.gaps if gap.hides_upstream]
        self.everywhere = tuple(gap for gap in hiding if gap.subject not in graph)
        self.somewhere = tuple(gap for gap in hiding if gap.subject in graph)
        self.gap_bits = self.flow.spread(self._gap_seeds(), at_least=Strength.TABLE)

    def assess(self, target: Reference, model: Reference) -> Assessment:
        """Say what reaches a target and what may be missing upstream of it."""
        findings = tuple(self._findings(target, model))
        numbers = _numbers(self.gap_bits[self.flow.exits[target]])
        gaps = self.everywhere + tuple(self.somewhere[number] for number in numbers)
        nothing_found = Verdict.UNKNOWN if gaps else Verdict.NO_PATH
        verdict = findings[0].verdict if findings else nothing_found
        return Assessment(target, model, verdict, findings, gaps)

    def _findings(self, target: Reference, model: Reference) -> Iterator[Finding]:
        end, seen = self.flow.exits[target], 0
        for strength, bits in self.bits.items():
            for number in _numbers(bits[end] & ~seen):
                yield self._finding(number, target, model, strength)
            seen |= bits[end]

    def _finding(
        self, number: int, target: Reference, model: Reference, strength: Strength
    ) -> Finding:
        item, bits = self.sensitive[number], self.bits[strength]
        hops = self.flow.shortest_path(
            [self._seed(item)],
            self.flow.exits[target],
            at_least=strength,
            allowed=lambda node: bool(bits[node] >> number & 1),
        )
        path = Path(hops or ())
        rules = (self.masking.rule(hop.edge, hop.column_edge) for hop in path.hops)
        return Finding(
            sensitive=item,
            target=target,
            model=model,
            strength=strength,
            path=path,
            masked_by=tuple(dict.fromkeys(rule.name for rule in rules if rule is not None)),
            deleted=tuple(self._deleted(path)),
        )

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
        ends = self.flow.exits if item.reference.is_part else self.flow.entries
        return ends[item.reference]

    def _gap_seeds(self) -> dict[int, int]:
        seeds: dict[int, int] = {}
        for number, gap in enumerate(self.somewhere):
            if gap.subject is not None:
                node = self.flow.entries[gap.subject]
                seeds[node] = seeds.get(node, 0) | 1 << number
        return seeds


def _numbers(bits: int) -> Iterator[int]:
    """Give the numbers of the bits that are set, from the lowest."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


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
