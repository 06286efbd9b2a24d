"""The audit: which sensitive data reaches which features and models, and how sure that is.

All sensitive references are carried through the graph at once, as bits, in one pass for
each strength; only what was found is then walked back for its evidence. A `no-path` is said
only where nothing upstream was cut.
"""

from collections.abc import Iterable, Iterator

from lineage.governance.masking import Masking, find_masking
from lineage.governance.masking_rules import RULES, MaskingRule
from lineage.governance.sensitivity import SENSITIVE_TAGS, Sensitive, find_sensitive
from lineage.governance.verdicts import Assessment, Audit, Finding, Verdict
from lineage.graph.flow import Flow
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Path, Strength
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
]

_ORDER = {verdict: number for number, verdict in enumerate(Verdict)}


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
    sensitive = find_sensitive(graph, tags=tags, suggested=suggested)
    return audit_sensitive(graph, sensitive, models=models, rules=rules)


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
    wanted = graph.references(Kind.MLMODEL) if models is None else sorted(set(models))
    targets = [target for model in wanted for target in (model, *sorted(graph.parts(model)))]
    assessed = assess(graph, sensitive, targets, gaps=gaps, rules=rules)
    return Audit(
        sensitive=sensitive,
        models=tuple(item for item in assessed if item.target == item.model),
        features=tuple(item for item in assessed if item.target.kind == Kind.FEATURE),
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
    auditing = _Auditing(graph, sensitive, find_masking(graph, rules=rules), gaps)
    return [auditing.assess(target, graph.entity_of(target)) for target in targets]


class _Auditing:
    """The bits that reach each node, by strength, and those of the gaps."""

    def __init__(
        self,
        graph: LineageGraph,
        sensitive: tuple[Sensitive, ...],
        masking: Masking,
        gaps: tuple[Gap, ...],
    ) -> None:
        self.graph, self.sensitive, self.masking = graph, sensitive, masking
        self.flow: Flow = graph.part_flow(masking)
        seeds = _numbered(self._seed(item) for item in sensitive)
        self.bits = {
            strength: self.flow.spread(seeds, at_least=strength)
            for strength in sorted(Strength, reverse=True)
        }
        hiding = [gap for gap in graph.gaps if gap.hides_upstream]
        self.everywhere = gaps + tuple(gap for gap in hiding if gap.subject not in graph)
        self.somewhere = tuple(gap for gap in hiding if gap.subject in graph)
        places = (self.flow.entries[gap.subject] for gap in self.somewhere if gap.subject)
        self.gap_bits = self.flow.spread(_numbered(places), at_least=Strength.TABLE)

    def assess(self, target: Reference, model: Reference) -> Assessment:
        """Say what reaches a target and what may be missing upstream of it."""
        found = self._findings(target, model)
        findings = tuple(sorted(found, key=lambda finding: _ORDER[finding.verdict]))
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


def _numbered(nodes: Iterable[int]) -> dict[int, int]:
    """Give each node the bits of its places in a row; it may have several."""
    seeds: dict[int, int] = {}
    for number, node in enumerate(nodes):
        seeds[node] = seeds.get(node, 0) | 1 << number
    return seeds


def _numbers(bits: int) -> Iterator[int]:
    """Give the numbers of the bits that are set, from the lowest."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
