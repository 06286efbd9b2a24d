"""The audit: which sensitive data reaches which features and models, and how sure that is.

All sensitive references are propagated through the graph at once, and so are all gaps; what was
found is held as bits, and a finding with its path is made when somebody looks at it. A `no-path`
is said only where everything upstream was read and understood.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from lineage.governance.audit.evidence_paths import EvidencePaths
from lineage.governance.audit.sensitivity import (
    SENSITIVE_TAGS,
    Sensitive,
    find_sensitive,
    unmatched_tags,
)
from lineage.governance.audit.silence import Silence
from lineage.governance.audit.verdicts import (
    VERDICTS,
    Assessment,
    Assessments,
    Audit,
    Finding,
    Lazy,
    Shown,
    Verdict,
)
from lineage.graph.index.adjacency import Flags, Longs, Strengths
from lineage.graph.index.index import Index
from lineage.graph.index.propagation import Propagated, Seeds
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.edges import Strength
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.queries.lookup import find_model

__all__ = [
    "Assessment",
    "Audit",
    "Finding",
    "Models",
    "Verdict",
    "assess",
    "audit",
    "audit_sensitive",
]

_ORDER = {verdict: number for number, verdict in enumerate(Verdict)}

Models = Reference | str | Iterable[Reference | str]
"""One model or several, as references or as `find_model` finds them by name."""


def audit(
    graph: LineageGraph,
    *,
    models: Models | None = None,
    tags: Sequence[str] | None = None,
    suggested: bool = False,
    rules: Sequence[MaskingRule] | None = None,
    by: Literal["reference", "tag"] = "reference",
) -> Audit:
    """Find out which sensitive data reaches which features and models.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    models : Reference or str, or iterable of them, optional
        The models to audit; all of them unless given.
    tags : sequence of str, optional
        Patterns of the tags that make data sensitive, in which `*` stands for anything;
        `SENSITIVE_TAGS` unless given. A pattern that nothing in the catalog carries leaves every
        verdict that would be clean `unknown`.
    suggested : bool
        Whether suggested and automatic labels count.
    rules : sequence of MaskingRule, optional
        The rules by which functions hide values; those of the library unless given.
    by : {"reference", "tag"}
        Whether there is a finding for each sensitive column and target, or for each tag and
        target, shown by one of the columns that carry the tag. A large catalog has a few tags
        and ten thousands of such columns.

    Returns
    -------
    Audit
        Sorted by model and feature.

    Raises
    ------
    UnknownEntity
        The graph has no such model.
    BadSelection
        A pattern of tags is malformed.
    ValueError
        `tags` is a single text, or names none; or `by` is none of the two.

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
    if by not in {"reference", "tag"}:
        message = f"by is {by!r}, but has to be 'reference' or 'tag'"
        raise ValueError(message)
    gaps = () if tags is None else unmatched_tags(graph, tags)
    sensitive = find_sensitive(graph, tags=tags or SENSITIVE_TAGS, suggested=suggested)
    targets = _targets(graph, models)
    judging = _judging(graph, sensitive, targets, gaps=gaps, rules=rules, by_tag=by == "tag")
    return _audit(graph, sensitive, judging)


def audit_sensitive(
    graph: LineageGraph,
    sensitive: tuple[Sensitive, ...],
    *,
    models: Models | None = None,
    gaps: tuple[Gap, ...] = (),
    rules: Sequence[MaskingRule] | None = None,
) -> Audit:
    """Find out which features and models something reaches that was found before.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    sensitive : tuple of Sensitive
        What to look for.
    models : Reference or str, or iterable of them, optional
        The models to audit; all of them unless given.
    gaps : tuple of Gap
        What was not found of that which had to be looked for. It hides upstream of everything.
    rules : sequence of MaskingRule, optional
        The rules by which functions hide values; those of the library unless given.

    Returns
    -------
    Audit
        Sorted by model and feature.

    Raises
    ------
    UnknownEntity
        The graph has no such model.
    """
    judging = _judging(graph, sensitive, _targets(graph, models), gaps=gaps, rules=rules)
    return _audit(graph, sensitive, judging)


