"""Screening: which tags reach which models, and how strong, without a way to show for it.

The audit's verdicts by tag, for catalogs of which only the outline is wanted: many times faster,
since no path is walked back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from lineage.governance.audit.audit import Verdict, start_of
from lineage.governance.audit.masking import find_masking
from lineage.governance.audit.masking_rules import RULES, MaskingRule
from lineage.governance.audit.sensitivity import SENSITIVE_TAGS, find_sensitive
from lineage.governance.audit.verdicts import VERDICTS
from lineage.graph.index.index import Index
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.reference import Kind, Reference

__all__ = ["Screened", "Screening", "screen"]


class Screened(NamedTuple):
    """The verdict about a tag and a model."""

    model: Reference
    tag: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, repr=False)
class Screening(Answer):
    """The verdicts about some models and all tags that were found.

    Attributes
    ----------
    verdicts : tuple of Screened
        Sorted by model, then by tag.
    """

    verdicts: tuple[Screened, ...]

    def summary(self) -> str:
        """Count the pairs by verdict."""
        found = [item.verdict for item in self.verdicts]
        counts = [f"{found.count(verdict)} {verdict}" for verdict in Verdict if verdict in found]
        models = len({item.model for item in self.verdicts})
        tags = len({item.tag for item in self.verdicts})
        pairs = f"{counted(models, 'model')}, {counted(tags, 'tag')}"
        return f"{pairs}: {', '.join(counts) or 'nothing to screen'}"

    def to_records(self) -> list[Record]:
        """Give one row for each model and tag."""
        return [
            {"model": item.model.fqn, "tag": item.tag, "verdict": str(item.verdict)}
            for item in self.verdicts
        ]


def screen(
    graph: LineageGraph,
    *,
    models: Iterable[Reference] | None = None,
    tags: tuple[str, ...] = SENSITIVE_TAGS,
    suggested: bool = False,
    rules: tuple[MaskingRule, ...] = RULES,
) -> Screening:
    """Tell which tags reach which models; `audit(graph, by="tag")` shows the ways too.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    models : iterable of Reference, optional
        The models to screen; all of them unless told otherwise.
    tags : tuple of str
        Patterns of the tags that make data sensitive.
    suggested : bool
        Whether suggested and automatic labels count.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library unless told otherwise.

    Returns
    -------
    Screening
        Sorted by model, then by tag. `no-path` is said only of a whole closure.

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
    >>> screen(build_graph(Snapshot(entities=(table, model))))
    <Screening: 1 model, 1 tag: 1 reaches>
    """
    wanted = graph.references(Kind.MLMODEL) if models is None else sorted(set(models))
    for model in wanted:
        graph.value(model)  # an unknown one is refused here
    index = graph.part_index(find_masking(graph, rules=rules))
    sensitive = find_sensitive(graph, tags=tags, suggested=suggested)
    names = sorted({tag for item in sensitive for tag in item.tags})
    numbers = {tag: number for number, tag in enumerate(names)}
    seeds = [(numbers[tag], start_of(index, item)) for item in sensitive for tag in item.tags]
    ends = [index.exit(model) for model in wanted]
    found = {(end, label): strength for label, end, strength in index.screen(seeds, ends)}
    not_whole = _not_whole(graph, index, ends)
    verdicts = []
    for model, end in zip(wanted, ends, strict=True):
        nothing_found = Verdict.UNKNOWN if end in not_whole else Verdict.NO_PATH
        for tag, number in numbers.items():
            strength = found.get((end, number))
            verdict = nothing_found if strength is None else VERDICTS[strength]
            verdicts.append(Screened(model, tag, verdict))
    return Screening(tuple(verdicts))


def _not_whole(graph: LineageGraph, index: Index, ends: list[int]) -> frozenset[int]:
    """Find the ends upstream of which something was not read or resolved."""
    hiding = [gap.subject for gap in graph.gaps if gap.hides_upstream]
    if any(subject is None or subject not in graph for subject in hiding):
        return frozenset(ends)
    seeds = [(0, index.entry(subject)) for subject in hiding if subject is not None]
    return frozenset(end for _, end in index.reached_labels(seeds, ends))
