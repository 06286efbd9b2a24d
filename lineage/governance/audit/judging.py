"""Judging: what an audit finds of its targets, each question answered for all of them at once.

Bits are propagated when the first verdict is asked for, gaps are named and paths are found when
somebody looks at an assessment.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np

from lineage.governance.audit.evidence_paths import EvidencePaths
from lineage.governance.audit.lazy_sequence import Lazy
from lineage.governance.audit.sensitivity import Sensitive
from lineage.governance.audit.upstream_gaps import UpstreamGaps
from lineage.governance.audit.verdicts import VERDICTS, Assessment, Finding, Shown, Verdict
from lineage.graph.index.adjacency import Flags, Longs, Strengths
from lineage.graph.index.index import Index
from lineage.graph.index.propagation import Propagated, Seeds
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import MaskingRule
from lineage.model.edges import Strength
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.queries.silence import Silence

__all__ = ["Judging", "Targets"]

_ORDER = {verdict: number for number, verdict in enumerate(Verdict)}
_STRENGTHS = {int(strength): strength for strength in Strength}
_KEPT = 1024
"""So many assessments are kept: all, with their findings, would take more than the graph."""

_BLOCK = 64
"""What reaches so many targets is put in order together: one by one takes longer."""

_Reaching: TypeAlias = tuple[int, Strength, bool]
"""A label that reaches a target, how strong, and whether it is of a proxy."""


class Targets(NamedTuple):
    """What is judged, and the numbers that the graph knows it by."""

    references: list[Reference]
    numbers: Longs


class Judging:
    """What reaches the targets, and which gaps do, each found for all of them at once.

    Parameters
    ----------
    graph : LineageGraph
    sensitive : tuple of Sensitive
        What is looked for.
    targets : Targets
        What it may reach.
    rules : tuple of MaskingRule
        The rules by which functions hide values.
    gaps : tuple of Gap
        What was not found of that which had to be looked for. It hides upstream of everything.
    by_tag : bool
        Whether there is a finding for each tag, not for each sensitive reference.

    Attributes
    ----------
    index : Index
        The graph at the grain of parts.
    ends : array of int64
        The nodes of the targets. What arrives at one is seen where it leaves.
    gaps : UpstreamGaps
        What was not read or not resolved.
    """

    def __init__(
        self,
        graph: LineageGraph,
        sensitive: tuple[Sensitive, ...],
        targets: Targets,
        rules: tuple[MaskingRule, ...],
        *,
        gaps: tuple[Gap, ...],
        by_tag: bool,
    ) -> None:
        self.graph, self.sensitive = graph, sensitive
        self.targets: Sequence[Reference]
        self.targets, self.ends = targets
        self.by_tag = by_tag
        self.index: Index = graph.part_index(rules)
        self.masking = graph.masking(rules)
        self.gaps = UpstreamGaps(graph, self.index, self.ends, gaps)
        self._assessments: dict[int, Assessment] = {}
        self._block: tuple[int, list[int], list[_Reaching]] | None = None

    @cached_property
    def labels(self) -> list[Sensitive] | list[str]:
        """What is propagated: what is sensitive, or in an audit by tag the tags."""
        if self.by_tag:
            return sorted({tag for item in self.sensitive for tag in item.tags})
        return list(self.sensitive)

    @cached_property
    def seeds(self) -> Seeds:
        """Where each label begins."""
        if not self.by_tag:
            return Seeds.of(list(enumerate(self._origins)), Strength.VALUE)
        numbers = {tag: number for number, tag in enumerate(self.labels)}
        carried = zip(self.sensitive, self._origins, strict=True)
        pairs = [(numbers[tag], origin) for item, origin in carried for tag in item.tags]
        return Seeds.of(pairs, Strength.VALUE)

    @cached_property
    def _origins(self) -> list[int]:
        """The node where each thing that is sensitive begins."""
        return [self.index.origin(item.reference) for item in self.sensitive]

    @cached_property
    def reaching(self) -> Propagated:
        """Which labels reach which targets."""
        return self.index.propagate(self.seeds, self.ends)

    @cached_property
    def _paths(self) -> EvidencePaths:
        return EvidencePaths(self.graph, self.index, self.masking, self.seeds)

    @cached_property
    def silence(self) -> Silence:
        """Where edges do not report what influences, and something may have arrived."""
        # What was not read may be sensitive too.
        origins = np.append(self.seeds.nodes, self.gaps.seeds.nodes)
        return Silence(self.graph, self.index, np.unique(origins))

    @cached_property
    def _best(self) -> Strengths:
        """The strongest that reaches each target; 0 where nothing does."""
        return self.reaching.best()

    @cached_property
    def is_silent(self) -> Flags:
        """Whether an edge upstream of each target may hide an influence of something sensitive."""
        return self.silence.may_reach(self.ends)

    @cached_property
    def _are_proxies(self) -> Flags:
        """Of each label whether it only says something of the data; no tag does."""
        if self.by_tag:
            return np.zeros(len(self.labels), dtype=np.bool_)
        return np.array([item.proxy is not None for item in self.sensitive], dtype=np.bool_)

    @cached_property
    def _verdicts(self) -> list[Verdict]:
        direct = self._best
        if self._are_proxies.any():
            direct = self.reaching.best(~self._are_proxies)
        answers = {
            **{VERDICTS[strength]: direct == strength for strength in VERDICTS},
            Verdict.DECLARED_PROXY: self._best > 0,
            Verdict.UNKNOWN: self.gaps.are_there,
            Verdict.NO_VALUE_PATH: self.is_silent,
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

    def strengths(self) -> Strengths:
        """Return how much each finding proves, in the order of the findings."""
        targets, labels, strengths = self.reaching.pairs()
        weakness = np.uint8(max(Strength)) - strengths
        order = np.lexsort((weakness, self._are_proxies[labels], targets))
        return strengths[order]

    def assessment(self, place: int) -> Assessment:
        """Say of one target what reaches it and what may be missing upstream of it."""
        if place not in self._assessments:
            if len(self._assessments) >= _KEPT:
                self._assessments.clear()
            target = self.targets[place]
            self._assessments[place] = Assessment(
                target,
                self.graph.entity_of(target),
                self._verdicts[place],
                self._findings(place) if self._best[place] else (),
                self.gaps.of_target(place),
                self._silent_edges(place) if self.is_silent[place] else (),
                self._staying_behind(place) if target.kind == Kind.MLMODEL else (),
            )
        return self._assessments[place]

    def _findings(self, place: int) -> Sequence[Finding]:
        return Lazy(
            lambda: tuple(self._each_finding(place)), count=lambda: self._counts[place], some=True
        )

    def _each_finding(self, place: int) -> Iterator[Finding]:
        target = self.targets[place]
        model = self.graph.entity_of(target)
        for label, strength, is_proxy in self._ordered(place):
            yield _Found(target, model, strength, is_proxy, self.labels[label], self, label, place)

    def _ordered(self, place: int) -> Iterator[_Reaching]:
        """List what reaches a target, strongest verdict first; the others by number."""
        block, row = divmod(place, _BLOCK)
        if self._block is None or self._block[0] != block:
            self._block = block, *self._ordered_block(block)
        _, begins, reaching = self._block
        return iter(reaching[begins[row] : begins[row + 1]])

    def _ordered_block(self, block: int) -> tuple[list[int], list[_Reaching]]:
        words = self.reaching.words[block * _BLOCK : (block + 1) * _BLOCK]
        rows, labels, strengths = Propagated(self.reaching.strengths, words).pairs()
        are_proxies = self._are_proxies[labels]
        order = np.lexsort((labels, -strengths.astype(np.int64), are_proxies, rows))
        proving = map(_STRENGTHS.__getitem__, strengths[order].tolist())
        columns = labels[order].tolist(), proving, are_proxies[order].tolist()
        begins = np.searchsorted(rows, np.arange(len(words) + 1)).tolist()
        return begins, list(zip(*columns, strict=True))

    def _silent_edges(self, place: int) -> Sequence[Gap]:
        return Lazy(lambda: self.silence.gaps(int(self.ends[place])), some=True)

    def _staying_behind(self, place: int) -> Sequence[Sensitive]:
        return Lazy(lambda: tuple(self.sensitive[number] for number in self.behind(place)))

    def behind(self, place: int) -> list[int]:
        """Find what is sensitive in the entities upstream of a model and does not reach it."""
        upstream, _ = self._upstream.of_target(self._models[place])
        arriving, _ = self._arriving.of_target(place)
        numbers: list[int] = np.setdiff1d(upstream, arriving).tolist()
        return numbers

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
        return index.propagate(Seeds.of(pairs, Strength.TABLE), self.ends[list(self._models)])

    @cached_property
    def _arriving(self) -> Propagated:
        """Which sensitive data reaches which targets: each by itself, in an audit by tag too."""
        if not self.by_tag:
            return self.reaching
        seeds = Seeds.of(list(enumerate(self._origins)), Strength.TABLE)
        return self.index.propagate(seeds, self.ends)

    def prove(self, label: int, place: int) -> Shown:
        """Find the path of a label to a target."""
        end = int(self.ends[place])
        origin, path, masked_by, deleted = self._paths.find(label, end)
        sensitive = self._by_origin[origin] if self.by_tag else self.sensitive[label]
        return Shown(sensitive, path, masked_by, deleted)

    @cached_property
    def _by_origin(self) -> dict[int, Sensitive]:
        return dict(zip(self._origins, self.sensitive, strict=True))


class _Found(Finding):
    """A finding that knows where its path is found; there are millions of them."""

    __slots__ = ("_judging", "_label", "_place")

    def __init__(  # noqa: PLR0913, PLR0917  # by place: half the time of making one goes into names
        self,
        target: Reference,
        model: Reference,
        strength: Strength,
        is_proxy: bool,  # noqa: FBT001
        about: Sensitive | str,
        judging: Judging,
        label: int,
        place: int,
    ) -> None:
        self.target, self.model, self.strength = target, model, strength
        self.is_proxy, self._about, self._shown = is_proxy, about, None
        self._judging, self._label, self._place = judging, label, place

    def _find(self) -> Shown:
        return self._judging.prove(self._label, self._place)