def assess(
    graph: LineageGraph,
    sensitive: tuple[Sensitive, ...],
    targets: Iterable[Reference],
    *,
    gaps: tuple[Gap, ...] = (),
    rules: Sequence[MaskingRule] | None = None,
) -> Assessments:
    """Say of some columns, features or entities what reaches them; in their order.

    Raises
    ------
    UnknownEntity
        The graph lacks one of them.
    """
    chosen = _numbered(graph, list(targets))
    return Assessments(_judging(graph, sensitive, chosen, gaps=gaps, rules=rules))


class _Targets(NamedTuple):
    """What is judged, and the numbers that the graph knows it by."""

    references: list[Reference]
    numbers: Longs


def _targets(graph: LineageGraph, models: Models | None) -> _Targets:
    """List models, each followed by its features; sorted."""
    if models is None:  # asked for again and again
        return graph.keep(_targets, lambda: _with_features(graph, graph.references(Kind.MLMODEL)))
    # A reference is a tuple and would be gone through as one.
    named = [models] if isinstance(models, Reference | str) else models
    found = (item if isinstance(item, Reference) else find_model(graph, item) for item in named)
    return _with_features(graph, sorted(set(found)))


def _with_features(graph: LineageGraph, models: list[Reference]) -> _Targets:
    targets = [target for model in models for target in (model, *sorted(graph.parts(model)))]
    return _numbered(graph, targets)


def _numbered(graph: LineageGraph, targets: list[Reference]) -> _Targets:
    return _Targets(targets, np.array([graph.number(item) for item in targets], dtype=np.int64))


def _judging(
    graph: LineageGraph,
    sensitive: tuple[Sensitive, ...],
    targets: _Targets,
    *,
    gaps: tuple[Gap, ...] = (),
    rules: Sequence[MaskingRule] | None = None,
    by_tag: bool = False,
) -> "_Judging":
    used = RULES if rules is None else tuple(rules)
    return _Judging(graph, sensitive, targets, used, gaps=gaps, by_tag=by_tag)


def _audit(graph: LineageGraph, sensitive: tuple[Sensitive, ...], judging: "_Judging") -> Audit:
    return Audit(
        sensitive=sensitive,
        assessments=Assessments(judging),
        by_tag=judging.by_tag,
        notes=tuple(gap for gap in graph.gaps if not gap.hides_upstream),
    )


class _Judging:
    """What reaches the targets, and which gaps do, each found for all of them at once."""

    def __init__(
        self,
        graph: LineageGraph,
        sensitive: tuple[Sensitive, ...],
        targets: _Targets,
        rules: tuple[MaskingRule, ...],
        *,
        gaps: tuple[Gap, ...],
        by_tag: bool,
    ) -> None:
        self.graph, self.sensitive = graph, sensitive
        # What arrives at a feature or a model is seen where it leaves: at the node of its number.
        self.targets: Sequence[Reference]
        self.targets, self.ends = targets
        self.by_tag = by_tag
        self.index: Index = graph.part_index(rules)
        self._masking = graph.masking(rules)
        hiding = [gap for gap in graph.gaps if gap.hides_upstream]
        self._everywhere = gaps + tuple(gap for gap in hiding if gap.subject not in graph)
        self._somewhere = [gap for gap in hiding if gap.subject in graph]
        self._assessments: dict[int, Assessment] = {}
        self._silent: dict[int, tuple[Gap, ...]] = {}

    @cached_property
    def labels(self) -> list[Sensitive] | list[str]:
        """What is propagated: what is sensitive, or in an audit by tag the tags."""
        if self.by_tag:
            return sorted({tag for item in self.sensitive for tag in item.tags})
        return list(self.sensitive)

    @cached_property
    def seeds(self) -> Seeds:
        """Where each label begins."""
        origins = [self.index.origin(item.reference) for item in self.sensitive]
        pairs = list(enumerate(origins))
        if self.by_tag:
            numbers = {tag: number for number, tag in enumerate(self.labels)}
            pairs = [
                (numbers[tag], origin)
                for item, origin in zip(self.sensitive, origins, strict=True)
                for tag in item.tags
            ]
        return _seeds(pairs, Strength.VALUE)

    @cached_property
    def reaching(self) -> Propagated:
        """Which labels reach which targets."""
        return self.index.propagate(self.seeds, self.ends)

    @cached_property
    def _paths(self) -> EvidencePaths:
        return EvidencePaths(self.graph, self.index, self._masking, self.seeds)

    @cached_property
    def _silence(self) -> Silence:
        # What was not read may be sensitive too.
        origins = np.append(self.seeds.nodes, self._gap_seeds.nodes)
        return Silence(self.graph, self.index, np.unique(origins))

    @cached_property
    def _best(self) -> Strengths:
        """The strongest that reaches each target; 0 where nothing does."""
        return self.reaching.best()

    @cached_property
    def _is_silent(self) -> Flags:
        """Whether an edge upstream of each target may hide an influence of something sensitive."""
        return self._silence.may_reach(self.ends)

    @cached_property
    def _gap_seeds(self) -> Seeds:
        gaps = enumerate(self._somewhere)
        pairs = [(number, node) for number, gap in gaps for node in gap_origins(self.index, gap)]
        return _seeds(pairs, Strength.TABLE)

    @cached_property
    def _has_gap(self) -> Flags:
        """Whether any gap is upstream of each target; which they are, few ask."""
        if self._everywhere:
            return np.ones(len(self.ends), dtype=np.bool_)
        seeds = self._gap_seeds
        one = Seeds(np.zeros_like(seeds.labels), seeds.nodes, seeds.strengths)
        return self.index.propagate(one, self.ends).best() > 0

    @cached_property
    def _gaps(self) -> Propagated:
        """Which gaps are upstream of which targets."""
        return self.index.propagate(self._gap_seeds, self.ends)

    @cached_property
    def _are_proxies(self) -> Flags:
        proxies = [not self.by_tag and item.proxy is not None for item in self.sensitive]
        return np.array(proxies, dtype=np.bool_)

    @cached_property
    def _verdicts(self) -> list[Verdict]:
        direct = self._best
        if self._are_proxies.any():
            direct = self.reaching.best(~self._are_proxies)
        answers = {
            **{VERDICTS[strength]: direct == strength for strength in VERDICTS},
            Verdict.DECLARED_PROXY: self._best > 0,
            Verdict.UNKNOWN: self._has_gap,
            Verdict.NO_VALUE_PATH: self._is_silent,
        }
        orders = [_ORDER[verdict] for verdict in answers]
        chosen = np.select(list(answers.values()), orders, _ORDER[Verdict.NO_PATH])
        every = list(Verdict)
        return [every[order] for order in chosen.tolist()]

    @cached_property
    def _counts(self) -> list[int]:
        counts: list[int] = self.reaching.counts().tolist()
        return counts

    def verdicts(self) -> list[Verdict]:
        """Return the verdict about each target."""
        return self._verdicts

    def counts(self) -> list[int]:
        """Count the findings of each target."""
        return self._counts

    def assessment(self, place: int) -> Assessment:
        """Say of one target what reaches it and what may be missing upstream of it."""
        if place not in self._assessments:
            target = self.targets[place]
            self._assessments[place] = Assessment(
                target,
                self.graph.entity_of(target),
                self._verdicts[place],
                self._findings(place) if self._best[place] else (),
                self._gaps_of(place) if self._has_gap[place] else (),
                self._silent_edges(place) if self._is_silent[place] else (),
                self._staying_behind(place) if target.kind == Kind.MLMODEL else (),
            )
        return self._assessments[place]

    def _findings(self, place: int) -> Sequence[Finding]:
        return Lazy(lambda: self._counts[place], lambda: tuple(self._each_finding(place)))

    def _each_finding(self, place: int) -> Iterator[Finding]:
        target = self.targets[place]
        model = self.graph.entity_of(target)
        for label, strength in self._ordered(place):
            yield Finding(
                target,
                model,
                strength,
                self._proving(label, place),
                is_proxy=self._is_proxy(label),
                tag=str(self.labels[label]) if self.by_tag else None,
            )

    def _ordered(self, place: int) -> list[tuple[int, Strength]]:
        """List the labels that reach a target, strongest verdict first; the others by number."""
        labels, strengths = self.reaching.of_target(place)
        pairs = zip(labels.tolist(), map(Strength, strengths.tolist()), strict=True)
        return sorted(pairs, key=lambda pair: (self._is_proxy(pair[0]), -pair[1]))

    def _is_proxy(self, label: int) -> bool:
        return not self.by_tag and bool(self._are_proxies[label])

    def _gaps_of(self, place: int) -> tuple[Gap, ...]:
        labels, _ = self._gaps.of_target(place)
        return (*self._everywhere, *(self._somewhere[label] for label in labels.tolist()))

    def _silent_edges(self, place: int) -> Sequence[Gap]:
        return Lazy(lambda: len(self._silent_at(place)), lambda: self._silent_at(place))

    def _silent_at(self, place: int) -> tuple[Gap, ...]:
        if place not in self._silent:
            self._silent[place] = self._silence.gaps(int(self.ends[place]))
        return self._silent[place]

    def _staying_behind(self, place: int) -> Sequence[Sensitive]:
        """List what is sensitive in the entities upstream of a model and does not reach it."""

        def find() -> tuple[Sensitive, ...]:
            upstream, _ = self._upstream.of_target(self._models[place])
            reaching, _ = self.reaching.of_target(place)
            arrived = set() if self.by_tag else set(reaching.tolist())
            return tuple(self.sensitive[n] for n in upstream.tolist() if n not in arrived)

        return Lazy(lambda: len(find()), find)

    @cached_property
    def _models(self) -> dict[int, int]:
        """The places of models among the targets, and among themselves."""
        models = (p for p, target in enumerate(self.targets) if target.kind == Kind.MLMODEL)
        return {place: number for number, place in enumerate(models)}

    @cached_property
    def _upstream(self) -> Propagated:
        """Which sensitive data is in entities that are upstream of which models."""
        index = self.graph.entity_index()
        entities = (self.graph.entity_of(item.reference) for item in self.sensitive)
        pairs = [(number, index.origin(entity)) for number, entity in enumerate(entities)]
        return index.propagate(_seeds(pairs, Strength.TABLE), self.ends[list(self._models)])

    def _proving(self, label: int, place: int) -> Callable[[], Shown]:
        def prove() -> Shown:
            end = int(self.ends[place])
            origin, path, masked_by, deleted = self._paths.find(label, end)
            sensitive = self._by_origin[origin] if self.by_tag else self.sensitive[label]
            return Shown(sensitive, path, masked_by, deleted)

        return prove

    @cached_property
    def _by_origin(self) -> dict[int, Sensitive]:
        return {self.index.origin(item.reference): item for item in self.sensitive}


def gap_origins(index: Index, gap: Gap) -> list[int]:
    """List the nodes at which something may be missing: what leads there is not all known."""
    assert gap.subject is not None  # noqa: S101  # those without a subject hide everywhere
    if gap.unmapped_only:
        return index.unmapped_entries(gap.subject)
    return [index.entry(gap.subject)]


def _seeds(pairs: list[tuple[int, int]], strength: Strength) -> Seeds:
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Seeds(table[:, 0], table[:, 1], np.full(len(table), strength, dtype=np.uint8))
